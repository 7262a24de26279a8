import assert from "node:assert/strict";
import { createClient, createFetch, isCodexError } from "../../../mod.ts";
import {
  createSimulator,
  cut,
  disconnected,
  failed,
  garbage,
  httpError,
  refreshFails,
  reply,
  type Simulator,
  unauthorized,
  usageLimit,
} from "../../../testing.ts";

const ADDRESS = "https://api.openai.com/v1/responses";

function fetchOf({ fetch, store, clock }: Simulator): typeof fetch {
  return createFetch({ fetch, store, clock });
}

function post(body: Record<string, unknown> = {}): RequestInit {
  return { method: "POST", body: JSON.stringify({ model: "gpt-5.5", input: "Hi", ...body }) };
}

Deno.test("Server answers with one whole response where no stream is asked for", async () => {
  await using simulator = createSimulator({ turns: [reply("Hello")] });
  const answer = await fetchOf(simulator)(ADDRESS, post({ temperature: 1, user: "me" }));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.get("x-codex-dropped"), "temperature, user");
  assert.match(answer.headers.get("x-request-id") ?? "", /^req_/);
  assert.equal(answer.headers.get("x-codex-primary-used-percent"), "12");
  const body = await answer.json();
  assert.deepEqual([body.object, body.status, body.model], ["response", "completed", "gpt-5.5"]);
  assert.equal(body.output[0].content[0].text, "Hello");
});

Deno.test("Server streams where a stream is asked for", async () => {
  await using simulator = createSimulator({ turns: [reply("Hello")] });
  const answer = await fetchOf(simulator)(ADDRESS, post({ stream: true }));
  assert.match(answer.headers.get("content-type") ?? "", /^text\/event-stream/);
  assert.match(await answer.text(), /"type":"response.completed".*"output":\[\{.*"Hello"/);
});

Deno.test("Server sends nothing of what the caller's headers say", async () => {
  await using simulator = createSimulator();
  const headers = {
    authorization: "Bearer sk-theirs",
    "api-key": "sk-theirs",
    "openai-organization": "org-theirs",
    "openai-project": "proj-theirs",
    cookie: "a=theirs",
    "x-own": "theirs",
  };
  await fetchOf(simulator)(ADDRESS, { ...post(), headers });
  await fetchOf(simulator)("https://api.openai.com/v1/models", { headers });
  assert.equal(simulator.requests.length, 2);
  for (const request of simulator.requests) {
    assert.doesNotMatch(JSON.stringify(request.headers), /theirs/);
    assert.match(request.headers["authorization"] ?? "", /^Bearer eyJ/);
  }
});

Deno.test("Server heals one 401 by a refresh, and gives the second one back", async () => {
  await using simulator = createSimulator({ turns: [unauthorized({ times: 3 })] });
  const answer = await fetchOf(simulator)(ADDRESS, post());
  assert.equal(answer.status, 401);
  assert.equal(answer.headers.get("x-codex-error"), "sign_in_rejected");
  assert.equal(simulator.requestsTo("responses").length, 2);
  assert.equal(simulator.requestsTo("refresh").length, 1);
});

Deno.test("Server tells a sign-in that is over as a 401, with what to type", async () => {
  await using simulator = createSimulator({ turns: [unauthorized()] });
  simulator.fail(refreshFails("refresh_token_expired"));
  const answer = await fetchOf(simulator)(ADDRESS, post());
  assert.equal(answer.status, 401);
  const { error } = await answer.json();
  assert.equal(error.code, "sign_in_expired");
  assert.match(error.message, /codex login/);
});

Deno.test("Server asks in the other shape where the model wants it, and remembers that", async () => {
  await using simulator = createSimulator({ rules: { wantsLite: ["*"] } });
  const fetch = fetchOf(simulator);
  const tools = [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }];
  const ask = () => fetch(ADDRESS, post({ model: "gpt-6-luna", tools }));
  assert.equal((await ask()).status, 200);
  assert.equal(simulator.requestsTo("responses").length, 2);
  assert.equal((await ask()).status, 200);
  assert.equal(simulator.requestsTo("responses").length, 3);
});

Deno.test("Server gives the service's refusal back in OpenAI's shape", async () => {
  await using simulator = createSimulator({
    turns: [httpError(400, { detail: "Something is unsupported" })],
  });
  const answer = await fetchOf(simulator)(ADDRESS, post());
  assert.equal(answer.status, 400);
  const { error } = await answer.json();
  assert.match(error.message, /Something is unsupported/);
  assert.deepEqual([error.type, error.code], ["invalid_request_error", "invalid_request"]);
});

Deno.test("Server makes a bad status of a failure within the answer, where no stream is asked for", async () => {
  await using simulator = createSimulator({
    turns: [failed("rate_limit_exceeded", "Please try again in 2s."), cut({ afterChunks: 1 })],
  });
  const fetch = fetchOf(simulator);
  const limited = await fetch(ADDRESS, post());
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("retry-after"), "2");
  assert.equal((await limited.json()).error.code, "rate_limit_exceeded");
  const broken = await fetch(ADDRESS, post());
  assert.equal(broken.status, 502);
  assert.equal(broken.headers.get("x-should-retry"), "true");
});

