import assert from "node:assert/strict";
import { createContext } from "../../src/client/context.ts";
import { startLazily } from "../../src/responses/lazy_stream.ts";
import { createSimulator, reply } from "../../testing.ts";

Deno.test("startLazily() asks as soon as what it needs is there", async () => {
  await using simulator = createSimulator({ turns: [reply("Hello")] });
  const { fetch, store, clock } = simulator;
  const open = () => Promise.resolve(createContext({ fetch, store, clock }));
  assert.equal(await startLazily("Hi", {}, { clock, open }).text(), "Hello");
});

Deno.test("startLazily() fails with what the opening fails with, where somebody listens", async () => {
  const { clock } = createSimulator();
  const stream = startLazily("Hi", {}, {
    clock,
    open: () => Promise.reject(new DOMException("gone", "NotFoundError")),
  });
  await assert.rejects(stream.text(), { code: "internal" });
  await assert.rejects(Array.fromAsync(stream), { code: "internal" });
});

Deno.test("startLazily() sends nothing when it is aborted while it opens", async () => {
  await using simulator = createSimulator();
  const { fetch, store, clock } = simulator;
  const opened = Promise.withResolvers<ReturnType<typeof createContext>>();
  const stream = startLazily("Hi", {}, { clock, open: () => opened.promise });
  const reason = new Error("enough");
  stream.abort(reason);
  opened.resolve(createContext({ fetch, store, clock }));
  await assert.rejects(stream.final(), reason);
  await stream[Symbol.asyncDispose]();
  assert.equal(simulator.requests.length, 0);
});
