import assert from "node:assert/strict";
import {
  type FromJsonSchema,
  type InferOutput,
  type ModelResult,
  type OutputSchema,
  type StandardJsonSchema,
  stream,
  type StreamOptions,
  type ToolCall,
} from "../../mod.ts";
import { createSimulator, reply, toolCall } from "../../testing.ts";

/** Whether two types are the same one: `any` and `unknown` are the same as nothing but themselves. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

/** Compiles only for types that are the same. */
function same<_ extends true>(): void {}

const LABEL = {
  type: "object",
  properties: { label: { type: "string", enum: ["spam", "ham"] } },
  required: ["label"],
  additionalProperties: false,
} as const;

Deno.test("Same<> tells any and unknown from every other type", () => {
  same<Same<Same<string, unknown>, false>>();
  same<Same<Same<string, ReturnType<typeof JSON.parse>>, false>>();
  // @ts-expect-error: or this file proves nothing
  same<Same<string, unknown>>();
});

Deno.test("FromJsonSchema<> has the type of every kind of value", () => {
  same<Same<FromJsonSchema<{ type: "string" }>, string>>();
  same<Same<FromJsonSchema<{ type: "integer" }>, number>>();
  same<Same<FromJsonSchema<{ type: "boolean" }>, boolean>>();
  same<Same<FromJsonSchema<{ type: "null" }>, null>>();
  same<Same<FromJsonSchema<{ const: 3 }>, 3>>();
  same<Same<FromJsonSchema<{ enum: readonly ["a", null] }>, "a" | null>>();
  same<Same<FromJsonSchema<{ type: readonly ["string", "null"] }>, string | null>>();
  same<Same<FromJsonSchema<{ type: "array"; items: { type: "number" } }>, number[]>>();
  same<
    Same<FromJsonSchema<{ anyOf: readonly [{ type: "number" }, { type: "null" }] }>, number | null>
  >();
  same<
    Same<
      FromJsonSchema<{
        type: "object";
        properties: {
          list: { type: "array"; items: typeof LABEL };
          note: { type: readonly ["string", "null"] };
        };
        required: readonly ["list", "note"];
      }>,
      { list: { label: "spam" | "ham" }[]; note: string | null }
    >
  >();
});

Deno.test("FromJsonSchema<> knows nothing of a schema that is only known when it runs", () => {
  same<Same<FromJsonSchema<Record<string, unknown>>, unknown>>();
  same<Same<FromJsonSchema<{ $ref: "#/$defs/a" }>, unknown>>();
  same<Same<InferOutput<OutputSchema>, unknown>>();
});

Deno.test("InferOutput<> has the type that a validator gives, not the one that it takes", () => {
  same<Same<InferOutput<StandardJsonSchema<{ at: Date }>>, { at: Date }>>();
});

Deno.test("stream() types the output by the schema that is written where it is called", async () => {
  await using simulator = createSimulator({ turns: [reply('{"label":"spam"}')] });
  const { fetch, store } = simulator;
  const { output, text } = await stream("Buy now!", {
    output: {
      schema: {
        type: "object",
        properties: { label: { type: "string", enum: ["spam", "ham"] } },
        required: ["label"],
        additionalProperties: false,
      },
    },
    fetch,
    store,
  }).final();
  same<Same<typeof output, { label: "spam" | "ham" }>>();
  assert.deepEqual(output, { label: "spam" });
  assert.equal(text, '{"label":"spam"}');
});

Deno.test("stream() says that with tools there may be no output yet", async () => {
  await using simulator = createSimulator({ turns: [toolCall("look", {})] });
  const { fetch, store } = simulator;
  const result = await stream("Buy now!", {
    output: { schema: LABEL },
    tools: [{ name: "look", parameters: { type: "object", properties: {} } }],
    fetch,
    store,
  }).final();
  same<Same<typeof result.output, { label: "spam" | "ham" } | undefined>>();
  assert.equal(result.output, undefined);
  assert.equal(result.reason, "tool-calls");
});

Deno.test("stream() gives a plain result where no schema is asked for", async () => {
  await using simulator = createSimulator({ turns: [reply("Hello"), reply("Hello")] });
  const { fetch, store } = simulator;
  const one = await stream("Hi", { fetch, store }).final();
  const two = await stream("Hi", { output: "text", effort: "low", fetch, store }).final();
  same<Same<typeof one, ModelResult>>();
  same<Same<typeof two, ModelResult>>();
  assert.ok(!("output" in one) && !("output" in two));
});

Deno.test("stream() gives an unknown output for options that are only known when it runs", () => {
  const options: StreamOptions = {};
  const ask = () => stream("Hi", options).final();
  same<Same<Awaited<ReturnType<typeof ask>>["output"], unknown>>();
});

Deno.test("stream() refuses options that it does not know, and schemas that are none, as it compiles", () => {
  const wrong = [
    // @ts-expect-error: a misspelt option
    () => stream("Hi", { outptu: { schema: LABEL } }),
    // @ts-expect-error: a misspelt member
    () => stream("Hi", { output: { schema: LABEL, stict: true } }),
    // @ts-expect-error: no schema
    () => stream("Hi", { output: { schema: "string" } }),
    // @ts-expect-error: a tool without a name
    () => stream("Hi", { tools: [{ parameters: {} }] }),
  ];
  assert.equal(wrong.length, 4);
});

Deno.test("the input of a call is unknown until it is looked at", () => {
  same<Same<ToolCall["input"], unknown>>();
});
