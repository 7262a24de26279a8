import assert from "node:assert/strict";
import { readJsonFile } from "../../../src/cli/run/json_file.ts";
import { TempDir } from "../../support/temp_dir.ts";

const signal = new AbortController().signal;

Deno.test("readJsonFile() gives the value", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.json", ' {"a": [1]}\n');
  assert.deepEqual(await readJsonFile(path, "schema", 100, signal), { a: [1] });
});

Deno.test("readJsonFile() lets a byte order mark pass, once", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.json", '\ufeff{"a":1}');
  assert.deepEqual(await readJsonFile(path, "schema", 100, signal), { a: 1 });
  const twice = await dir.write("b.json", "\ufeff\ufeff{}");
  await assert.rejects(readJsonFile(twice, "schema", 100, signal), { code: "invalid_usage" });
});

Deno.test("readJsonFile() says where a file is no JSON", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.json", '{\n  "a": 1,\n}');
  await assert.rejects(readJsonFile(path, "schema", 100, signal), {
    code: "invalid_usage",
    message: new RegExp(
      `^The schema "${RegExp.escape(path)}" is no JSON: it breaks at line 3 column 1$`,
    ),
    hint: "Check it, for example with: jq . FILE",
  });
  const empty = await dir.write("b.json", "");
  await assert.rejects(readJsonFile(empty, "scenario", 100, signal), {
    message: `The scenario "${empty}" is no JSON`,
  });
});

Deno.test("readJsonFile() stops at its bound", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a.json", "[1, 2, 3]");
  await assert.rejects(readJsonFile(path, "schema", 5, signal), { code: "input_too_large" });
});
