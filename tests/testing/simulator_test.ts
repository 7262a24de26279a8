import assert from "node:assert/strict";
import { isCodexError } from "../../mod.ts";
import { createSimulator, type Fault, fault, reply, type Turn } from "../../testing.ts";
import { ManualClock } from "../support/manual_clock.ts";
import {
  admission,
  ask,
  askForEvents,
  BACKEND,
  claimsOf,
  classic,
  CLIENT_ID,
  ISSUER,
  postJson,
  refresh,
  textOf,
} from "./client.ts";

Deno.test("createSimulator() answers every prompt with the same sentence, word by word", async () => {
  await using simulator = createSimulator();
  const first = await askForEvents(simulator);
  const second = await askForEvents(
    simulator,
    classic({ input: [{ role: "user", content: "?" }] }),
  );
  assert.ok(first.filter(({ type }) => type === "response.output_text.delta").length > 5);
  assert.match(textOf(first), /^Hello from the simulator! .+\.$/);
  assert.equal(textOf(second), textOf(first));
});

Deno.test("createSimulator() says what the scenario gives as its sentence", async () => {
  await using simulator = createSimulator({ reply: "Good day." });
  assert.equal(textOf(await askForEvents(simulator)), "Good day.");
});

Deno.test("createSimulator() plays the turns of the scenario, then those enqueued", async () => {
  await using simulator = createSimulator({ turns: [reply("one")] });
  simulator.enqueue(reply("two"), reply("three"));
  assert.equal(simulator.pendingTurns, 3);
  for (const word of ["one", "two", "three"]) {
    assert.equal(textOf(await askForEvents(simulator)), word);
  }
  assert.equal(simulator.pendingTurns, 0);
});

Deno.test("a scenario survives a file: all of it is JSON", async () => {
  const scenario = {
    now: "2027-01-15T08:00:00Z",
    turns: [reply("from a file", { chunks: 3, when: "/^hi$/i" })],
    faults: [fault("models", { status: 500, times: 2 })],
  };
  await using simulator = createSimulator(JSON.parse(JSON.stringify(scenario)));
  assert.equal(textOf(await askForEvents(simulator)), "from a file");
});

Deno.test("fetch answers for any host, and says where it was asked", async () => {
  await using simulator = createSimulator();
  for (const origin of ["https://chatgpt.com", "http://127.0.0.1:9", "https://example.org"]) {
    const url = `${origin}/backend-api/codex/models?client_version=0.169.0`;
    const response = await simulator.fetch(url, { headers: admission(simulator) });
    assert.equal(response.status, 200);
    assert.equal(response.url, url);
    await response.body?.cancel();
  }
});

Deno.test("fetch takes a Request and a URL as well as a string", async () => {
  await using simulator = createSimulator();
  const url = new URL(`${BACKEND}/wham/usage`);
  const headers = admission(simulator);
  assert.equal((await simulator.fetch(new Request(url, { headers }))).status, 200);
  assert.equal((await simulator.fetch(url, { headers })).status, 200);
});

Deno.test("what is not known answers 404 and is recorded all the same", async () => {
  await using simulator = createSimulator();
  const response = await simulator.fetch(`${BACKEND}/ps/plugins/installed?limit=200`);
  assert.equal(response.status, 404);
  assert.equal((await response.json()).error.code, "not_found");
  assert.deepEqual(simulator.requestsTo("unknown").map(({ path }) => path), [
    "/backend-api/ps/plugins/installed",
  ]);
});

Deno.test("requests hold all that was sent, and how it was answered", async () => {
  await using simulator = createSimulator({ now: "2027-01-15T08:00:00Z" });
  await (await ask(simulator, classic({ model: "nope" }), { headers: { "X-Own": "1" } })).text();
  const [request] = simulator.requests;
  assert.equal(request?.route, "responses");
  assert.equal(request.method, "POST");
  assert.equal(request.url, "https://chatgpt.com/backend-api/codex/responses");
  assert.equal(request.path, "/backend-api/codex/responses");
  assert.equal(request.headers["x-own"], "1");
  assert.deepEqual(request.json, classic({ model: "nope" }));
  assert.equal(request.body, JSON.stringify(classic({ model: "nope" })));
  assert.equal(request.form, undefined);
  assert.equal(request.at, Date.parse("2027-01-15T08:00:00Z"));
  assert.equal(request.status, 400);
  simulator.clearRequests();
  assert.deepEqual(simulator.requests, []);
});

Deno.test("onRequest is told of each request with its status, a dropped one without", async () => {
  const seen: string[] = [];
  await using simulator = createSimulator(
    { faults: [fault("usage", { connection: "reset" })] },
    { onRequest: ({ route, status }) => seen.push(`${route} ${status}`) },
  );
  const usage = () => simulator.fetch(`${BACKEND}/wham/usage`, { headers: admission(simulator) });
  await assert.rejects(usage(), TypeError);
  await (await usage()).text();
  assert.deepEqual(seen, ["usage undefined", "usage 200"]);
});

