import assert from "node:assert/strict";
import { createSimulator } from "../../testing.ts";

Deno.test("listen() ends while clients are just connecting and will not leave by themselves", async () => {
  for (let round = 0; round < 20; round++) {
    const simulator = createSimulator();
    const { issuer } = await simulator.listen();
    const port = Number(issuer.port);
    const clients = await Promise.all(
      Array.from({ length: 4 }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    // At another step of the listener's own work each time.
    for (let turn = 0; turn < round; turn++) await Promise.resolve();
    const ended = simulator[Symbol.asyncDispose]().then(() => true);
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), 5_000);
    const isOver = await Promise.race([ended, late]);
    clearTimeout(timer);
    for (const client of clients) client.close();
    await ended;
    assert.ok(isOver, `it waits for its clients (round ${round})`);
  }
});
