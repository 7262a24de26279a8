/**
 * From a caller's schema to what the service is sent, and from the answer to the caller's value.
 * Loaded only where an answer of a schema is asked for.
 */
import { callerFailure } from "../base/caller_failure.ts";
import { CodexError, type OutputProblem } from "../base/errors.ts";
import { isObject, type JsonObject } from "../base/json.ts";
import { invalidOutput } from "./invalid_output.ts";
import type { CheckedAnswer } from "./output_check.ts";
import type { SchemaOutput } from "./options.ts";
import type { OutputSchema, StandardIssue, StandardJsonSchema } from "./output_schema.ts";
import { soundProblem } from "./sound_schema.ts";
import { strictProblem } from "./strict_schema.ts";

/** A schema, checked. */
export interface CheckedOutput {
  /** As the service takes it. */
  readonly schema: JsonObject;
  /**
   * Reads an answer.
   *
   * @throws CodexError `output_invalid` with the text and each place that does not match.
   */
  read(text: string): Promise<unknown>;
}

const GUIDE = "https://platform.openai.com/docs/guides/structured-outputs";

/** A schema, checked, of whatever it is for. */
export interface CheckedSchema {
  /** As the service takes it. */
  readonly schema: JsonObject;
  /** Holds a value of JSON against it, and against the validator where it came from one. */
  check(value: unknown): Promise<CheckedAnswer>;
}

/** What a schema is for. */
export interface SchemaUse {
  /** Whether the service shall hold the model to it. */
  readonly strict: boolean;
  /** What it describes, for the error. */
  readonly what: string;
}

/** What a validator of a maker needs to tell its JSON Schema. */
const CONVERTERS: Readonly<Record<string, string>> = {
  valibot: "Wrap it: toStandardJsonSchema(schema) of @valibot/to-json-schema",
  zod: "Use zod 4.2 or later, or give z.toJSONSchema(schema)",
  arktype: "Use arktype 2.1.28 or later, or give schema.toJsonSchema()",
};

/**
 * Checks a schema before anything is sent.
 *
 * @param output What the caller asks for.
 * @throws CodexError `schema_unsupported` with the place that the service would refuse.
 */
export function checkOutput({ schema, strict = true }: SchemaOutput): CheckedOutput {
  const checked = checkSchema(schema, { strict, what: "the output schema" });
  return { schema: checked.schema, read: (text) => read(text, checked) };
}

/**
 * Checks a schema before anything is sent.
 *
 * @param schema JSON Schema, or a validator that tells it.
 * @param use What it is for.
 * @throws CodexError `schema_unsupported` with the place that the service would refuse.
 */
export function checkSchema(schema: OutputSchema, { strict, what }: SchemaUse): CheckedSchema {
  const validator = validatorOf(schema);
  const json = validator === undefined ? schema : converted(validator);
  if (!isObject(json)) throw unsupported(what, "", "a schema is a JSON object");
  checkJson(what, json);
  const flaw = soundProblem(json);
  if (flaw !== undefined) throw unsound(what, flaw.path, flaw.message);
  const problem = strict ? strictProblem(json) : undefined;
  if (problem !== undefined) throw unsupported(what, problem.path, problem.message);
  return { schema: json, check: (value) => check(value, what, json, validator) };
}

/** The schema as a validator; some are functions. */
function validatorOf(schema: OutputSchema): StandardJsonSchema | undefined {
  const given: unknown = schema;
  const isOne = typeof given === "function" || isObject(given);
  if (!isOne || !("~standard" in given)) return undefined;
  const standard = given["~standard"];
  const vendor = isObject(standard) ? String(standard["vendor"]) : "unknown";
  if (isStandardJson(given)) return given;
  throw new CodexError(
    "schema_unsupported",
    `This ${vendor} schema does not tell its JSON Schema`,
    {
      hint: (Object.hasOwn(CONVERTERS, vendor) ? CONVERTERS[vendor] : undefined) ??
        "Give JSON Schema, or a validator that has ~standard.jsonSchema",
    },
  );
}

function isStandardJson(schema: object): schema is StandardJsonSchema {
  const standard: unknown = Reflect.get(schema, "~standard");
  const json = isObject(standard) ? standard["jsonSchema"] : undefined;
  return isObject(json) && typeof json["input"] === "function";
}