Deno.test("Server does not ask again while the plan is known to be used up", async () => {
  await using simulator = createSimulator({ turns: [usageLimit({ resetsIn: 3600 })] });
  const fetch = fetchOf(simulator);
  for (const _ of [1, 2]) {
    const answer = await fetch(ADDRESS, post());
    assert.equal(answer.status, 429);
    assert.equal(answer.headers.get("x-codex-error"), "usage_limit");
    assert.equal(answer.headers.get("x-should-retry"), "false");
    const wait = Number(answer.headers.get("retry-after"));
    assert.ok(wait > 3500 && wait <= 3600, String(wait));
  }
  assert.equal(simulator.requestsTo("responses").length, 1);
});

Deno.test("Server refuses a body before anything is sent, as an answer", async () => {
  await using simulator = createSimulator();
  const fetch = fetchOf(simulator);
  for (const body of ["no", JSON.stringify({ previous_response_id: "x" })]) {
    const answer = await fetch(ADDRESS, { method: "POST", body });
    assert.equal(answer.status, 400);
    assert.equal((await answer.json()).error.code, "invalid_request");
  }
  assert.equal(simulator.requests.length, 0);
});

Deno.test("Server fails as fetch does where the service cannot be reached", async () => {
  await using simulator = createSimulator({ turns: [disconnected("refused")] });
  await assert.rejects(fetchOf(simulator)(ADDRESS, post()), (error) => {
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, "fetch failed");
    return isCodexError(error.cause, "network");
  });
});

Deno.test("Server passes an abort on, with its reason", async () => {
  await using simulator = createSimulator({ turns: [reply("Hello", { times: "always" })] });
  const fetch = fetchOf(simulator);
  const reason = new Error("enough");
  await assert.rejects(fetch(ADDRESS, { ...post(), signal: AbortSignal.abort(reason) }), reason);
  assert.equal(simulator.requests.length, 0);
  const always = new AbortController();
  const { store, clock } = simulator;
  const client = createClient({ fetch: simulator.fetch, store, clock, signal: always.signal });
  const answer = await client.createFetch()(ADDRESS, post({ stream: true }));
  always.abort(reason);
  await assert.rejects(answer.text(), reason);
});

Deno.test("Server lists the account's models as the public API does", async () => {
  await using simulator = createSimulator();
  const answer = await fetchOf(simulator)("https://api.openai.com/v1/models");
  const { object, data } = await answer.json();
  assert.equal(object, "list");
  assert.ok(data.some(({ id }: { id: string }) => id === "gpt-5.5"));
  assert.ok(!data.some(({ id }: { id: string }) => id === "codex-auto-review"), "only listed ones");
  assert.deepEqual(Object.keys(data[0]), ["id", "object", "created", "owned_by"]);
});

Deno.test("Server leaves a request to the public API's own rules with an API key", async () => {
  await using simulator = createSimulator({ turns: [reply("Hello")] });
  const client = createClient({ fetch: simulator.fetch, store: simulator.store });
  await client.login({ method: "api-key", key: "sk-simulator" });
  simulator.clearRequests();
  const fetch = client.createFetch();
  const headers = { authorization: "Bearer sk-theirs", accept: "application/json" };
  const answer = await fetch("https://elsewhere.test/responses?a=1", {
    ...post({ temperature: 1 }),
    headers,
  });
  assert.equal((await answer.json()).output[0].content[0].text, "Hello");
  const [request] = simulator.requests;
  assert.equal(request?.url, "https://api.openai.com/v1/responses?a=1");
  assert.equal(request?.headers["authorization"], "Bearer sk-simulator");
  assert.deepEqual(request?.json, { model: "gpt-5.5", input: "Hi", temperature: 1 });
  const refused = await fetch(ADDRESS, post({ model: "none" }));
  assert.deepEqual([refused.status, (await refused.json()).error.code], [404, "model_not_found"]);
  const { data } = await (await fetch("https://elsewhere.test/v1/models")).json();
  assert.ok(data.length > 0);
});

Deno.test("Server tells a proxy's page from an answer that was cut, stream or not", async () => {
  for (const stream of [true, false]) {
    await using simulator = createSimulator({ turns: [garbage({ kind: "html" })] });
    const { fetch, store } = simulator;
    const answer = await createFetch({ fetch, store })("https://api.openai.com/v1/responses", {
      method: "POST",
      body: JSON.stringify({ model: "gpt-5.5", input: "Hi", stream }),
    });
    assert.deepEqual([answer.status, answer.headers.get("x-should-retry")], [504, "false"]);
    const { error } = await answer.json();
    assert.equal(error.code, "network");
    assert.match(error.message, /something other than a stream\. Check for a proxy/);
  }
});
