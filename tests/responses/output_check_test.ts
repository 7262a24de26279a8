import assert from "node:assert/strict";
import { checkAnswer } from "../../src/responses/output_check.ts";

const SCHEMA = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 2 },
    list: { type: "array", items: { anyOf: [{ type: "integer" }, { type: "null" }] } },
  },
  required: ["name", "list"],
  additionalProperties: false,
};

Deno.test("checkAnswer() gives the value of an answer that matches", () => {
  assert.deepEqual(checkAnswer(' {"name":"ab","list":[1,null]}\n', SCHEMA), {
    value: { name: "ab", list: [1, null] },
  });
});

const CASES: readonly (readonly [text: string, paths: readonly string[], message: RegExp])[] = [
  ["", [""], /empty/],
  ["Sure! {}", [""], /no JSON/],
  ["[]", [""], /object/],
  ['{"name":"ab"}', [""], /"list"/],
  ['{"name":"a","list":[]}', ["/name"], /short/],
  ['{"name":1,"list":[]}', ["/name"], /"string"/],
  ['{"name":"ab","list":[1,"x"]}', ["/list/1", "/list/1"], /"integer"/],
  ['{"name":"ab","list":[],"more":1}', ["/more"], /not expected/],
];

for (const [text, paths, message] of CASES) {
  Deno.test(`checkAnswer() says where ${JSON.stringify(text)} does not match, once`, () => {
    const checked = checkAnswer(text, SCHEMA);
    assert.ok("problems" in checked);
    assert.deepEqual(checked.problems.map(({ path }) => path), paths);
    assert.match(checked.problems[0]?.message ?? "", message);
    for (const { message } of checked.problems) assert.doesNotMatch(message, /\.$|\n/);
  });
}
