/** What the items of a request may be, and that every call has its output. */
import { arrayAt, isObject, type JsonObject, stringAt } from "../../base/json.ts";
import { apiError, detail } from "../answers.ts";
import { refuseTools } from "./tool_rules.ts";

/** The kinds of item that a request may hold, by what each needs. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  message: ["role", "content"],
  reasoning: ["summary"],
  function_call: ["name", "arguments", "call_id"],
  function_call_output: ["call_id", "output"],
  custom_tool_call: ["name", "input", "call_id"],
  custom_tool_call_output: ["call_id", "output"],
  tool_search_call: ["arguments"],
  tool_search_output: ["tools"],
  local_shell_call: ["action"],
  local_shell_call_output: ["output"],
  web_search_call: [],
  image_generation_call: [],
  compaction: ["encrypted_content"],
  compaction_trigger: [],
  context_compaction: [],
  additional_tools: ["tools"],
  configuration_update: [],
  agent_message: ["content"],
  item_reference: ["id"],
};

const PARTS: Readonly<Record<string, readonly string[]>> = {
  user: ["input_text", "input_image", "input_file", "input_audio"],
  developer: ["input_text", "input_image", "input_file", "input_audio"],
  system: ["input_text", "input_image", "input_file", "input_audio"],
  assistant: ["output_text", "refusal"],
};

/** Whether the backend or the public API is asked. */
export interface InputRules {
  /** The backend takes no message of the role `system`. */
  readonly systemAllowed: boolean;
}

/** The answer that refuses a list of items, if one does. */
export function refuseInput(input: readonly unknown[], rules: InputRules): Response | undefined {
  return refuseItems(input, rules) ?? refusePairs(input);
}

/** The same for each item by itself: a call and its output need not stand together. */
export function refuseItems(
  input: readonly unknown[],
  { systemAllowed }: InputRules,
): Response | undefined {
  for (const [index, item] of input.entries()) {
    const refused = refuseItem(item, index, systemAllowed);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function refuseItem(item: unknown, index: number, systemAllowed: boolean): Response | undefined {
  const place = `input[${index}]`;
  if (!isObject(item)) return invalid(place, `Invalid type for '${place}': expected an object.`);
  // A message needs no type: opencode sends none.
  const type = stringAt(item, "type") ?? "message";
  const needs = Object.hasOwn(NEEDS, type) ? NEEDS[type] : undefined;
  if (needs === undefined) {
    return invalid(place, `Invalid value: '${type}'. Supported values are: ${known()}.`);
  }
  const missing = needs.find((name) => item[name] === undefined);
  if (missing !== undefined) {
    return apiError(400, {
      message: `Missing required parameter: '${place}.${missing}'.`,
      param: `${place}.${missing}`,
      code: "missing_required_parameter",
    });
  }
  if (type === "additional_tools") return refuseTools(item["tools"], `${place}.tools`);
  return type === "message" ? refuseMessage(item, place, systemAllowed) : undefined;
}

function refuseMessage(
  item: JsonObject,
  place: string,
  systemAllowed: boolean,
): Response | undefined {
  const role = stringAt(item, "role") ?? "";
  if (role === "system" && !systemAllowed) return detail(400, "System messages are not allowed");
  const parts = Object.hasOwn(PARTS, role) ? PARTS[role] : undefined;
  if (parts === undefined) return invalid(`${place}.role`, `Invalid value: '${role}'.`);
  if (typeof item["content"] === "string") return undefined;
  if (!Array.isArray(item["content"])) {
    return invalid(`${place}.content`, `Invalid type for '${place}.content'.`);
  }
  for (const [index, part] of arrayAt(item, "content").entries()) {
    const type = stringAt(part, "type") ?? "";
    const where = `${place}.content[${index}]`;
    if (!parts.includes(type)) {
      return invalid(
        where,
        `Invalid value: '${type}'. Supported values are: ${
          parts.map((name) => `'${name}'`).join(", ")
        }.`,
      );
    }
    const refused = type === "input_image" ? refuseImage(part, where) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}

/** A data URL must hold a picture: its first bytes tell. */
function refuseImage(part: unknown, place: string): Response | undefined {
  const url = stringAt(part, "image_url");
  if (url === undefined) {
    return stringAt(part, "file_id") === undefined
      ? invalid(`${place}.image_url`, `Missing required parameter: '${place}.image_url'.`)
      : undefined;
  }
  if (!url.startsWith("data:")) return undefined;
  // PNG, JPEG, GIF and WebP in base64.
  const good = /^data:image\/[\w.+-]+;base64,(?:iVBORw0KGgo|\/9j\/|R0lGOD|UklGR)/.test(url);
  if (good) return undefined;
  return apiError(400, {
    message: "The image data you provided does not represent a valid image. " +
      "Please check your input and try again.",
    param: place,
    code: "invalid_value",
  });
}

/** The answer that refuses a call without its output, or an output without its call. */
export function refusePairs(input: readonly unknown[]): Response | undefined {
  const ids = (kinds: readonly string[]) =>
    input.flatMap((item) => {
      const id = kinds.includes(stringAt(item, "type") ?? "")
        ? stringAt(item, "call_id")
        : undefined;
      return id === undefined ? [] : [id];
    });
  for (const kind of ["function", "custom_tool"]) {
    const calls = ids([`${kind}_call`]);
    const outputs = ids([`${kind}_call_output`]);
    const unanswered = calls.find((id) => !outputs.includes(id));
    const what = kind === "function" ? "function call" : "custom tool call";
    if (unanswered !== undefined) {
      return invalid("input", `No tool output found for ${what} ${unanswered}.`);
    }
    const orphan = outputs.find((id) => !calls.includes(id));
    if (orphan !== undefined) {
      return invalid("input", `No tool call found for ${what} output with call_id ${orphan}.`);
    }
  }
  return undefined;
}

function invalid(param: string, message: string): Response {
  return apiError(400, { message, param, code: "invalid_value" });
}

function known(): string {
  return Object.keys(NEEDS).map((name) => `'${name}'`).join(", ");
}
