import assert from "node:assert/strict";
import { soundProblem } from "../../src/responses/sound_schema.ts";

const SOUND: readonly Record<string, unknown>[] = [
  {},
  { type: "object", properties: { a: true, b: { enum: [null] } }, required: ["a", "c"] },
  { properties: { next: { anyOf: [{ $ref: "#" }, { type: "null" }] } } },
  { $defs: { x: { type: "string" } }, properties: { a: { $ref: "#/$defs/x" } } },
  { $defs: { "a b": {}, "c%": {} }, anyOf: [{ $ref: "#/$defs/a%20b" }, { $ref: "#/$defs/c%" }] },
  { $defs: { x: { $anchor: "name" } }, properties: { a: { $ref: "#name" } } },
  { properties: {}, patternProperties: { "^b": {} }, required: ["b"], additionalProperties: false },
  { items: [{ type: "string" }] },
  { enum: [{ required: 5, $ref: 5 }], default: { enum: [] } },
];

for (const schema of SOUND) {
  Deno.test(`soundProblem() finds nothing in ${JSON.stringify(schema)}`, () => {
    assert.equal(soundProblem(schema), undefined);
  });
}

const UNSOUND: readonly (readonly [schema: Record<string, unknown>, path: string])[] = [
  [{ properties: { a: null } }, "/properties/a"],
  [{ allOf: ["x"] }, "/allOf/0"],
  [{ type: "strnig" }, "/type"],
  [{ additionalProperties: { pattern: "(" } }, "/additionalProperties/pattern"],
  [{ properties: { a: { $ref: "#/$defs/none" } } }, "/properties/a/$ref"],
  [{ properties: { a: { $ref: "https://x.test/y" } } }, "/properties/a/$ref"],
  [{ properties: { a: { $ref: 5 } } }, "/properties/a/$ref"],
  [{ $defs: { x: { $ref: "#/$defs/x" } } }, "/$defs/x/$ref"],
  [{ $defs: { x: { $ref: "#/$defs/y" }, y: { $ref: "#/$defs/x" } } }, "/$defs/x/$ref"],
  [{ allOf: [{ $ref: "#" }] }, "/allOf/0/$ref"],
  [{ title: "x", properties: { a: { $ref: "#/title" } } }, "/properties/a/$ref"],
  [{ enum: [] }, "/enum"],
  [{ items: { enum: "a" } }, "/items/enum"],
  [{ required: "a" }, "/required"],
  [
    { properties: { a: {} }, required: ["a", "b"], additionalProperties: false },
    "/required/1",
  ],
];

for (const [schema, path] of UNSOUND) {
  Deno.test(`soundProblem() names "${path}" in ${JSON.stringify(schema)}`, () => {
    assert.equal(soundProblem(schema)?.path, path);
  });
}

Deno.test("soundProblem() looks at a part once, however many ways lead to it", () => {
  const levels = 100;
  const $defs: Record<string, unknown> = { [`d${levels}`]: { type: "string" } };
  for (let level = 0; level < levels; level++) {
    const below = { $ref: `#/$defs/d${level + 1}` };
    $defs[`d${level}`] = { anyOf: [below, { title: "the other way", ...below }] };
  }
  assert.equal(soundProblem({ $defs, $ref: "#/$defs/d0" }), undefined);
  $defs[`d${levels}`] = { $ref: "#/$defs/d0" };
  assert.equal(soundProblem({ $defs, $ref: "#/$defs/d0" })?.path, "/$ref");
});
