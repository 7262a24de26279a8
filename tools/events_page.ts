/** `docs/json-events.md`, made from the schema of the events. */
import { eventSchema, type Schema } from "./event_schema.ts";

/** What the events are for whose types no comment says it. */
const MEANING: Readonly<Record<string, string>> = {
  "text-start": "A message begins. `interim` is said on the way, `final` is the answer.",
  "text-delta": "More of a message: deltas are deltas, nothing is repeated.",
  "text-end": "A message has ended, with its text as the service finished it.",
  "reasoning-delta": "More of the summary of the thinking.",
  "tool-input-delta": "More of the input of a tool call.",
  "tool-call": "The model wants a tool called.",
  "limits": "How much of the plan's allowance is used.",
  "warning": "Something is not as it should be; the run goes on.",
  "raw": "An event of the wire, as it came; only where asked for.",
  "step-start": "A model call begins.",
  "tool-start": "A tool begins its work.",
};

/** The page. */
export async function eventsPage(): Promise<string> {
  const schema = await eventSchema();
  const types = schema["$defs"] as Record<string, Schema>;
  const named = (name: string): Schema => types[name] ?? {};
  const resolved = (one: Schema): Schema =>
    one.$ref === undefined ? one : named(one.$ref.slice("#/$defs/".length));
  const rows = (schema.anyOf ?? []).map((one) => {
    const { properties = {}, required = [], description } = resolved(one);
    const type = String(properties["type"]?.const);
    const meaning = description ?? MEANING[type];
    if (meaning === undefined) throw new Error(`nothing says what the event ${type} means`);
    const members = Object.keys(properties).filter((name) => name !== "type")
      .map((name) => `\`${name}${required.includes(name) ? "" : "?"}\``);
    return `| \`${type}\` | ${members.join(", ")} | ${meaning} |`;
  });
  const shapes = Object.entries(types)
    .filter(([, { properties }]) => properties !== undefined && properties["type"] === undefined)
    .flatMap(([name, { description = "", properties = {}, required = [] }]) => [
      `### ${name}`,
      "",
      description,
      "",
      "| member | type | meaning |",
      "| --- | --- | --- |",
      ...Object.entries(properties).map(([member, inner]) =>
        `| \`${member}${required.includes(member) ? "" : "?"}\` | ${typeOf(inner)} | ${
          inner.description ?? ""
        } |`
      ),
      "",
    ]);
  return [
    "# Events of `codex run --json`",
    "",
    "One event a line, each written when it comes. The first is `run-start`; the last is `run-finish`",
    "when the status is 0, and `error` when it is anything else. A retry is a `retry`, never an `error`.",
    "Types and members may be added: ignore what you do not know. A change that could break a reader",
    "gets another `schema` number in `run-start`.",
    "",
    "The same as JSON Schema: [`schema/events.v1.json`](../schema/events.v1.json). Both are made from the",
    "types in `src/agent/run_events.ts` by `deno task docs`. The codes of `error` are those of",
    "[exit statuses](exit-status.md).",
    "",
    "```sh",
    "# the text as it comes",
    "codex run --json 'Name three rivers' | jq -j 'select(.type == \"text-delta\").delta'",
    "",
    "# why it failed, and when to come back",
    "codex run --json 'Hello' | jq -r 'select(.type == \"error\") | .code, .resetsAt // \"\"'",
    "```",
    "",
    "| type | members | meaning |",
    "| --- | --- | --- |",
    ...rows,
    "",
    "## What the members hold",
    "",
    ...shapes,
  ].join("\n");
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.slice("#/$defs/".length);
  if (schema.items !== undefined) return `${typeOf(schema.items)}[]`;
  return schema.type ?? (schema.enum ?? [schema.const]).map((one) => `\`${one}\``).join(", ");
}
