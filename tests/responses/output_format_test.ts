import assert from "node:assert/strict";
import { isCodexError } from "../../src/base/errors.ts";
import { checkOutput } from "../../src/responses/output_format.ts";
import type { OutputSchema, StandardResult } from "../../src/responses/output_schema.ts";
import { createClient, stream } from "../../mod.ts";
import { createSimulator, incomplete, refuse, reply } from "../../testing.ts";

const SCHEMA = {
  type: "object",
  properties: { n: { type: "number" } },
  required: ["n"],
  additionalProperties: false,
} as const;

/** A validator that tells its JSON Schema, as the standard has it. */
function validator(
  json: Record<string, unknown>,
  validate?: (value: unknown) => StandardResult | Promise<StandardResult>,
): OutputSchema {
  const standard = {
    version: 1 as const,
    vendor: "ours",
    jsonSchema: { input: () => json },
    ...(validate === undefined ? {} : { validate }),
  };
  return { "~standard": standard };
}

Deno.test("checkOutput() takes a schema of the strict subset as it is", async () => {
  const { schema, read } = checkOutput({ schema: SCHEMA });
  assert.equal(schema, SCHEMA);
  assert.deepEqual(await read('{"n":1}'), { n: 1 });
});

Deno.test("checkOutput() names the place that the service would refuse", () => {
  const schema = { ...SCHEMA, properties: { ...SCHEMA.properties, "a/b": { type: "string" } } };
  assert.throws(() => checkOutput({ schema }), (error) => {
    assert.ok(isCodexError(error, "schema_unsupported"));
    assert.match(error.message, /at "\/properties\/a~1b": every property must be listed/);
    assert.match(error.hint ?? "", /strict subset/);
    return true;
  });
});

Deno.test("checkOutput() lets any schema through where the service shall not hold to it", async () => {
  const schema = { type: "object", properties: { n: { type: "number" } } };
  const { read } = checkOutput({ schema, strict: false });
  assert.deepEqual(await read('{"more":1}'), { more: 1 });
});

Deno.test("checkOutput() closes a validator's objects, at every depth, and leaves its own alone", () => {
  const inner = { type: "object", properties: {}, required: [] };
  const json = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      list: { type: "array", items: inner },
      type: { anyOf: [inner, { $ref: "#/$defs/x" }] },
    },
    required: ["list", "type"],
    $defs: { x: inner },
  };
  const closed = { ...inner, additionalProperties: false };
  assert.deepEqual(checkOutput({ schema: validator(json) }).schema, {
    type: "object",
    properties: {
      list: { type: "array", items: closed },
      type: { anyOf: [closed, { $ref: "#/$defs/x" }] },
    },
    required: ["list", "type"],
    $defs: { x: closed },
    additionalProperties: false,
  });
  assert.deepEqual(inner, { type: "object", properties: {}, required: [] });
});

Deno.test("checkOutput() does not open what a validator leaves open on purpose", () => {
  const schema = validator({ ...SCHEMA, additionalProperties: { type: "string" } });
  assert.throws(
    () => checkOutput({ schema }),
    (error) => isCodexError(error, "schema_unsupported") && /additionalProp/.test(error.message),
  );
});

for (
  const [vendor, hint] of [
    ["valibot", /toStandardJsonSchema\(schema\) of @valibot\/to-json-schema/],
    ["zod", /z\.toJSONSchema\(schema\)/],
    ["arktype", /schema\.toJsonSchema\(\)/],
    ["toString", /Give JSON Schema, or a validator/],
  ] as const
) {
  Deno.test(`checkOutput() says what a schema of ${vendor} needs to tell its JSON Schema`, () => {
    const schema = { "~standard": { version: 1, vendor, validate: () => ({ value: 1 }) } };
    assert.throws(() => checkOutput({ schema }), (error) => {
      assert.ok(isCodexError(error, "schema_unsupported"));
      assert.match(error.hint ?? "", hint);
      return true;
    });
  });
}

Deno.test("checkOutput() takes a validator that is a function", async () => {
  const schema = Object.assign(() => {}, validator(SCHEMA));
  assert.deepEqual(await checkOutput({ schema }).read('{"n":1}'), { n: 1 });
});

Deno.test("checkOutput() tells why a validator cannot tell its JSON Schema", () => {
  const schema = validator({});
  const broken: OutputSchema = {
    "~standard": {
      version: 1,
      vendor: "ours",
      jsonSchema: {
        input() {
          throw new Error("a date is none");
        },
      },
    },
  };
  assert.throws(
    () => checkOutput({ schema: broken }),
    (error) => isCodexError(error, "schema_unsupported") && /a date is none/.test(error.message),
  );
  assert.throws(() => checkOutput({ schema }), /at "\/type"/);
});

for (
  const [text, path, message] of [
    ['{"n":"1"}', "/n", /type/i],
    ["{}", "", /n/],
    ["no", "", /no JSON/],
    ["", "", /empty/],
  ] as const
) {
  Deno.test(`checkOutput() reads ${JSON.stringify(text)} as output_invalid`, async () => {
    await assert.rejects(checkOutput({ schema: SCHEMA }).read(text), (error) => {
      assert.ok(isCodexError(error, "output_invalid"));
      assert.equal(error.partial?.text, text);
      assert.equal(error.problems?.[0]?.path, path);
      assert.match(error.problems?.[0]?.message ?? "", message);
      assert.deepEqual(error.toJSON().problems, error.problems);
      return true;
    });
  });
}

