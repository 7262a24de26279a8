/** What tools and an output format may be. */
import { arrayAt, isObject, objectAt, stringAt } from "../../base/json.ts";
import { apiError } from "../answers.ts";

/** The kinds of tool that were seen, and two of the public API. */
const KINDS: readonly string[] = [
  "function",
  "custom",
  "namespace",
  "tool_search",
  "web_search",
  "image_generation",
  "mcp",
];

/** The answer that refuses a list of tools, if one does. */
export function refuseTools(tools: unknown, place = "tools"): Response | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) {
    return invalid(place, `Invalid type for '${place}': expected an array.`);
  }
  for (const [index, tool] of tools.entries()) {
    const refused = refuseTool(tool, `${place}[${index}]`);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function refuseTool(tool: unknown, place: string): Response | undefined {
  const type = stringAt(tool, "type") ?? "";
  if (!KINDS.includes(type)) return invalid(`${place}.type`, `Invalid value: '${type}'.`);
  if (!["function", "custom", "namespace"].includes(type)) return undefined;
  const name = stringAt(tool, "name") ?? "";
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    return invalid(
      `${place}.name`,
      `Invalid '${place}.name': string does not match pattern '^[a-zA-Z0-9_-]+$'.`,
    );
  }
  if (type === "namespace") {
    return refuseTools(objectAt({ tool }, "tool")["tools"], `${place}.tools`);
  }
  if (type !== "function" || !isObject(tool)) return undefined;
  const wrong = tool["strict"] === true ? complaint(tool["parameters"], []) : undefined;
  if (wrong !== undefined) return badSchema(`function '${name}'`, wrong, `${place}.parameters`);
  return undefined;
}

/** The answer that refuses `text`, if one does. */
export function refuseText(text: unknown): Response | undefined {
  if (text === undefined || text === null) return undefined;
  if (!isObject(text)) return invalid("text", "Invalid type for 'text': expected an object.");
  const verbosity = text["verbosity"];
  if (verbosity !== undefined && !["low", "medium", "high"].includes(String(verbosity))) {
    return apiError(400, {
      message: `Unsupported value: '${verbosity}' is not supported. ` +
        "Supported values are: 'low', 'medium', and 'high'.",
      param: "text.verbosity",
      code: "unsupported_value",
    });
  }
  const format = objectAt(text, "format");
  if (stringAt(format, "type") !== "json_schema") return undefined;
  const name = stringAt(format, "name") ?? "";
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    return invalid("text.format.name", "Missing required parameter: 'text.format.name'.");
  }
  if (!isObject(format["schema"])) {
    return invalid("text.format.schema", "Missing required parameter: 'text.format.schema'.");
  }
  const wrong = format["strict"] === true ? complaint(format["schema"], [], true) : undefined;
  if (wrong === undefined) return undefined;
  return badSchema(`response_format '${name}'`, wrong, "text.format.schema");
}

/** What the strict subset does not take: an open object, an optional member, a root that is none. */
function complaint(
  schema: unknown,
  path: readonly string[],
  root = false,
): string | undefined {
  if (!isObject(schema)) return undefined;
  const context = `In context=(${path.map((key) => `'${key}'`).join(", ")})`;
  if (root && (schema["type"] !== "object" || schema["anyOf"] !== undefined)) {
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${schema["type"]}"'.`;
  }
  const properties = objectAt(schema, "properties");
  if (schema["type"] === "object" || schema["properties"] !== undefined) {
    if (schema["additionalProperties"] !== false) {
      return `${context}, 'additionalProperties' is required to be supplied and to be false.`;
    }
    const required = arrayAt(schema, "required");
    const missing = Object.keys(properties).find((key) => !required.includes(key));
    if (missing !== undefined) {
      return `${context}, 'required' is required to be supplied and to be an array including ` +
        `every key in properties. Missing '${missing}'.`;
    }
  }
  return below(schema, path);
}

function below(schema: Record<string, unknown>, path: readonly string[]): string | undefined {
  for (const key of ["properties", "$defs", "definitions"]) {
    for (const [name, inner] of Object.entries(objectAt(schema, key))) {
      const wrong = complaint(inner, [...path, key, name]);
      if (wrong !== undefined) return wrong;
    }
  }
  for (const [index, inner] of arrayAt(schema, "anyOf").entries()) {
    const wrong = complaint(inner, [...path, "anyOf", String(index)]);
    if (wrong !== undefined) return wrong;
  }
  return complaint(schema["items"], [...path, "items"]);
}

function badSchema(what: string, wrong: string, param: string): Response {
  return apiError(400, {
    message: `Invalid schema for ${what}: ${wrong}`,
    param,
    code: param.startsWith("text") ? "invalid_json_schema" : "invalid_function_parameters",
  });
}

function invalid(param: string, message: string): Response {
  return apiError(400, { message, param, code: "invalid_value" });
}
