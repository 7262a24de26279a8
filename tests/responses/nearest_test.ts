import assert from "node:assert/strict";
import { nearest } from "../../src/responses/nearest.ts";

Deno.test("nearest() puts the name with the fewest changes first, and keeps ties in order", () => {
  const names = ["gpt-6.1-sol", "gpt-6-luna", "gpt-6-sol", "gpt-5.5"];
  assert.equal(nearest("gpt-6-lunar", names)[0], "gpt-6-luna");
  assert.equal(nearest("GPT-5.6", names)[0], "gpt-5.5");
  assert.deepEqual(nearest("", ["bb", "a", "cc"]), ["a", "bb", "cc"]);
  assert.deepEqual(nearest("x", []), []);
});

Deno.test("nearest() does not spend long on a name of any length", () => {
  const long = "x".repeat(1_000_000);
  assert.deepEqual(nearest(long, [long, "x".repeat(64)]), [long, "x".repeat(64)]);
});
