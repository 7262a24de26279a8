import assert from "node:assert/strict";
import { refuseText, refuseTools } from "../../../src/testing/backend/tool_rules.ts";

async function errorOf(refused: Response | undefined): Promise<Record<string, unknown>> {
  return Object(await refused?.json())["error"] ?? {};
}

function schema(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "object",
    properties: { a: { type: "string" } },
    required: ["a"],
    additionalProperties: false,
    ...changes,
  };
}

function format(wanted: unknown, strict = true): Record<string, unknown> {
  return { format: { type: "json_schema", name: "answer", strict, schema: wanted } };
}

Deno.test("refuseTools() takes the tools that were seen", () => {
  const f = { type: "function", name: "f", strict: false, parameters: { type: "object" } };
  assert.equal(
    refuseTools([
      f,
      { type: "function", name: "g", strict: true, parameters: schema() },
      { type: "custom", name: "apply_patch", format: { type: "grammar" } },
      { type: "namespace", name: "functions", tools: [f] },
      { type: "tool_search", execution: "client" },
      { type: "web_search", external_web_access: false },
    ]),
    undefined,
  );
  assert.equal(refuseTools(undefined), undefined);
});

Deno.test("refuseTools() names the tool that it does not take", async () => {
  for (
    const [tools, param] of [
      [{}, "tools"],
      [[{ type: "poem" }], "tools[0].type"],
      [[{ type: "function", name: "with blank" }], "tools[0].name"],
      [[{ type: "custom" }], "tools[0].name"],
      [[{ type: "namespace", name: "n", tools: [{ type: "x" }] }], "tools[0].tools[0].type"],
      [
        [{ type: "function", name: "f", strict: true, parameters: { type: "object" } }],
        "tools[0].parameters",
      ],
    ] as const
  ) {
    assert.equal((await errorOf(refuseTools(tools)))["param"], param);
  }
});

Deno.test("refuseText() takes a schema of the strict subset", () => {
  const nested = schema({
    properties: {
      a: { anyOf: [schema(), { type: "null" }] },
      b: { type: "array", items: schema() },
    },
    required: ["a", "b"],
    $defs: { d: schema() },
  });
  assert.equal(refuseText(format(nested)), undefined);
  assert.equal(refuseText(format({ type: "object" }, false)), undefined);
  assert.equal(refuseText({ verbosity: "high" }), undefined);
});

Deno.test("refuseText() says where a schema leaves the strict subset", async () => {
  const open = schema({ additionalProperties: undefined });
  for (
    const [wanted, message] of [
      [
        { type: "string" },
        /schema must be a JSON Schema of 'type: "object"', got 'type: "string"'/,
      ],
      [schema({ anyOf: [] }), /must be a JSON Schema of 'type: "object"'/],
      [open, /In context=\(\), 'additionalProperties' is required to be supplied and to be false/],
      [schema({ required: [] }), /including every key in properties. Missing 'a'/],
      [schema({ properties: { a: open } }), /In context=\('properties', 'a'\)/],
      [schema({ properties: { a: { items: open } } }), /In context=\('properties', 'a', 'items'\)/],
      [schema({ $defs: { d: open } }), /In context=\('\$defs', 'd'\)/],
      [schema({ properties: { a: { anyOf: [open] } } }), /\('properties', 'a', 'anyOf', '0'\)/],
    ] as const
  ) {
    const error = await errorOf(refuseText(format(wanted)));
    assert.match(String(error["message"]), /^Invalid schema for response_format 'answer': /);
    assert.match(String(error["message"]), message);
    assert.equal(error["code"], "invalid_json_schema");
    assert.equal(error["param"], "text.format.schema");
  }
});

Deno.test("refuseText() wants a name, a schema and a known verbosity", async () => {
  for (
    const [text, param] of [
      [{ verbosity: "loud" }, "text.verbosity"],
      [{ format: { type: "json_schema", schema: {} } }, "text.format.name"],
      [{ format: { type: "json_schema", name: "x" } }, "text.format.schema"],
      ["low", "text"],
    ] as const
  ) {
    assert.equal((await errorOf(refuseText(text)))["param"], param);
  }
});