/** What the validator takes is what the model shall write: on reading, it makes of it what it gives. */
function converted(validator: StandardJsonSchema): JsonObject {
  const { vendor, jsonSchema } = validator["~standard"];
  let json: JsonObject;
  try {
    json = jsonSchema.input({ target: "draft-2020-12" });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodexError(
      "schema_unsupported",
      `This ${vendor} schema cannot be told as JSON Schema: ${why}`,
      { cause, hint: "Leave out what JSON has no words for, such as dates and transforms" },
    );
  }
  const { $schema: _, ...copy } = json;
  return closed(copy);
}

/** Objects without further members: validators drop those, so they do not say that there are none. */
function closed(schema: JsonObject): JsonObject {
  const copy = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, closedBelow(key, value)]),
  );
  const open = copy["type"] === "object" && copy["additionalProperties"] === undefined;
  return open ? { ...copy, additionalProperties: false } : copy;
}

function closedBelow(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => isObject(inner) ? closed(inner) : inner);
  if (!isObject(value)) return value;
  if (key !== "properties" && key !== "$defs" && key !== "definitions") {
    return key === "default" || key === "const" ? value : closed(value);
  }
  const members = Object.entries(value);
  return Object.fromEntries(members.map(([name, inner]) => [
    name,
    isObject(inner) ? closed(inner) : inner,
  ]));
}

async function check(
  value: unknown,
  what: string,
  schema: JsonObject,
  validator: StandardJsonSchema | undefined,
): Promise<CheckedAnswer> {
  const { checkValue } = await import("./output_check.ts");
  let checked: CheckedAnswer;
  try {
    checked = checkValue(value, schema);
  } catch (cause) {
    throw unsound(what, "", "the validator cannot work with it", cause);
  }
  if ("problems" in checked) return checked;
  const standard = validator?.["~standard"];
  return standard?.validate === undefined
    ? checked
    : await validated(checked.value, what, standard);
}

/** What the validator makes of a value; where it fails, it is the caller's to mend. */
async function validated(
  value: unknown,
  what: string,
  standard: StandardJsonSchema["~standard"],
): Promise<CheckedAnswer> {
  const failed = (how: string, cause?: unknown) =>
    callerFailure(cause, `The validator of ${what} ${how}`, {
      hint: "Mend the schema's validator, or its transforms",
    });
  let result: unknown;
  try {
    result = await standard.validate?.(value);
  } catch (cause) {
    throw failed("failed", cause);
  }
  // Some give a list that has `issues`.
  if (typeof result !== "object" || result === null) throw failed("gave no result");
  const issues: unknown = Reflect.get(result, "issues");
  if (issues === undefined) return { value: Reflect.get(result, "value") };
  if (!isIssues(issues)) throw failed("gave issues that are none");
  return { problems: issues.map(problemOf) };
}

function isIssues(value: unknown): value is readonly StandardIssue[] {
  return Array.isArray(value) && value.every(isObject);
}

async function read(text: string, schema: CheckedSchema): Promise<unknown> {
  const { readJson } = await import("./output_check.ts");
  const answer = readJson(text);
  const checked = "problems" in answer ? answer : await schema.check(answer.value);
  if ("value" in checked) return checked.value;
  const hint = "Ask again, or look at `partial.text`";
  throw invalidOutput("does not match the schema", checked.problems, text, hint);
}

function problemOf({ message, path = [] }: StandardIssue): OutputProblem {
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return {
    path: keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    message,
  };
}

/** A schema that holds itself, or what JSON has no words for, could never be sent. */
function checkJson(what: string, schema: JsonObject): void {
  try {
    JSON.stringify(schema);
  } catch (cause) {
    throw unsound(what, "", "it is no JSON, but holds itself or what JSON has no words for", cause);
  }
}

/** What nobody could work with; the service is not even asked. */
function unsound(what: string, path: string, message: string, cause?: unknown): CodexError {
  const place = placed(path);
  return new CodexError(
    "schema_unsupported",
    `The schema of ${what.replace(" schema", "")} cannot work: ${place}${message}`,
    { cause, hint: "Mend the schema there" },
  );
}

function unsupported(what: string, path: string, message: string): CodexError {
  return new CodexError(
    "schema_unsupported",
    `The service does not take ${what}: ${placed(path)}${message}`,
    { hint: `Keep to its strict subset: ${GUIDE}` },
  );
}

/** A place before what is said of it; the end of a long one tells the most. */
function placed(path: string): string {
  if (path === "") return "";
  return `at "${path.length > 200 ? `…${path.slice(-200)}` : path}": `;
}
