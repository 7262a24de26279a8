import assert from "node:assert/strict";
import { VERSION } from "../../src/base/version.ts";
import { parseJson, stringAt } from "../../src/base/json.ts";

Deno.test("VERSION is the version of deno.json", async () => {
  const config = parseJson(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assert.equal(VERSION, stringAt(config, "version"));
  assert.match(VERSION, /^\d+\.\d+\.\d+$/);
});
