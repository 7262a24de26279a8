import assert from "node:assert/strict";
import { strictProblem } from "../../src/responses/strict_schema.ts";

const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});

Deno.test("strictProblem() finds nothing in what the service takes", () => {
  const good = object({
    name: { type: "string", pattern: "^[a-z]+$", description: "who" },
    age: { type: ["integer", "null"], minimum: 0 },
    tags: { type: "array", items: { $ref: "#/$defs/tag" }, maxItems: 3 },
    either: { anyOf: [object({ a: { const: 1 } }), { type: "null" }] },
    self: { $ref: "#" },
    // Names of properties, not keywords.
    not: { type: "string" },
    oneOf: { enum: ["a", 1] },
  }, {
    $defs: { tag: { type: "string" } },
    $schema: "https://json-schema.org/draft/2020-12/schema",
  });
  assert.equal(strictProblem(good), undefined);
});

const CASES: readonly (readonly [schema: unknown, path: string, message: RegExp])[] = [
  ["text", "", /JSON object/],
  [[], "", /JSON object/],
  [{ type: "string" }, "/type", /"object"/],
  [{ anyOf: [object({})] }, "/anyOf", /root/],
  [{ type: "object", properties: {} }, "", /additionalProperties/],
  [object({}, { additionalProperties: true }), "/additionalProperties", /false/],
  [object({ a: {}, "b/c~": {} }, { required: ["a"] }), "/properties/b~1c~0", /"required"/],
  [object({ a: {} }, { required: undefined }), "/properties/a", /"required"/],
  [object({ a: { type: "object" } }), "/properties/a", /additionalProperties/],
  [object({ a: { type: ["object", "null"] } }), "/properties/a", /additionalProperties/],
  [object({ a: { properties: {} } }), "/properties/a", /additionalProperties/],
  [
    object({ a: { type: "array", items: { oneOf: [] } } }),
    "/properties/a/items/oneOf",
    /not supported/,
  ],
  [object({ a: { anyOf: [{}, { allOf: [] }] } }), "/properties/a/anyOf/1/allOf", /not supported/],
  [object({}, { $defs: { x: { if: {} } } }), "/$defs/x/if", /not supported/],
  [object({ a: { $ref: "https://example.com/x" } }), "/properties/a/$ref", /this schema/],
  [object({ a: { $ref: "#/$defs/none" } }), "/properties/a/$ref", /nowhere/],
  [object({ a: { type: "text" } }), "/properties/a/type", /one of/],
  [object({ a: { pattern: "(" } }), "/properties/a/pattern", /regular expression/],
  [object({ a: "string" }), "/properties/a", /JSON object/],
  [{ type: "object", properties: [], additionalProperties: false }, "/properties", /object/],
];

for (const [schema, path, message] of CASES) {
  Deno.test(`strictProblem() names "${path}" in ${JSON.stringify(schema)}`, () => {
    const problem = strictProblem(schema);
    assert.equal(problem?.path, path);
    assert.match(problem?.message ?? "", message);
  });
}

Deno.test("strictProblem() ends on a schema that is nested without an end", () => {
  const schema = object({ a: {} });
  const endless: Record<string, unknown> = { type: "array" };
  endless["items"] = endless;
  schema.properties["a"] = endless;
  assert.match(strictProblem(schema)?.message ?? "", /too deeply/);
});
