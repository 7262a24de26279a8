/** The schema that the answer must match, read and checked before anything is sent. */
import { CodexError } from "../../base/errors.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { soundProblem } from "../../responses/sound_schema.ts";
import { strictProblem } from "../../responses/strict_schema.ts";
import { readJsonFile } from "./json_file.ts";

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
  const schema = await readJsonFile(path, "schema", MAX_SCHEMA_BYTES, signal);
  // A schema that means nothing would only be found out by its first answer.
  const problem = strictProblem(schema) ?? (isObject(schema) ? soundProblem(schema) : undefined);
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
