import assert from "node:assert/strict";
import { isCodexError } from "../../../src/base/errors.ts";
import { readFileBytes, readFileText } from "../../../src/cli/run/input_file.ts";
import { TempDir } from "../../support/temp_dir.ts";

const signal = new AbortController().signal;

Deno.test("readFileText() gives a text byte for byte", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.txt", "\ufeffone\r\ntwo \u{1f680}");
  assert.equal(await readFileText(path, 100, signal), "\ufeffone\r\ntwo \u{1f680}");
});

Deno.test("readFileText() names the byte that is no UTF-8", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.txt", new Uint8Array([0x61, 0xff]));
  await assert.rejects(readFileText(path, 100, signal), {
    code: "invalid_usage",
    message: `"${path}" is not UTF-8: byte 1 is not valid`,
  });
});

Deno.test("readFileBytes() stops at its bound, where a device would never end", async () => {
  await assert.rejects(readFileBytes("/dev/zero", 1000, signal), { code: "input_too_large" });
});

Deno.test("readFileBytes() says why a file cannot be read", async () => {
  await using dir = await TempDir.make();
  await assert.rejects(readFileBytes(dir.join("none"), 9, signal), { message: /no such file/ });
  await assert.rejects(readFileBytes(dir.path, 9, signal), { message: /is a folder/ });
});

Deno.test("readFileBytes() is ended by its signal", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.txt", "x");
  await assert.rejects(readFileBytes(path, 9, AbortSignal.abort(new Error("enough"))), /enough/);
});

Deno.test("readFileText() says why Deno does not open a device", async () => {
  await assert.rejects(
    readFileText("/proc/cpuinfo", 10, new AbortController().signal),
    (error) => isCodexError(error, "invalid_usage") && /deno run -A/.test(error.hint ?? ""),
  );
});
