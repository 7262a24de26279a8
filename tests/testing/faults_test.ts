import assert from "node:assert/strict";
import { createSimulator, fault, refreshFails, reply } from "../../testing.ts";
import { FaultPlan } from "../../src/testing/faults.ts";
import { admission, ask, BACKEND, refresh } from "./client.ts";

Deno.test("FaultPlan.take() counts what it lets pass and what it spoils", () => {
  const plan = new FaultPlan();
  plan.add([fault("models", { status: 500, skip: 1, times: 2 }), fault("any", { status: 404 })]);
  const taken = ["models", "models", "models", "models", "models"] as const;
  assert.deepEqual(taken.map((route) => plan.take(route)?.fault.status), [
    404,
    500,
    500,
    undefined,
    undefined,
  ]);
});

Deno.test("fault() answers with a status and a body as often as it says, then no more", async () => {
  await using simulator = createSimulator();
  simulator.fail(
    fault("models", { status: 503, body: "busy", headers: { "retry-after": "1" }, times: 2 }),
  );
  const list = () => {
    const headers = admission(simulator);
    return simulator.fetch(`${BACKEND}/codex/models?client_version=0.169.0`, { headers });
  };
  for (let time = 0; time < 2; time++) {
    const response = await list();
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal(await response.text(), "busy");
  }
  assert.equal((await list()).status, 200);
});

Deno.test("fault() gives a 200 whose JSON is not what the client wants", async () => {
  await using simulator = createSimulator({ faults: [fault("refresh", { body: {} })] });
  const { refresh: token } = simulator.signIn();
  assert.deepEqual(await refresh(simulator, token), { status: 200, body: {} });
  // It took no effect: the token is still good.
  assert.equal((await refresh(simulator, token)).status, 200);
});

Deno.test("fault() loses an answer after the request took effect", async () => {
  await using simulator = createSimulator({
    faults: [fault("refresh", { connection: "reset", effect: true })],
  });
  const { refresh: token } = simulator.signIn();
  await assert.rejects(refresh(simulator, token), { name: "TypeError", message: "fetch failed" });
  const again = await refresh(simulator, token);
  assert.equal(again.status, 401);
});

Deno.test("fault() delays an answer by the simulator's time", async () => {
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    faults: [fault("usage", { delayMs: 5000, headers: { "x-late": "yes" } })],
  });
  let isAnswered = false;
  const asked = simulator.fetch(`${BACKEND}/wham/usage`, { headers: admission(simulator) })
    .finally(() => isAnswered = true);
  await simulator.clock.advance(4999);
  assert.equal(isAnswered, false);
  await simulator.clock.advance(1);
  const response = await asked;
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-late"), "yes");
});

Deno.test("fault() cuts an answer after so many bytes", async () => {
  await using simulator = createSimulator({ faults: [fault("usage", { cutAfterBytes: 10 })] });
  const url = `${BACKEND}/wham/usage`;
  const response = await simulator.fetch(url, { headers: admission(simulator) });
  assert.equal(response.status, 200);
  const got: number[] = [];
  await assert.rejects(async () => {
    for await (const bytes of response.body ?? []) got.push(...bytes);
  }, { message: "error reading a body from connection" });
  assert.equal(new TextDecoder().decode(new Uint8Array(got)), '{"user_id"');
});

Deno.test("fault() sends a status that has no body, and redirects", async () => {
  await using simulator = createSimulator({
    faults: [
      fault("usage", { status: 204 }),
      fault("usage", { status: 307, headers: { location: "https://example.com/" } }),
    ],
  });
  const url = `${BACKEND}/wham/usage`;
  assert.equal((await simulator.fetch(url)).status, 204);
  const moved = await simulator.fetch(url, { redirect: "manual" });
  assert.equal(moved.headers.get("location"), "https://example.com/");
});

Deno.test("fault() on any route spoils whatever comes", async () => {
  await using simulator = createSimulator({ faults: [fault("any", { status: 418 })] });
  assert.equal((await ask(simulator)).status, 418);
  assert.equal((await ask(simulator)).status, 200);
});

Deno.test("refreshFails() refuses with the status and the code of the service", async () => {
  await using simulator = createSimulator();
  const { refresh: token } = simulator.signIn();
  for (
    const [code, status] of [
      ["refresh_token_expired", 401],
      ["refresh_token_reused", 401],
      ["refresh_token_invalidated", 401],
      ["unsupported_country_region_territory", 403],
    ] as const
  ) {
    simulator.fail(refreshFails(code));
    const { status: got, body } = await refresh(simulator, token);
    assert.equal(got, status);
    assert.equal(Reflect.get(Object(body["error"]), "code"), code);
  }
  simulator.fail(refreshFails("invalid_grant"));
  assert.equal((await refresh(simulator, token)).body["error"], "invalid_grant");
});

Deno.test("fault() sends a body in pieces, with a pause between them", async () => {
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    faults: [fault("usage", { body: "abcdefg", bytesPerWrite: 3, writeEveryMs: 100 })],
  });
  const response = await simulator.fetch(`${BACKEND}/wham/usage`, {
    headers: admission(simulator),
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const pieces: unknown[] = [];
  const read = (async () => {
    for (;;) {
      const { done, value } = await reader?.read() ?? { done: true, value: undefined };
      if (done) return;
      pieces.push(value);
    }
  })();
  await simulator.clock.advance(99);
  assert.deepEqual(pieces, ["abc"]);
  await simulator.clock.advance(1);
  assert.deepEqual(pieces, ["abc", "def"]);
  await simulator.clock.advance(100);
  await read;
  assert.deepEqual(pieces, ["abc", "def", "g"]);
});

Deno.test("fault() stalls a body until the client leaves", async () => {
  await using simulator = createSimulator({ faults: [fault("usage", { stallAfterBytes: 3 })] });
  const leaving = new AbortController();
  const response = await simulator.fetch(`${BACKEND}/wham/usage`, {
    headers: admission(simulator),
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  assert.equal((await reader?.read())?.value?.length, 3);
  const next = reader?.read();
  leaving.abort(new Error("enough"));
  await assert.rejects(async () => await next, { message: "enough" });
});

Deno.test("fault() answers with bytes that are no text", async () => {
  await using simulator = createSimulator({ faults: [fault("usage", { base64: "/w==" })] });
  const headers = admission(simulator);
  const response = await simulator.fetch(`${BACKEND}/wham/usage`, { headers });
  assert.deepEqual(await response.bytes(), new Uint8Array([255]));
});

Deno.test("a recorded request says which fault spoilt it, and which turn answered it", async () => {
  await using simulator = createSimulator({
    turns: [reply("later", { when: "later" }), reply("now")],
    faults: [
      fault("models", { status: 500 }),
      fault("responses", { headers: { a: "b" }, skip: 1 }),
    ],
  });
  for (let time = 0; time < 3; time++) await (await ask(simulator)).text();
  const told = simulator.requests.map(({ turn, fault }) => ({ turn, fault }));
  assert.deepEqual(told, [
    { turn: 1, fault: undefined },
    { turn: undefined, fault: 1 },
    { turn: undefined, fault: undefined },
  ]);
});