Deno.test("the store holds a sign-in that the backend takes", async () => {
  await using simulator = createSimulator();
  const held = await simulator.store.read();
  assert.equal(held?.type, "oauth");
  assert.equal(held.issuer, undefined);
  const response = await simulator.fetch(`${BACKEND}/wham/usage`, {
    headers: {
      authorization: `Bearer ${held.access}`,
      "chatgpt-account-id": held.accountId ?? "",
    },
  });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).account_id, held.accountId);
});

Deno.test("the store is empty when the scenario says so", async () => {
  await using simulator = createSimulator({ signedIn: false });
  assert.equal(await simulator.store.read(), undefined);
});

Deno.test("signIn() notes where it belongs, without a slash at the end", async () => {
  await using simulator = createSimulator();
  const made = simulator.signIn({
    issuer: new URL("http://127.0.0.1:9"),
    baseUrl: "http://127.0.0.1:9/backend-api/codex/",
  });
  assert.equal(made.issuer, "http://127.0.0.1:9");
  assert.equal(made.baseUrl, "http://127.0.0.1:9/backend-api/codex");
});

Deno.test("signIn() makes tokens of the length and for the workspace that is asked for", async () => {
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    account: { workspaces: [{ id: "acct-1", plan: "plus" }, { id: "acct-2", plan: "team" }] },
  });
  const made = simulator.signIn({ lifetimeSeconds: -60, accountId: "acct-2" });
  assert.equal(made.accountId, "acct-2");
  assert.equal(made.expires, Date.parse("2027-01-15T07:59:00Z"));
  assert.equal(claimsOf(made.access)["exp"], made.expires / 1000);
});

Deno.test("two simulators do not take each other's tokens, unless they have one seed", async () => {
  const now = "2027-01-15T08:00:00Z";
  await using one = createSimulator({ now });
  await using other = createSimulator({ now });
  const headers = admission(one);
  const asked = await other.fetch(`${BACKEND}/wham/usage`, { headers });
  assert.equal(asked.status, 401);
  await using first = createSimulator({ now, seed: "same" });
  await using second = createSimulator({ now, seed: "same" });
  assert.deepEqual(first.signIn(), second.signIn());
});

Deno.test("createSimulator() takes time of the caller's own", async () => {
  const clock = new ManualClock();
  await using simulator = createSimulator({}, { clock });
  assert.equal(simulator.clock, clock);
  simulator.enqueue(reply("a b", { delayMs: 60_000 }));
  const text = askForEvents(simulator).then(textOf);
  assert.equal(await clock.run(text, 30_000), "a b");
  assert.equal(clock.now(), new ManualClock().now() + 120_000);
});

Deno.test("an answer has the simulator's date, on a port too, unless its turn gives another", async () => {
  const date = "Thu, 01 Jan 1998 00:00:00 GMT";
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    turns: [reply("Hi"), reply("Hi", { headers: { date } })],
  });
  const { issuer } = await simulator.listen();
  for (const answer of [await fetch(issuer), await simulator.fetch(issuer)]) {
    assert.equal(answer.headers.get("date"), "Fri, 15 Jan 2027 08:00:00 GMT");
    await answer.body?.cancel();
  }
  await simulator.clock.advance(60_000);
  for (const expected of ["Fri, 15 Jan 2027 08:01:00 GMT", date]) {
    const response = await ask(simulator);
    assert.equal(response.headers.get("date"), expected);
    await response.body?.cancel();
  }
});

/** What a program in plain JavaScript may give. */
const MISTAKES: readonly (readonly [scenario: object, told: string])[] = [
  [{ turn: [] }, '"/turn" is not known'],
  [{ turns: [{ repply: "a" }] }, '"/turns/0" must be a turn'],
  [{ device: { outcome: "denied" } }, '"/device/outcome" must be "approve" or'],
  [{ faults: [{ route: "tokens" }] }, '"/faults/0/route" must be'],
  [{ turns: [{ type: "http", status: 204, body: "a" }] }, '"/turns/0/body" must not be there'],
];

for (const [scenario, told] of MISTAKES) {
  Deno.test(`createSimulator() says what is wrong with ${JSON.stringify(scenario)}`, () => {
    assert.throws(() => createSimulator(scenario), (error) => {
      assert.ok(isCodexError(error, "invalid_usage"));
      assert.ok(error.message.startsWith(`The scenario cannot be used: ${told}`), error.message);
      return true;
    });
  });
}

