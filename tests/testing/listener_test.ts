import assert from "node:assert/strict";
import {
  createSimulator,
  cut,
  disconnected,
  fault,
  reply,
  silent,
  type Simulator,
} from "../../testing.ts";
import { makeCertificates } from "../../src/testing/tls.ts";
import { ask, classic, CLIENT_ID, eventsOf, postJson, textOf } from "./client.ts";

/** Asks over the socket. */
async function askThere(
  simulator: Simulator,
  baseUrl: URL,
  signal?: AbortSignal,
): Promise<Response> {
  const there = { fetch, baseUrl: baseUrl.href };
  return await ask(simulator, classic(), signal === undefined ? there : { ...there, signal });
}

Deno.test("listen() gives loopback addresses, and the environment that names them", async () => {
  await using simulator = createSimulator();
  const { issuer, baseUrl, apiBaseUrl, env } = await simulator.listen();
  const origin = `http://127.0.0.1:${issuer.port}`;
  assert.equal(issuer.href, `${origin}/`);
  assert.equal(baseUrl.href, `${origin}/backend-api/codex`);
  assert.equal(apiBaseUrl.href, `${origin}/v1`);
  assert.deepEqual(env, {
    CODEX_ISSUER_URL: origin,
    CODEX_BASE_URL: baseUrl.href,
    CODEX_API_BASE_URL: apiBaseUrl.href,
    NO_PROXY: "127.0.0.1",
  });
  const made = simulator.signIn({ issuer, baseUrl });
  assert.equal(made.issuer, origin);
  assert.equal(made.baseUrl, baseUrl.href);
});

Deno.test("a whole sign-in and an answer work over the socket", async () => {
  await using simulator = createSimulator({
    device: { approveAfter: 1 },
    turns: [reply("Over a socket: Grüße.")],
  });
  const { issuer, baseUrl } = await simulator.listen();
  const post = (path: string, body: unknown) =>
    fetch(new URL(path, issuer), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }).then((response) => response.json());
  const begun = await post("/api/accounts/deviceauth/usercode", { client_id: CLIENT_ID });
  const granted = await post("/api/accounts/deviceauth/token", begun);
  const tokens = await fetch(new URL("/oauth/token", issuer), {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: CLIENT_ID,
      code: granted.authorization_code,
      redirect_uri: new URL("/deviceauth/callback", issuer).href,
      code_verifier: granted.code_verifier,
    }),
  });
  assert.equal(tokens.status, 200);
  const { access_token } = await tokens.json();
  const response = await ask(simulator, classic(), {
    fetch,
    baseUrl: baseUrl.href,
    headers: { authorization: `Bearer ${access_token}` },
  });
  assert.equal(textOf(eventsOf(await response.text())), "Over a socket: Grüße.");
});

Deno.test("an answer streams over the socket: what was said is there before the rest", async () => {
  await using simulator = createSimulator({
    turns: [silent({ afterChunks: 1, text: "now later" })],
  });
  const { baseUrl } = await simulator.listen();
  const controller = new AbortController();
  const response = await askThere(simulator, baseUrl, controller.signal);
  const decoder = new TextDecoder();
  let text = "";
  await assert.rejects(async () => {
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      if (text.includes('"delta":"now "')) controller.abort(new Error("seen"));
    }
  }, { message: "seen" });
  assert.doesNotMatch(text, /later/);
});

Deno.test("a stream that is cut by a reset breaks the connection, a close just ends it", async () => {
  await using simulator = createSimulator({
    turns: [cut({ how: "reset" }), cut({ how: "close" })],
  });
  const { baseUrl } = await simulator.listen();
  const reset = await askThere(simulator, baseUrl);
  await assert.rejects(reset.text(), {
    name: "TypeError",
    message: "error reading a body from connection",
  });
  const closed = await askThere(simulator, baseUrl);
  assert.equal(textOf(eventsOf(await closed.text())), "Hello ");
});

Deno.test("a dropped connection ends before the headers, and the next request is served", async () => {
  await using simulator = createSimulator({ turns: [disconnected("reset"), reply("again")] });
  const { baseUrl } = await simulator.listen();
  await assert.rejects(askThere(simulator, baseUrl), (error: unknown) => {
    assert.ok(error instanceof TypeError && error.cause instanceof Error);
    assert.match(error.cause.message, /connection closed before message completed/);
    return true;
  });
  const response = await askThere(simulator, baseUrl);
  assert.equal(textOf(eventsOf(await response.text())), "again");
});

