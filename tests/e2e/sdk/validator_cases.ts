/** What people's validators do as an output schema of `stream()`. Run by `sdk_test.ts`. */
import assert from "node:assert/strict";
import { isCodexError, type ModelStream, type OutputSchema, stream } from "../../../mod.ts";
import { createSimulator, reply, type Simulator } from "../../../testing.ts";
import { installed } from "./installed.ts";

const { z } = await import(installed("zod@4"));
const { type } = await import(installed("arktype@2"));
const v = await import(installed("valibot@1"));
const { toStandardJsonSchema } = await import(installed("@valibot/to-json-schema@1"));

function ask({ fetch, store }: Simulator, schema: OutputSchema): ModelStream {
  return stream("Buy now!", { model: "gpt-5.5", output: { schema }, fetch, store });
}

const MAKERS: readonly (readonly [name: string, schema: OutputSchema])[] = [
  ["zod", z.object({ label: z.enum(["spam", "ham"]), tags: z.array(z.string()) })],
  ["arktype", type({ label: "'spam' | 'ham'", tags: "string[]" })],
  [
    "valibot, wrapped",
    toStandardJsonSchema(
      v.object({ label: v.picklist(["spam", "ham"]), tags: v.array(v.string()) }),
    ),
  ],
];

for (const [name, schema] of MAKERS) {
  Deno.test(`${name}: its schema is sent as the strict subset, and its value comes back`, async () => {
    await using simulator = createSimulator({ turns: [reply('{"label":"spam","tags":["ad"]}')] });
    const result = await ask(simulator, schema).final();
    assert.ok("output" in result);
    assert.deepEqual(result.output, { label: "spam", tags: ["ad"] });
  });

  Deno.test(`${name}: an answer of another shape is output_invalid, with its text and place`, async () => {
    const text = '{"label":"spam","tags":[1]}';
    await using simulator = createSimulator({ turns: [reply(text)] });
    await assert.rejects(ask(simulator, schema).final(), (error) => {
      assert.ok(isCodexError(error, "output_invalid"));
      assert.equal(error.partial?.text, text);
      assert.equal(error.problems?.[0]?.path, "/tags/0");
      return true;
    });
  });
}

Deno.test("zod: what a transform makes of the answer is the value", async () => {
  await using simulator = createSimulator({ turns: [reply('{"at":"2027-01-15"}')] });
  const schema = z.object({ at: z.string().transform((text: string) => new Date(text)) });
  const result = await ask(simulator, schema).final();
  assert.ok("output" in result);
  assert.deepEqual(result.output, { at: new Date("2027-01-15") });
});

Deno.test("zod: a refinement that JSON Schema has no words for is checked", async () => {
  await using simulator = createSimulator({ turns: [reply('{"even":3}')] });
  const schema = z.object({ even: z.number().refine((n: number) => n % 2 === 0, "is odd") });
  await assert.rejects(ask(simulator, schema).final(), (error) => {
    assert.ok(isCodexError(error, "output_invalid"));
    assert.deepEqual(error.problems, [{ path: "/even", message: "is odd" }]);
    return true;
  });
});

Deno.test("zod: an optional property is refused before the request, with its place", async () => {
  await using simulator = createSimulator();
  const answer = ask(simulator, z.object({ note: z.string().optional() })).final();
  await assert.rejects(
    answer,
    (error) =>
      isCodexError(error, "schema_unsupported") && /"\/properties\/note"/.test(error.message),
  );
  assert.equal(simulator.requests.length, 0);
});

Deno.test("zod: what JSON cannot say is refused before the request", async () => {
  await using simulator = createSimulator();
  const answer = ask(simulator, z.object({ at: z.date() })).final();
  await assert.rejects(answer, (error) => isCodexError(error, "schema_unsupported"));
  assert.equal(simulator.requests.length, 0);
});

Deno.test("valibot: without its converter it is refused with the converter's name", async () => {
  await using simulator = createSimulator();
  const answer = ask(simulator, v.object({ label: v.string() })).final();
  await assert.rejects(
    answer,
    (error) => isCodexError(error, "schema_unsupported") && /to-json-schema/.test(error.hint ?? ""),
  );
  assert.equal(simulator.requests.length, 0);
});
