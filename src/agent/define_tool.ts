/** Makes a tool of a schema and a function. */
import { CodexError, isCodexError } from "../base/errors.ts";
import { isPlainObject } from "../base/json.ts";
import { problemList } from "../responses/invalid_output.ts";
import {
  BOOLEAN,
  check,
  closed,
  FUNCTION,
  type Kind,
  optional,
  shape,
  SOMETHING,
  TEXT,
} from "../responses/members.ts";
import type { CheckedAnswer } from "../responses/output_check.ts";
import type { CheckedSchema } from "../responses/output_format.ts";
import type { InferOutput, OutputSchema } from "../responses/output_schema.ts";
import { EFFECTS } from "./effects.ts";
import type { Tool, ToolDefinition } from "./tool.ts";

/**
 * Makes a tool for {@linkcode run}: its arguments are checked before `execute` sees them, and what
 * is wrong with them is told to the model.
 *
 * @param definition Name, description, schema, and what it does.
 * @returns The tool.
 * @throws CodexError `invalid_usage` for a member that is missing, not known or of another type, and
 * for a name that the service does not take. A schema that it does not take ends the run with
 * `schema_unsupported` before the first request.
 *
 * @example A tool that the model may call
 * ```ts
 * import { createClient, tool } from "@x/codex";
 * import { createSimulator, reply, toolCall } from "@x/codex/testing";
 *
 * const weather = tool({
 *   name: "weather",
 *   description: "The weather of a city",
 *   input: {
 *     type: "object",
 *     properties: { city: { type: "string" } },
 *     required: ["city"],
 *     additionalProperties: false,
 *   },
 *   execute: ({ city }) => ({ city, sky: "clear" }),
 * });
 *
 * await using simulator = createSimulator({
 *   turns: [toolCall("weather", { city: "Basel" }), reply("Clear.")],
 * });
 * const { run } = createClient({ fetch: simulator.fetch, store: simulator.store });
 * console.log(await run("Is it raining in Basel?", { tools: [weather] }).text()); // "Clear."
 * ```
 */
export function tool<const S extends OutputSchema, O>(definition: ToolDefinition<S, O>): Tool {
  // An object of a class may have members of its own.
  check(definition, isPlain(definition) ? DEFINITION : OPEN_DEFINITION, "definition");
  const { name, description, input, effects, strict = false } = definition;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw new CodexError("invalid_usage", `A tool cannot be called "${name}"`, {
      hint: "Use 1 to 64 letters, digits, underscores and hyphens",
    });
  }
  let checked: Promise<CheckedSchema> | undefined;
  const schema = () => checked ??= load(input, strict, name);
  return {
    name,
    ...(effects === undefined ? {} : { effects }),
    async declare() {
      const { schema: parameters } = await schema();
      return { type: "function", name, description, strict, parameters };
    },
    async prepare(given) {
      const value = await argumentsOf(given, await schema());
      // The check above is what makes it so.
      return { execute: (context) => definition.execute(value as InferOutput<S>, context) };
    },
  };
}

/** What a caller without types may have got wrong; the schema itself is checked by the run. */
const MEMBERS: Readonly<Record<keyof ToolDefinition<OutputSchema, unknown>, Kind>> = {
  name: TEXT,
  description: TEXT,
  input: SOMETHING,
  strict: optional(BOOLEAN),
  effects: optional(EFFECTS),
  execute: FUNCTION,
};

const HINT = "Give name, description, input and execute: docs/library.md has an example";

const OPEN_DEFINITION = shape(MEMBERS, { hint: HINT });

// A member that is dropped without a word may be the one that says what it does to the world.
const DEFINITION = closed(MEMBERS, { hint: HINT });

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null || isPlainObject(value);
}

/** The converter and the validator are loaded where a tool is used, not where it is made. */
async function load(input: OutputSchema, strict: boolean, name: string): Promise<CheckedSchema> {
  const { checkSchema } = await import("../responses/output_format.ts");
  return checkSchema(input, { strict, what: `the arguments of the tool "${name}"` });
}

/** Reads arguments; what is wrong with them becomes a sentence for the model. */
async function argumentsOf(given: unknown, schema: CheckedSchema): Promise<unknown> {
  if (typeof given === "string") throw new Error("failed to parse function arguments: no JSON");
  const checked = await checkedBy(schema, given);
  if ("value" in checked) return checked.value;
  throw new Error(`The arguments do not match the schema${problemList(checked.problems)}`);
}

/** A transform that fails on what the model gave is told to the model, as a tool that fails is. */
async function checkedBy(schema: CheckedSchema, given: unknown): Promise<CheckedAnswer> {
  try {
    return await schema.check(given);
  } catch (error) {
    throw isCodexError(error, "tool_failed") && error.cause !== undefined ? error.cause : error;
  }
}