Deno.test("checkOutput() gives what the validator makes of the value, and waits for it", async () => {
  const schema = validator(SCHEMA, (value) => Promise.resolve({ value: [value] }));
  assert.deepEqual(await checkOutput({ schema }).read('{"n":1}'), [{ n: 1 }]);
});

Deno.test("checkOutput() tells the validator's issues by their places", async () => {
  const schema = validator(SCHEMA, () => ({
    issues: [{ message: "is odd", path: ["a/b", { key: 0 }] }, { message: "is bad" }],
  }));
  await assert.rejects(checkOutput({ schema }).read('{"n":1}'), (error) => {
    assert.ok(isCodexError(error, "output_invalid"));
    assert.deepEqual(error.problems, [
      { path: "/a~1b/0", message: "is odd" },
      { path: "", message: "is bad" },
    ]);
    assert.match(error.message, /does not match the schema: at "\/a~1b\/0": is odd; is bad$/);
    return true;
  });
});

Deno.test("checkOutput() blames a schema that only breaks when it is used", async () => {
  const schema = { $id: "https://a.test/a", properties: { n: { $ref: "https://b.test/b" } } };
  const { read } = checkOutput({ schema, strict: false });
  await assert.rejects(read('{"n":"1"}'), (error) => isCodexError(error, "schema_unsupported"));
});

Deno.test("stream() refuses a schema before anything is sent, and says so wherever one listens", async () => {
  await using simulator = createSimulator();
  const client = createClient({ fetch: simulator.fetch, store: simulator.store });
  const ask = () => client.stream("Hi", { output: { schema: { type: "array" } } });
  const isIt = (error: unknown) => isCodexError(error, "schema_unsupported");
  await assert.rejects(ask().final(), isIt);
  await assert.rejects(ask().text(), isIt);
  await assert.rejects(Array.fromAsync(ask()), isIt);
  assert.equal(simulator.requests.length, 0);
});

Deno.test("stream() fails everywhere for an answer that does not match, with its text", async () => {
  await using simulator = createSimulator({ turns: [reply('{"n":"x"}', { times: 3 })] });
  const client = createClient({ fetch: simulator.fetch, store: simulator.store });
  const ask = () => client.stream("Hi", { output: { schema: SCHEMA } });
  const isIt = (error: unknown) =>
    isCodexError(error, "output_invalid") && error.partial?.text === '{"n":"x"}' &&
    error.problems?.[0]?.path === "/n";
  await assert.rejects(ask().final(), isIt);
  await assert.rejects(ask().text(), isIt);
  await assert.rejects(Array.fromAsync(ask()), isIt);
});

Deno.test("stream() with a schema gives no part of an answer for the whole of it", async () => {
  await using simulator = createSimulator({
    turns: [incomplete("max_output_tokens", { text: '{"n":' }), refuse("No.")],
  });
  const { fetch, store } = simulator;
  const ask = () => stream("Hi", { output: { schema: SCHEMA }, fetch, store }).final();
  await assert.rejects(ask(), (error) => isCodexError(error, "incomplete"));
  await assert.rejects(ask(), (error) => isCodexError(error, "refused"));
});

Deno.test("checkOutput() says whose fault it is when a validator fails, or gives no result", async () => {
  const cause = new TypeError("mine");
  const FAILING: readonly (readonly [validate: () => unknown, message: RegExp])[] = [
    [() => {
      throw cause;
    }, /^The validator of the output schema failed$/],
    [() => Promise.reject(cause), /^The validator of the output schema failed$/],
    [() => null, /gave no result$/],
    [() => Promise.resolve(undefined), /gave no result$/],
    [() => ({ issues: "x" }), /gave issues that are none$/],
  ];
  for (const [validate, message] of FAILING) {
    const { read } = checkOutput({ schema: validator(SCHEMA, validate as () => StandardResult) });
    const error = await read('{"n":1}').catch((thrown) => thrown);
    assert.ok(isCodexError(error, "tool_failed"));
    assert.match(error.message, message);
    if (message.source.includes("failed")) assert.equal(error.cause, cause);
  }
});

Deno.test("checkOutput() refuses a schema that cannot work, in one line and before anything is sent", () => {
  const loop: Record<string, unknown> = { type: "object" };
  loop["properties"] = { a: loop };
  const told = [
    { properties: { a: { $ref: "#/$defs/none" } } },
    loop,
    { default: 5n },
  ].map((schema) => {
    try {
      checkOutput({ schema, strict: false });
      return "taken";
    } catch (error) {
      return isCodexError(error, "schema_unsupported") ? error.message : error;
    }
  });
  assert.deepEqual(told, [
    'The schema of the output cannot work: at "/properties/a/$ref": $ref points nowhere',
    "The schema of the output cannot work: it is no JSON, but holds itself or what JSON has no words for",
    "The schema of the output cannot work: it is no JSON, but holds itself or what JSON has no words for",
  ]);
});

Deno.test("checkOutput() does not repeat the validator's own words", async () => {
  const schema = { $id: "https://a.test/a", properties: { n: { $ref: "https://b.test/b" } } };
  await assert.rejects(checkOutput({ schema, strict: false }).read('{"n":"1"}'), {
    message: "The schema of the output cannot work: the validator cannot work with it",
  });
});
