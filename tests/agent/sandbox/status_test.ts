import assert from "node:assert/strict";
import { readStatus } from "../../../src/agent/sandbox/status.ts";

const stream = (...pieces: readonly string[]) =>
  ReadableStream.from(pieces).pipeThrough(new TextEncoderStream());

Deno.test("readStatus() reads lines however they are cut", async () => {
  const { childPid, exitCode } = readStatus(
    stream('{ "child-pid": 12', '3, "net-namespace": 1 }\n{ "exit', '-code": 7 }\n'),
  );
  assert.equal(await childPid, 123);
  assert.equal(await exitCode, 7);
});

Deno.test("readStatus() takes the first process at its first word alone", async () => {
  const { childPid } = readStatus(stream('{"child-pid": 123}\n{"child-pid": 1}\n'));
  assert.equal(await childPid, 123);
  const forged = readStatus(stream('{"child-pid": 1}\n{"child-pid": -1}\n'));
  assert.equal(await forged.childPid, undefined);
});

Deno.test("readStatus() knows no status where none was told", async () => {
  const { childPid, exitCode } = readStatus(stream("what?\n"));
  assert.equal(await childPid, undefined);
  assert.equal(await exitCode, undefined);
});
