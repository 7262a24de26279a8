/** Holds lines of events against their published schema, and against nothing beyond it. */
import { Validator } from "@cfworker/json-schema";

const FILE = new URL("../../schema/events.v1.json", import.meta.url);

type Json = Record<string, unknown>;

/** A schema that takes no member which it does not name: ours are open for readers, not for us. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner: Json = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closed(value)]),
  );
  return inner["type"] === "object" ? { ...inner, additionalProperties: false } : inner;
}

let validator: Promise<Validator> | undefined;

async function load(): Promise<Validator> {
  const schema = closed(JSON.parse(await Deno.readTextFile(FILE))) as Json;
  return new Validator(schema, "2020-12", true);
}

/**
 * Reads the events of a run and holds each against the schema.
 *
 * @param stdout What the command wrote.
 * @returns The events.
 * @throws When a line is no event of the schema.
 */
export async function eventsOf(
  stdout: string,
): Promise<readonly (Json & { readonly type: string })[]> {
  const against = await (validator ??= load());
  if (!stdout.endsWith("\n")) throw new Error(`the last line is not ended: ${stdout.slice(-200)}`);
  return stdout.slice(0, -1).split("\n").map((line) => {
    const event = JSON.parse(line);
    const { valid, errors } = against.validate(event);
    if (!valid) throw new Error(`${line}\n${errors.map(({ error }) => error).join("\n")}`);
    return event;
  });
}
