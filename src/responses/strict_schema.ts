/**
 * The subset of JSON Schema that the service holds a model to, so that a schema which it would
 * refuse is refused here, with the place, before anything is sent.
 *
 * The rules are those of OpenAI's page on structured outputs, read in 2026: every property
 * required, no further ones, an object at the root, no composition but `anyOf`. Keywords that the
 * page does not name are let through: the service has the last word.
 */
import { arrayAt, isObject, type JsonObject } from "../base/json.ts";
import { inUnicodeMode } from "./pattern.ts";

/** What the service does not take, and where. */
export interface SchemaProblem {
  /** A JSON pointer into the schema; empty for all of it. */
  readonly path: string;
  /** What is wrong there. */
  readonly message: string;
}

const REFUSED: ReadonlySet<string> = new Set([
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "dependencies",
  "patternProperties",
  "propertyNames",
  "minProperties",
  "maxProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "additionalItems",
  "prefixItems",
  "contains",
  "minContains",
  "maxContains",
  "uniqueItems",
]);

const TYPES: readonly string[] = [
  "string",
  "number",
  "integer",
  "boolean",
  "object",
  "array",
  "null",
];

/** How deep a schema may go: the service takes 10 levels of objects, each of which is two of ours. */
const MOST_LEVELS = 100;

/**
 * Looks for what the service would refuse.
 *
 * @param schema The schema.
 * @returns The first problem in the schema's own order, or `undefined`.
 */
export function strictProblem(schema: unknown): SchemaProblem | undefined {
  if (!isObject(schema)) return { path: "", message: "a schema is a JSON object" };
  if (schema["anyOf"] !== undefined) {
    return { path: "/anyOf", message: "anyOf may not stand at the root" };
  }
  if (schema["type"] !== "object") {
    return { path: "/type", message: 'the root must have the type "object"' };
  }
  return problemAt(schema, "", schema, 0);
}

function problemAt(
  schema: unknown,
  path: string,
  root: JsonObject,
  level: number,
): SchemaProblem | undefined {
  if (!isObject(schema)) return { path, message: "a schema is a JSON object here" };
  if (level > MOST_LEVELS) return { path, message: "the schema is nested too deeply" };
  const refused = Object.keys(schema).find((key) => REFUSED.has(key));
  if (refused !== undefined) {
    return { path: `${path}/${refused}`, message: `${refused} is not supported` };
  }
  return typeProblem(schema, path) ??
    patternProblem(schema, path) ??
    refProblem(schema, path, root) ??
    objectProblem(schema, path) ??
    below(schema, path, root, level);
}

/** A type that there is not. */
export function typeProblem({ type }: JsonObject, path: string): SchemaProblem | undefined {
  if (type === undefined) return undefined;
  const types = Array.isArray(type) ? type : [type];
  if (types.length > 0 && types.every((one) => TYPES.includes(one))) return undefined;
  return { path: `${path}/type`, message: `type must be one of ${TYPES.join(", ")}` };
}

/** A pattern that is none. */
export function patternProblem({ pattern }: JsonObject, path: string): SchemaProblem | undefined {
  if (pattern === undefined) return undefined;
  if (typeof pattern === "string" && inUnicodeMode(pattern) !== undefined) return undefined;
  // The message names the place; the engine's own words add little.
  return { path: `${path}/pattern`, message: "pattern is no regular expression" };
}

function refProblem(
  { $ref }: JsonObject,
  path: string,
  root: JsonObject,
): SchemaProblem | undefined {
  if ($ref === undefined) return undefined;
  const message = typeof $ref !== "string" || !$ref.startsWith("#")
    ? "$ref may only point into this schema"
    : resolve($ref, root) === undefined
    ? "$ref points nowhere"
    : undefined;
  return message === undefined ? undefined : { path: `${path}/$ref`, message };
}

/** What a JSON pointer of a schema points to, `undefined` for nothing. */
export function resolve(ref: string, root: JsonObject): unknown {
  let at: unknown = root;
  for (const part of ref.slice(1).split("/").slice(1)) {
    const key = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(at)) at = at[Number(key)];
    else at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

/** What is not escaped as an address has it stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function objectProblem(schema: JsonObject, path: string): SchemaProblem | undefined {
  const { type, properties } = schema;
  const isOne = type === "object" || (Array.isArray(type) && type.includes("object"));
  if (!isOne && properties === undefined) return undefined;
  if (properties !== undefined && !isObject(properties)) {
    return { path: `${path}/properties`, message: "properties must be an object" };
  }
  if (schema["additionalProperties"] !== false) {
    return {
      path: schema["additionalProperties"] === undefined ? path : `${path}/additionalProperties`,
      message: "additionalProperties must be given as false",
    };
  }
  const required = arrayAt(schema, "required");
  const optional = Object.keys(properties ?? {}).find((key) => !required.includes(key));
  if (optional === undefined) return undefined;
  return {
    path: `${path}/properties/${escaped(optional)}`,
    message: 'every property must be listed in "required"; let an optional one be null',
  };
}

function below(
  schema: JsonObject,
  path: string,
  root: JsonObject,
  level: number,
): SchemaProblem | undefined {
  for (const [inner, at] of innerSchemas(schema, path)) {
    const problem = problemAt(inner, at, root, level + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function* innerSchemas(schema: JsonObject, path: string): Generator<readonly [unknown, string]> {
  for (const group of ["properties", "$defs", "definitions"]) {
    const members = schema[group];
    if (!isObject(members)) continue;
    for (const [key, inner] of Object.entries(members)) {
      yield [inner, `${path}/${group}/${escaped(key)}`];
    }
  }
  for (const [index, inner] of arrayAt(schema, "anyOf").entries()) {
    yield [inner, `${path}/anyOf/${index}`];
  }
  if (schema["items"] !== undefined) yield [schema["items"], `${path}/items`];
}

/** A key as a part of a JSON pointer (RFC 6901). */
export function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
