/** `codex run --output-schema` and `--repair`. */
import assert from "node:assert/strict";
import { reply, silent } from "../../testing.ts";
import { openDesk } from "../support/desk.ts";
import { eventsOf } from "../support/event_schema.ts";

const SCHEMA = {
  type: "object",
  properties: { name: { type: "string" }, age: { type: ["integer", "null"] } },
  required: ["name", "age"],
  additionalProperties: false,
};

const GOOD = '{"name": "Ada", "age": 36}';
const BAD = '{"name": 1, "age": 36}';

async function schemaDesk(...texts: readonly string[]) {
  const desk = await openDesk({ turns: texts.map((text) => reply(text, { chunks: 4 })) });
  await desk.home.write("schema.json", JSON.stringify(SCHEMA));
  return desk;
}

const RUN = ["run", "--output-schema", "schema.json", "who?"];

interface Body {
  readonly text?: unknown;
  readonly input: readonly { role?: string; content?: readonly { text: string }[] }[];
}

Deno.test("codex run --output-schema sends the schema and prints the answer that matches it", async () => {
  await using desk = await schemaDesk(GOOD);
  const { code, stdout, stderr } = await desk.run(RUN);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${GOOD}\n`, stderr: "" });
  const body = desk.simulator.requestsTo("responses")[0]?.json as Body;
  assert.deepEqual(body.text, {
    format: { type: "json_schema", name: "answer", strict: true, schema: SCHEMA },
  });
});

Deno.test("codex run --output-schema shows nothing before the answer is checked", async () => {
  await using desk = await openDesk({ turns: [silent({ text: GOOD, afterChunks: 1 })] });
  await desk.home.write("schema.json", JSON.stringify(SCHEMA));
  const { code, stdout } = await desk.run([...RUN, "--timeout", "600ms"]);
  assert.deepEqual([code, stdout], [124, ""]);
});

Deno.test("codex run --output-schema ends with 7, the places, and nothing on stdout", async () => {
  await using desk = await schemaDesk(BAD, BAD);
  await desk.home.write("answer.json", "old");
  const { code, stdout, stderr } = await desk.run([...RUN, "-o", "answer.json"]);
  assert.deepEqual([code, stdout], [7, ""]);
  assert.match(
    stderr,
    /^codex: The answer does not match the schema: at "\/name": [^\n]+\nhint: .*--repair/,
  );
  assert.equal(await desk.home.read("answer.json"), "old");
  const json = await desk.run([...RUN, "--json"]);
  const last = (await eventsOf(json.stdout)).at(-1);
  assert.deepEqual([json.code, last?.["code"], last?.["text"]], [7, "output_invalid", BAD]);
  assert.deepEqual((last?.["problems"] as { path: string }[]).map(({ path }) => path), ["/name"]);
});

Deno.test("codex run --output-schema ends with 7 for an answer that is no JSON", async () => {
  await using desk = await schemaDesk("Sure! Here it is: {}");
  const { code, stderr } = await desk.run(RUN);
  assert.equal(code, 7);
  assert.match(stderr, /does not match the schema: it is no JSON\n/);
});

Deno.test("codex run --repair asks again with what was wrong, and prints the good answer alone", async () => {
  await using desk = await schemaDesk(BAD, "nothing", GOOD);
  const { code, stdout, stderr } = await desk.run([...RUN, "--repair", "2"]);
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${GOOD}\n`, stderr: "" });
  const bodies = desk.simulator.requestsTo("responses").map(({ json }) => json as Body);
  assert.equal(bodies.length, 3);
  assert.deepEqual(bodies[2]?.input.map(({ role }) => role), [
    "user",
    "user",
    "assistant",
    "user",
    "assistant",
    "user",
  ]);
  assert.match(bodies[1]?.input[3]?.content?.[0]?.text ?? "", /at "\/name"/);
  assert.match(bodies[2]?.input[5]?.content?.[0]?.text ?? "", /no JSON/);
});

Deno.test("codex run --repair ends with 7 when the last answer is wrong too, and counts the steps", async () => {
  await using desk = await schemaDesk(BAD, BAD, GOOD);
  const { code, stdout } = await desk.run([...RUN, "--repair", "1", "--json"]);
  assert.equal(code, 7);
  const events = await eventsOf(stdout);
  assert.equal(events.at(-1)?.["steps"], 2);
  assert.deepEqual(
    events.filter(({ type }) => type === "step-start").map(({ step }) => step),
    [1, 2],
  );
  const limited = await schemaDesk(BAD, GOOD);
  await using other = limited;
  assert.equal((await other.run([...RUN, "--repair", "5", "--max-steps", "1"])).code, 7);
  assert.equal(other.simulator.requestsTo("responses").length, 1);
});

const REFUSED: readonly (readonly [schema: string, code: number, says: RegExp])[] = [
  ["{", 2, /"schema.json" is no JSON/],
  ["[]", 6, /does not take the schema "schema.json"/],
  [JSON.stringify({ ...SCHEMA, required: ["name"] }), 6, /at "\/properties\/age": every property/],
  [JSON.stringify({ ...SCHEMA, additionalProperties: true }), 6, /at "\/additionalProperties"/],
  [JSON.stringify({ ...SCHEMA, allOf: [] }), 6, /at "\/allOf": allOf is not supported/],
];

for (const [schema, code, says] of REFUSED) {
  Deno.test(`codex run --output-schema refuses ${schema.slice(0, 60)} before it asks`, async () => {
    await using desk = await openDesk();
    await desk.home.write("schema.json", schema);
    const result = await desk.run(RUN, { stdin: "open" });
    assert.equal(result.code, code, result.stderr);
    assert.match(result.stderr, says);
    assert.match(result.stderr, /^codex: [^\n]+\nhint: [^\n]+\n$/);
    assert.equal(desk.simulator.requestsTo("responses").length, 0);
  });
}

Deno.test("codex run refuses schemas and repairs that make no sense together", async () => {
  await using desk = await schemaDesk();
  for (
    const args of [
      ["--output-schema", "none.json"],
      ["--output-schema", "schema.json", "-x"],
      ["--repair", "1"],
      ["--output-schema", "schema.json", "--repair", "many"],
    ]
  ) {
    const { code, stderr } = await desk.run(["run", "x", ...args]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^codex: [^\n]+\nhint: [^\n]+\n$/);
  }
  assert.equal(desk.simulator.requests.length, 0);
});
