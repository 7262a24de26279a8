import assert from "node:assert/strict";
import { isCodexError } from "../../../src/base/errors.ts";
import { codeForm, jsonForm } from "../../../src/cli/run/answer_form.ts";

Deno.test("codeForm() takes the first block, and warns of others", async () => {
  const warnings: string[] = [];
  const form = codeForm((text) => warnings.push(text));
  assert.deepEqual(await form.check("```\na\n```"), { text: "a\n" });
  assert.deepEqual(warnings, []);
  assert.deepEqual(await form.check("```\na\n```\n```\nb\n```"), { text: "a\n" });
  assert.equal(warnings.length, 1);
});

Deno.test("codeForm() refuses an answer without code, and keeps its text", async () => {
  await assert.rejects(
    codeForm(() => {}).check("none"),
    (error) => isCodexError(error, "output_invalid") && error.partial?.text === "none",
  );
});

Deno.test("jsonForm() hands out the answer as it is, or says where it is wrong", async () => {
  const schema = {
    type: "object",
    properties: { a: { type: "integer" } },
    required: ["a"],
    additionalProperties: false,
  };
  const form = jsonForm(schema);
  assert.equal(form.schema, schema);
  assert.deepEqual(await form.check(' { "a": 1 }\n'), { text: ' { "a": 1 }\n' });
  await assert.rejects(form.check('{"a": "x"}'), /does not match the schema: at "\/a"/);
});
