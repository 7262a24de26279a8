import assert from "node:assert/strict";
import { invalidOutput } from "../../src/responses/invalid_output.ts";

Deno.test("invalidOutput() names three problems, counts the rest, and keeps all with the text", () => {
  const problems = ["/a", "", "/c", "/d", "/e"].map((path) => ({ path, message: "is bad" }));
  const error = invalidOutput("does not match", problems, "text", "Ask again");
  assert.equal(
    error.message,
    'The answer does not match: at "/a": is bad; is bad; at "/c": is bad; and 2 more',
  );
  assert.deepEqual([error.code, error.partial, error.problems, error.hint], [
    "output_invalid",
    { text: "text" },
    problems,
    "Ask again",
  ]);
});

Deno.test("invalidOutput() says no more than that where no place is to blame", () => {
  const error = invalidOutput("has no fenced code", [], "text", "Ask for code");
  assert.equal(error.message, "The answer has no fenced code");
  assert.equal("problems" in error.toJSON(), false);
});
