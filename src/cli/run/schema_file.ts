/** The schema that the answer must match, read and checked before anything is sent. */
import { CodexError } from "../../base/errors.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { strictProblem } from "../../responses/strict_schema.ts";
import { readFileText } from "./input_file.ts";

/** The largest schema that is read, in bytes: far above what the service takes. */
const MAX_SCHEMA_BYTES = 4 * 1024 * 1024;

/**
 * Reads a schema.
 *
 * @param path A file of JSON Schema.
 * @param signal Ends the wait for a pipe.
 * @throws CodexError `invalid_usage` when it cannot be read, `schema_unsupported` for what the
 * service would refuse, with the place.
 */
export async function readSchema(path: string, signal: AbortSignal): Promise<JsonObject> {
  const schema = parsed(path, await readFileText(path, MAX_SCHEMA_BYTES, signal));
  const problem = strictProblem(schema);
  if (problem === undefined && isObject(schema)) return schema;
  const { path: at, message } = problem ?? { path: "", message: "a schema is a JSON object" };
  throw new CodexError(
    "schema_unsupported",
    `The service does not take the schema "${path}": ${at === "" ? "" : `at "${at}": `}${message}`,
    {
      hint: "Keep to its strict subset: https://platform.openai.com/docs/guides/structured-outputs",
    },
  );
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const where = cause instanceof Error
      ? /\(line \d+ column \d+\)|position \d+/.exec(cause.message)
      : null;
    throw new CodexError(
      "invalid_usage",
      `The schema "${path}" is no JSON${
        where === null ? "" : `: it breaks at ${where[0].replace(/[()]/g, "")}`
      }`,
      { cause, hint: "Check it, for example with: jq . FILE" },
    );
  }
}