Deno.test("enqueue() and fail() say what is wrong, and then nothing is added", async () => {
  await using simulator = createSimulator();
  const turn: object = { type: "answer", items: [], ending: { type: "ended" } };
  assert.throws(() => simulator.enqueue(reply("a"), turn as Turn), {
    name: "CodexError",
    message: /^The list of turns cannot be used: "\/1\/ending\/type" must be/,
  });
  assert.equal(simulator.pendingTurns, 0);
  const wrong: object = { route: "usage", delay: 5 };
  assert.throws(() => simulator.fail(wrong as Fault), {
    name: "CodexError",
    message: /^The list of faults cannot be used: "\/0\/delay" is not known/,
  });
  const headers = admission(simulator);
  const usage = await simulator.fetch("https://chatgpt.com/backend-api/wham/usage", { headers });
  assert.equal(usage.status, 200);
  await usage.body?.cancel();
});

Deno.test("createSimulator(), enqueue() and fail() take what is written in short", async () => {
  const scenario: object = {
    turns: [{ reply: "one" }],
    faults: [{ refreshFails: "invalid_grant" }],
  };
  await using simulator = createSimulator(scenario);
  const turn: object = { reply: "two" };
  simulator.enqueue(turn as Turn);
  assert.equal(textOf(await askForEvents(simulator)), "one");
  assert.equal(textOf(await askForEvents(simulator)), "two");
  assert.equal((await refresh(simulator, simulator.signIn().refresh)).status, 400);
  const short: object = { refreshFails: "refresh_token_expired" };
  simulator.fail(short as Fault);
  assert.equal((await refresh(simulator, simulator.signIn().refresh)).status, 401);
});

Deno.test("createSimulator() takes a member that is undefined as left out", async () => {
  const scenario: object = { now: undefined, reply: undefined, device: { interval: undefined } };
  await using simulator = createSimulator(scenario);
  const body = { client_id: CLIENT_ID };
  const url = `${ISSUER}/api/accounts/deviceauth/usercode`;
  assert.equal((await (await postJson(simulator, url, body)).json()).interval, "1");
});

Deno.test("createSimulator() says that it cannot read an instant", () => {
  assert.throws(() => createSimulator({ now: "yesterday" }), {
    name: "CodexError",
    message: 'The scenario cannot be used: "/now" must be an instant such as ' +
      '2027-01-15T08:00:00Z, not "yesterday"',
  });
});

Deno.test("createSimulator() works in a process without any permission", async () => {
  const program = `
    import { createSimulator, reply } from ${
    JSON.stringify(import.meta.resolve("../../testing.ts"))
  };
    import { ask, BACKEND, admission } from ${JSON.stringify(import.meta.resolve("./client.ts"))};
    await using simulator = createSimulator({ turns: [reply("no permission")] });
    const list = await simulator.fetch(BACKEND + "/codex/models?client_version=0.169.0", {
      headers: admission(simulator),
    });
    console.log((await list.json()).models.length > 5);
    console.log((await (await ask(simulator)).text()).includes("permission"));
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-lock", "--ext=ts", "--no-check", "-"],
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(new TextDecoder().decode(stdout), "true\ntrue\n");
  assert.equal(code, 0);
});

Deno.test("createSimulator() refuses options that it does not know, or that are no good", async () => {
  const simulator = createSimulator();
  const wrong: readonly (readonly [message: RegExp, ask: () => unknown])[] = [
    [/no object/, () => createSimulator({}, 5 as never)],
    [
      /option onRequst of createSimulator\(\) is not known/,
      () => createSimulator({}, { onRequst() {} } as never),
    ],
    [
      /option clock of createSimulator\(\) has to be/,
      () => createSimulator({}, { clock: Date as never }),
    ],
    [
      /option lifetime of signIn\(\) is not known/,
      () => simulator.signIn({ lifetime: 5 } as never),
    ],
    [
      /lifetimeSeconds of signIn\(\) has to be a number/,
      () => simulator.signIn({ lifetimeSeconds: NaN }),
    ],
    [/"nope" is none of the simulator's routes/, () => simulator.requestsTo("nope" as never)],
  ];
  for (const [message, ask] of wrong) {
    assert.throws(ask, { code: "invalid_usage", message });
  }
  for (const options of [{ foo: 1 }, { port: -1 }, { port: "x" }, { tls: {} }]) {
    await assert.rejects(simulator.listen(options as never), { code: "invalid_usage" });
  }
  await simulator[Symbol.asyncDispose]();
});

Deno.test("createSimulator() answers nothing more once it was disposed of", async () => {
  const simulator = createSimulator();
  await simulator[Symbol.asyncDispose]();
  const gone = { code: "invalid_usage", message: "The simulator was disposed of" };
  await assert.rejects(simulator.fetch("https://chatgpt.com/backend-api/codex/models"), gone);
  await assert.rejects(simulator.listen(), gone);
});
