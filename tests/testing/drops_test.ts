import assert from "node:assert/strict";
import { createSimulator, cut, disconnected } from "../../testing.ts";
import { fetchFailed } from "../../src/testing/drops.ts";
import { ask } from "./client.ts";

Deno.test("fetchFailed() has the shape of the error that Deno throws when nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/`);
  listener.close();
  const real: unknown = await fetch(url).catch((error: unknown) => error);
  const made = fetchFailed("refused", url);
  assert.ok(real instanceof TypeError && real.cause instanceof Error);
  assert.ok(made.cause instanceof Error);
  assert.equal(made.message, real.message);
  assert.equal(made.cause.message, real.cause.message);
});

Deno.test("disconnected() fails as the platform does, and uses up the turn", async () => {
  await using simulator = createSimulator();
  for (
    const [how, pattern] of [
      ["refused", /tcp connect error/],
      ["reset", /connection closed before message completed/],
      ["dns", /dns error/],
      ["certificate", /invalid peer certificate: UnknownIssuer/],
    ] as const
  ) {
    simulator.enqueue(disconnected(how));
    await assert.rejects(ask(simulator), (error: unknown) => {
      assert.ok(error instanceof TypeError && error.cause instanceof Error);
      assert.equal(error.message, "fetch failed");
      assert.match(error.cause.message, pattern);
      return true;
    });
  }
  assert.equal((await ask(simulator)).status, 200);
});

Deno.test("disconnected() with hang waits for the caller to give up", async () => {
  await using simulator = createSimulator({ turns: [disconnected("hang")] });
  const controller = new AbortController();
  const asked = ask(simulator, undefined, { signal: controller.signal });
  await simulator.clock.advance(3_600_000);
  controller.abort(new Error("enough"));
  await assert.rejects(asked, { message: "enough" });
});

Deno.test("cut() by a reset fails the read as the platform does, after what had come", async () => {
  await using simulator = createSimulator({ turns: [cut({ how: "reset", text: "a b c" })] });
  const response = await ask(simulator);
  const decoder = new TextDecoder();
  let text = "";
  await assert.rejects(async () => {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes, { stream: true });
  }, { name: "TypeError", message: "error reading a body from connection" });
  assert.match(text, /"delta":"a "/);
  assert.doesNotMatch(text, /"delta":"b "/);
});
