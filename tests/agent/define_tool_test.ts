import assert from "node:assert/strict";
import { tool } from "../../src/agent/define_tool.ts";
import type { Tool, ToolContext } from "../../src/agent/tool.ts";
import type { StandardJsonSchema } from "../../src/responses/output_schema.ts";

const CITY = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
} as const;

const context: ToolContext = {
  signal: new AbortController().signal,
  callId: "c",
  step: 1,
  emit: () => {},
};

async function call(made: Tool, input: unknown): Promise<unknown> {
  return await (await made.prepare(input)).execute(context);
}

Deno.test("tool() throws at once for what is of another type", () => {
  const right = { name: "w", description: "", input: CITY, execute: () => 1 };
  const DEFINITIONS: readonly (readonly [definition: unknown, message: RegExp])[] = [
    [null, /^definition has to be an object/],
    [{ ...right, name: undefined }, /^definition\.name has to be text, and is missing/],
    [{ ...right, input: undefined }, /^definition\.input has to be given/],
    [{ ...right, execute: 5 }, /^definition\.execute has to be a function/],
    [{ ...right, effects: "writes" }, /^definition\.effects has to be one of/],
    [
      { ...right, description: undefined },
      /^definition\.description has to be text, and is missing/,
    ],
    [{ ...right, effect: "write" }, /^definition\.effect is not known here$/],
    [{ ...right, parameters: CITY }, /^definition\.parameters is not known here$/],
  ];
  for (const [definition, message] of DEFINITIONS) {
    assert.throws(() => tool(definition as typeof right), { code: "invalid_usage", message });
  }
});

Deno.test("tool() declares itself as a function with its schema, not held to it unless asked", async () => {
  const plain = tool({ name: "weather", description: "d", input: CITY, execute: () => 1 });
  assert.deepEqual(await plain.declare(undefined), {
    type: "function",
    name: "weather",
    description: "d",
    strict: false,
    parameters: CITY,
  });
});

Deno.test("tool() checks a schema of the strict subset, with the place that would be refused", async () => {
  const input = { ...CITY, additionalProperties: false } as const;
  const right = tool({ name: "w", description: "", strict: true, input, execute: () => 1 });
  const declared = await right.declare(undefined);
  assert.ok(declared?.type === "function" && declared.strict === true);
  const wrong = tool({ name: "w", description: "", strict: true, input: CITY, execute: () => 1 });
  await assert.rejects(async () => await wrong.declare(undefined), {
    code: "schema_unsupported",
    message: /arguments of the tool "w".*additionalProperties/,
  });
});

Deno.test("tool() gives its function the arguments that match, and the context", async () => {
  const made = tool({
    name: "w",
    description: "",
    input: CITY,
    execute: ({ city }, { callId }) => `${city} ${callId}`,
  });
  assert.equal(await call(made, { city: "Basel" }), "Basel c");
  await assert.rejects(call(made, { city: 1 }), /do not match the schema: at "\/city"/);
  await assert.rejects(call(made, "{"), /failed to parse function arguments/);
});

Deno.test("tool() takes a validator, and gives its function what that makes of the arguments", async () => {
  const validator: StandardJsonSchema<{ readonly count: number }> = {
    "~standard": {
      version: 1,
      vendor: "test",
      jsonSchema: {
        input: () => ({
          type: "object",
          properties: { count: { type: "string" } },
          required: ["count"],
        }),
      },
      validate: (value) => {
        const count = Number((value as { count: string }).count);
        return Number.isNaN(count)
          ? { issues: [{ message: "is no number", path: ["count"] }] }
          : { value: { count } };
      },
    },
  };
  const made = tool({
    name: "w",
    description: "",
    input: validator,
    execute: ({ count }) => count + 1,
  });
  assert.equal(await call(made, { count: "41" }), 42);
  await assert.rejects(call(made, { count: "x" }), /at "\/count": is no number/);
});

Deno.test("tool() takes an object of a class, which keeps its own members", async () => {
  class Counter {
    readonly name = "count";
    readonly description = "Counts";
    readonly input = { type: "object", properties: {}, required: [], additionalProperties: false };
    total = 0;
    execute(): string {
      return String(++this.total);
    }
  }
  const counter = new Counter();
  const { execute } = await tool(counter).prepare({});
  await execute({ signal: new AbortController().signal, callId: "c", step: 1, emit: () => {} });
  assert.equal(counter.total, 1);
});

Deno.test("tool() refuses a name that the service does not take", () => {
  for (const name of ["", "two words", "ä", "x".repeat(65)]) {
    assert.throws(() => tool({ name, description: "", input: CITY, execute: () => 1 }), {
      code: "invalid_usage",
    });
  }
});

Deno.test("tool() tells the model of a transform that fails, and the caller of one that gives nothing", async () => {
  const made = (validate: (value: unknown) => unknown) => {
    const input = {
      "~standard": { version: 1, vendor: "mine", validate, jsonSchema: { input: () => CITY } },
    };
    return tool({
      name: "w",
      description: "",
      input: input as unknown as StandardJsonSchema,
      execute: () => 1,
    });
  };
  const failing = made(() => {
    throw new TypeError("Invalid URL");
  });
  await assert.rejects(call(failing, { city: "x" }), { name: "TypeError", message: "Invalid URL" });
  await assert.rejects(call(made(() => null), { city: "x" }), { code: "tool_failed" });
});
