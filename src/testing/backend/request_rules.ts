/** What the ChatGPT backend takes and refuses in the body of a model request. */
import { isObject, type JsonObject, objectAt, stringAt } from "../../base/json.ts";
import { LITE_HEADER } from "../../protocol/headers.ts";
import { apiError, detail } from "../answers.ts";
import type { World } from "../world.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { refuseInput } from "./input_rules.ts";
import { refuseModel, unknownModel } from "./model_rules.ts";
import { refuseText, refuseTools } from "./tool_rules.ts";

/** Every member that a request may have; any other is refused by its name. */
const TAKEN: readonly string[] = [
  "model",
  "stream",
  "store",
  "instructions",
  "input",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "reasoning",
  "include",
  "prompt_cache_key",
  "text",
  "service_tier",
  "client_metadata",
];

const TIERS: readonly string[] = ["priority", "flex", "default"];

const SUMMARIES: readonly string[] = ["auto", "concise", "detailed"];

/** A request that was taken, or the answer that refuses it. */
export type Checked =
  | { readonly body: JsonObject; readonly model: CatalogueEntry }
  | { readonly refused: Response };

/** Holds a request against the rules of the backend. */
export function checkRequest(json: unknown, headers: Headers, world: World): Checked {
  if (!isObject(json)) return { refused: detail(400, "Request body must be a JSON object") };
  const slug = stringAt(json, "model") ?? "";
  const model = world.models.find((entry) => entry.slug === slug);
  const refused = refuseMembers(json) ??
    (model === undefined ? unknownModel(slug) : refuseModel(model, json, headers, world)) ??
    refuseInstructions(json, headers, world) ??
    refuseShapes(json);
  if (refused !== undefined) return { refused };
  return model === undefined ? { refused: unknownModel(slug) } : { body: json, model };
}

function refuseMembers(json: JsonObject): Response | undefined {
  const unwanted = Object.keys(json).find((name) => !TAKEN.includes(name));
  if (unwanted !== undefined) return detail(400, `Unsupported parameter: ${unwanted}`);
  if (json["store"] !== false) return detail(400, "Store must be set to false");
  if (json["stream"] !== true) return detail(400, "Stream must be set to true");
  if (!Array.isArray(json["input"])) return detail(400, "Input must be a list");
  const tier = json["service_tier"];
  if (tier !== undefined && tier !== null && !TIERS.includes(String(tier))) {
    return detail(400, `Unsupported service_tier: ${tier}`);
  }
  return undefined;
}

function refuseInstructions(
  json: JsonObject,
  headers: Headers,
  { settings }: World,
): Response | undefined {
  if (stringAt(json, "instructions")) return undefined;
  if (headers.get(LITE_HEADER) === "true") return undefined;
  if (settings.rules.instructions === "optional") return undefined;
  // Since 0.169 the official client sends its prompt as the first developer message instead.
  if (headers.has("version")) return undefined;
  return detail(400, "Instructions are required");
}

function refuseShapes(json: JsonObject): Response | undefined {
  const { include, input, tool_choice: choice, parallel_tool_calls: parallel } = json;
  if (include !== undefined && !isStrings(include)) {
    return invalidType("include", "an array of strings");
  }
  if (parallel !== undefined && typeof parallel !== "boolean") {
    return invalidType("parallel_tool_calls", "a boolean");
  }
  if (choice !== undefined && !isToolChoice(choice)) {
    return invalidType("tool_choice", "'none', 'auto', 'required' or an object");
  }
  const summary = objectAt(json, "reasoning")["summary"] ?? "auto";
  if (!SUMMARIES.includes(String(summary))) {
    return invalidType("reasoning.summary", "'auto', 'concise' or 'detailed'");
  }
  if (!isStringMap(objectAt(json, "client_metadata"))) {
    return invalidType("client_metadata", "a map of strings");
  }
  return refuseTools(json["tools"]) ?? refuseText(json["text"]) ??
    refuseInput(Array.isArray(input) ? input : [], { systemAllowed: false });
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isStringMap(value: JsonObject): boolean {
  return Object.values(value).every((item) => typeof item === "string");
}

function isToolChoice(choice: unknown): boolean {
  return isObject(choice) || ["none", "auto", "required"].includes(String(choice));
}

function invalidType(param: string, wanted: string): Response {
  return apiError(400, {
    message: `Invalid type for '${param}': expected ${wanted}.`,
    param,
    code: "invalid_type",
  });
}
