import assert from "node:assert/strict";
import { BEGUN, splitAtBegun } from "../../../src/agent/sandbox/begun.ts";

async function split(pieces: readonly (string | Uint8Array)[]) {
  const bytes = pieces.map((piece) =>
    typeof piece === "string" ? new TextEncoder().encode(piece) : piece
  );
  const stream = splitAtBegun(ReadableStream.from(bytes));
  const parts = await Array.fromAsync(stream.output);
  const output = new Uint8Array(await new Blob(parts.map((part) => part.slice())).arrayBuffer());
  return { output, before: stream.before(), begun: stream.begun() };
}

Deno.test("splitAtBegun() finds the line wherever the pieces are cut", async () => {
  const whole = new TextEncoder().encode(`a warning ä\n${BEGUN}\nout ä\n${BEGUN}\n`);
  for (let cut = 0; cut <= whole.length; cut++) {
    const { output, begun } = await split([whole.slice(0, cut), whole.slice(cut)]);
    assert.ok(begun);
    assert.equal(new TextDecoder().decode(output), `out ä\n${BEGUN}\n`, `cut at ${cut}`);
  }
});

Deno.test("splitAtBegun() keeps the complaint of what never began", async () => {
  const { output, before, begun } = await split(["bwrap: no\n", `not ${BEGUN}\n`]);
  assert.deepEqual({ size: output.length, begun }, { size: 0, begun: false });
  assert.match(before, /^bwrap: no\n/);
});

Deno.test("splitAtBegun() keeps little of a long complaint, and still finds the line", async () => {
  const { output, before } = await split(["x".repeat(100_000), "\n", `${BEGUN}\n`, "out"]);
  assert.equal(new TextDecoder().decode(output), "out");
  assert.ok(before.length < 10_000);
});