Deno.test("a refresh answer is lost on the wire after the token was rotated", async () => {
  await using simulator = createSimulator({
    faults: [fault("refresh", { connection: "reset", effect: true })],
  });
  const { issuer } = await simulator.listen();
  const { refresh } = simulator.signIn();
  const body = { client_id: CLIENT_ID, grant_type: "refresh_token", refresh_token: refresh };
  const send = () =>
    fetch(new URL("/oauth/token", issuer), { method: "POST", body: JSON.stringify(body) });
  await assert.rejects(send(), TypeError);
  const again = await postJson(simulator, new URL("/oauth/token", issuer).href, body);
  assert.equal(again.status, 401);
});

Deno.test("a client that gives up ends its request, and disposing ends every other", async () => {
  const simulator = createSimulator({ turns: [disconnected("hang", { times: "always" })] });
  const { baseUrl } = await simulator.listen();
  const controller = new AbortController();
  const given = askThere(simulator, baseUrl, controller.signal);
  const kept = askThere(simulator, baseUrl);
  while (simulator.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  controller.abort(new Error("enough"));
  await assert.rejects(given, { message: "enough" });
  await Promise.all([
    assert.rejects(kept, TypeError),
    simulator[Symbol.asyncDispose](),
  ]);
  await assert.rejects(askThere(simulator, baseUrl), TypeError);
});

Deno.test("disposing ends a stream that has fallen silent", async () => {
  const simulator = createSimulator({ turns: [silent({ afterChunks: 1 })] });
  const { baseUrl } = await simulator.listen();
  const response = await askThere(simulator, baseUrl);
  const reading = response.text();
  await Promise.all([
    assert.rejects(reading, TypeError),
    simulator[Symbol.asyncDispose](),
  ]);
});

Deno.test("many clients are served at once", async () => {
  await using simulator = createSimulator({ turns: [reply("a b c", { times: "always" })] });
  const { baseUrl } = await simulator.listen();
  const texts = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const response = await askThere(simulator, baseUrl);
      return textOf(eventsOf(await response.text()));
    }),
  );
  assert.deepEqual(texts, Array.from({ length: 20 }, () => "a b c"));
});

Deno.test("an upgrade to a WebSocket is refused over the socket", async () => {
  await using simulator = createSimulator();
  const { baseUrl } = await simulator.listen();
  const socket = new WebSocket(`${baseUrl.href.replace("http", "ws")}/responses`);
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.onerror = () => {};
  socket.onclose = () => resolve();
  await promise;
  assert.deepEqual(simulator.requestsTo("websocket").map(({ status }) => status), [426]);
});

Deno.test("listen() takes a port, and says when it is taken", async () => {
  await using simulator = createSimulator();
  const { issuer } = await simulator.listen();
  await assert.rejects(simulator.listen({ port: Number(issuer.port) }), Deno.errors.AddrInUse);
  const second = await simulator.listen();
  assert.notEqual(second.issuer.port, issuer.port);
});

Deno.test("listen() speaks TLS with a certificate, and a device code is good there", async () => {
  await using simulator = createSimulator({ device: { approveAfter: 1 } });
  const { ca, cert, key } = await makeCertificates(["127.0.0.1"]);
  const { issuer, baseUrl, env } = await simulator.listen({ tls: { cert, key } });
  assert.equal(env["CODEX_BASE_URL"], baseUrl.href);
  assert.equal(issuer.protocol, "https:");
  using client = Deno.createHttpClient({ caCerts: [ca] });
  const post = (path: string, body: BodyInit) =>
    fetch(new URL(path, issuer), { method: "POST", body, client });
  const begin = JSON.stringify({ client_id: CLIENT_ID });
  const begun = await (await post("/api/accounts/deviceauth/usercode", begin)).text();
  const granted = await (await post("/api/accounts/deviceauth/token", begun)).json();
  const tokens = await post(
    "/oauth/token",
    new URLSearchParams({
      grant_type: "authorization_code",
      client_id: CLIENT_ID,
      code: granted.authorization_code,
      redirect_uri: new URL("/deviceauth/callback", issuer).href,
      code_verifier: granted.code_verifier,
    }),
  );
  assert.equal(tokens.status, 200);
  await tokens.body?.cancel();
  assert.ok(simulator.requests.every(({ url }) => url.startsWith(issuer.href)));
});
