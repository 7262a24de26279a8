/**
 * Whether a JSON Schema means anything at all, whoever it is for: what is found here would
 * otherwise only be found when an answer is held against it, after the request was spent.
 *
 * What the service takes of a sound schema is another question, see `strict_schema.ts`.
 */
import { arrayAt, isObject, type JsonObject } from "../base/json.ts";
import {
  escaped,
  patternProblem,
  resolve,
  type SchemaProblem,
  typeProblem,
} from "./strict_schema.ts";

/** Keywords that hold one schema, a list of them, or some by name. */
const ONE: readonly string[] = [
  "items",
  "additionalProperties",
  "not",
  "if",
  "then",
  "else",
  "contains",
  "propertyNames",
  "unevaluatedItems",
  "unevaluatedProperties",
];
const LISTS: readonly string[] = ["anyOf", "oneOf", "allOf", "prefixItems"];
const BY_NAME: readonly string[] = [
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
];

/** Those that are held against the very value that the schema is held against. */
const IN_PLACE: readonly string[] = ["anyOf", "oneOf", "allOf", "not", "if", "then", "else"];

/** No schema that means something is as deep, and the validator goes as deep as it. */
const MOST_LEVELS = 1000;

/**
 * Looks for what cannot work.
 *
 * @param schema The schema, of JSON.
 * @returns The first problem in the schema's own order, or `undefined`.
 */
export function soundProblem(schema: JsonObject): SchemaProblem | undefined {
  return problemAt(schema, "", schema, 0);
}

function problemAt(
  schema: unknown,
  path: string,
  root: JsonObject,
  level: number,
): SchemaProblem | undefined {
  if (typeof schema === "boolean") return undefined;
  if (!isObject(schema)) return { path, message: "a schema is an object, true or false" };
  if (level > MOST_LEVELS) return { path, message: "the schema is nested too deeply" };
  const problem = typeProblem(schema, path) ??
    patternProblem(schema, path) ??
    refProblem(schema, path, root) ??
    enumProblem(schema, path) ??
    requiredProblem(schema, path);
  if (problem !== undefined) return problem;
  for (const [inner, at] of innerSchemas(schema, path)) {
    const below = problemAt(inner, at, root, level + 1);
    if (below !== undefined) return below;
  }
  return undefined;
}

function refProblem(
  schema: JsonObject,
  path: string,
  root: JsonObject,
): SchemaProblem | undefined {
  const { $ref } = schema;
  if ($ref === undefined) return undefined;
  const at = `${path}/$ref`;
  if (typeof $ref !== "string") return { path: at, message: "$ref must be text" };
  if (!isPointer($ref)) {
    // Where the schema has names of its own, its validator knows best.
    return hasNames(root) ? undefined : { path: at, message: "$ref points nowhere" };
  }
  const target = resolve($ref, root);
  if (target === undefined) return { path: at, message: "$ref points nowhere" };
  if (!isObject(target) && typeof target !== "boolean") {
    return { path: at, message: "$ref does not point to a schema" };
  }
  return leadsBack(schema, root, new Set(), new Set())
    ? { path: at, message: "$ref leads back to itself" }
    : undefined;
}

function isPointer(ref: string): boolean {
  return ref === "#" || ref.startsWith("#/");
}

/** Whether some part is named by more than its place. */
function hasNames(root: JsonObject): boolean {
  return /"\$(?:id|anchor|dynamicAnchor)":/.test(JSON.stringify(root));
}

/**
 * Whether a value would have to be held against the same schema again, and again.
 *
 * @param above The parts on the way to this one.
 * @param done The parts that are known not to lead back: many may refer to the same one.
 */
function leadsBack(
  schema: unknown,
  root: JsonObject,
  above: Set<unknown>,
  done: Set<unknown>,
): boolean {
  if (!isObject(schema) || done.has(schema)) return false;
  if (above.has(schema)) return true;
  above.add(schema);
  const { $ref } = schema;
  const next = typeof $ref === "string" && isPointer($ref) ? [resolve($ref, root)] : [];
  for (const key of IN_PLACE) {
    const inner = schema[key];
    next.push(...Array.isArray(inner) ? inner : [inner]);
  }
  const back = next.some((one) => leadsBack(one, root, above, done));
  above.delete(schema);
  if (!back) done.add(schema);
  return back;
}

function enumProblem({ enum: values }: JsonObject, path: string): SchemaProblem | undefined {
  if (values === undefined || (Array.isArray(values) && values.length > 0)) return undefined;
  return { path: `${path}/enum`, message: "enum must be a list of at least one value" };
}

function requiredProblem(schema: JsonObject, path: string): SchemaProblem | undefined {
  const { required, properties, patternProperties, additionalProperties } = schema;
  if (required === undefined) return undefined;
  if (!Array.isArray(required) || required.some((name) => typeof name !== "string")) {
    return { path: `${path}/required`, message: "required must be a list of names" };
  }
  if (additionalProperties !== false || patternProperties !== undefined) return undefined;
  const known = isObject(properties) ? properties : {};
  const missing = required.findIndex((name) => !Object.hasOwn(known, name));
  return missing === -1 ? undefined : {
    path: `${path}/required/${missing}`,
    message: "required names a property that there is not",
  };
}

function* innerSchemas(schema: JsonObject, path: string): Generator<readonly [unknown, string]> {
  for (const group of BY_NAME) {
    const members = schema[group];
    if (!isObject(members)) continue;
    for (const [key, inner] of Object.entries(members)) {
      yield [inner, `${path}/${group}/${escaped(key)}`];
    }
  }
  for (const group of LISTS) {
    for (const [index, inner] of arrayAt(schema, group).entries()) {
      yield [inner, `${path}/${group}/${index}`];
    }
  }
  for (const key of ONE) {
    // Older schemas have a list of them for items.
    if (schema[key] !== undefined && !Array.isArray(schema[key])) {
      yield [schema[key], `${path}/${key}`];
    }
  }
}
