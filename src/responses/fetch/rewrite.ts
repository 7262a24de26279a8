/** From the body of a public-API request to one that the ChatGPT backend takes. Pure. */
import { CodexError } from "../../base/errors.ts";
import { arrayAt, isObject, type JsonObject, parseJson, stringAt } from "../../base/json.ts";
import type { RequestShape } from "../../models/catalogue.ts";
import { DEFAULT_INSTRUCTIONS } from "../default_instructions.ts";
import type { ItemMemory } from "./item_memory.ts";

/** A body, read and ready for either shape. */
export interface Rewritten {
  /** The model. */
  readonly model: string;
  /** Whether the answer is wanted as a stream. */
  readonly stream: boolean;
  /** The members that are not sent on, by name. */
  readonly dropped: readonly string[];
  /** The name that the caller gave the conversation, where it did. */
  readonly cacheKey: string | undefined;
  /** How the conversation began: the same in each of its requests. */
  readonly beginning: string;
  /** The body. */
  body(shape: RequestShape, sessionKey: string): JsonObject;
}

/** What goes on as it came. */
const KEPT: readonly string[] = ["tool_choice", "text", "client_metadata"];

/** What is put in another form, or decided here. */
const HANDLED: readonly string[] = [
  "model",
  "stream",
  "store",
  "instructions",
  "input",
  "tools",
  "parallel_tool_calls",
  "reasoning",
  "include",
  "prompt_cache_key",
  "service_tier",
];

/** What cannot be left out without asking something else. */
const ESSENTIAL: readonly string[] = ["previous_response_id", "conversation", "prompt"];

const ENCRYPTED_REASONING = "reasoning.encrypted_content";

/**
 * Reads a body.
 *
 * @param text The body.
 * @param memory What the model said before.
 * @throws CodexError `invalid_request` for what cannot be asked of the backend.
 */
export function rewriteBody(text: string, memory: Pick<ItemMemory, "find">): Rewritten {
  const given = parseJson(text);
  if (!isObject(given)) throw refused("The body is no JSON object", "Send a Responses request");
  // A null is how some SDKs say nothing.
  const json = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const essential = ESSENTIAL.find((name) => name in json);
  if (essential !== undefined) {
    throw refused(
      `"${essential}" cannot be used: the backend keeps nothing between requests`,
      "Send the whole conversation as input",
    );
  }
  const model = stringAt(json, "model");
  if (!model) throw refused("The request names no model", 'Give one, such as model: "gpt-5.5"');
  const { instructions, items } = splitInput(json, memory);
  const { stream } = json;
  return {
    model,
    stream: stream === true,
    dropped: Object.keys(json).filter((name) =>
      (!KEPT.includes(name) && !HANDLED.includes(name)) ||
      (name === "store" && json[name] === true) ||
      (name === "service_tier" && tierOf(json) === undefined)
    ),
    cacheKey: stringAt(json, "prompt_cache_key"),
    beginning: JSON.stringify([model, instructions, items[0]]),
    body: (shape, sessionKey) => {
      const members = { ...chosen(json), ...constant(json, sessionKey), model };
      return shape === "lite"
        ? liteBody(json, members, instructions, items)
        : classicBody(json, members, instructions, items);
    },
  };
}

/** The members that the caller chooses, whatever the shape. */
function chosen(json: JsonObject): JsonObject {
  const tier = tierOf(json);
  return {
    ...Object.fromEntries(KEPT.flatMap((name) => name in json ? [[name, json[name]]] : [])),
    ...(tier === undefined ? {} : { service_tier: tier }),
  };
}

/** The backend refuses "auto", and both that and "default" mean what happens anyway. */
function tierOf(json: JsonObject): string | undefined {
  const tier = stringAt(json, "service_tier");
  return tier === "auto" || tier === "default" ? undefined : tier;
}

/** The members that the backend demands. */
function constant(json: JsonObject, sessionKey: string): JsonObject {
  const include = arrayAt(json, "include");
  return {
    store: false,
    stream: true,
    include: include.includes(ENCRYPTED_REASONING) ? include : [...include, ENCRYPTED_REASONING],
    prompt_cache_key: sessionKey,
  };
}

function classicBody(
  json: JsonObject,
  members: JsonObject,
  instructions: string,
  items: readonly JsonObject[],
): JsonObject {
  const { tools, parallel_tool_calls: parallel, reasoning } = json;
  return {
    ...members,
    instructions,
    input: items,
    ...(tools === undefined ? {} : { tools }),
    ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}

/** The shape for the newer models: tools and instructions travel as the first items of the input. */
function liteBody(
  json: JsonObject,
  members: JsonObject,
  instructions: string,
  items: readonly JsonObject[],
): JsonObject {
  const tools = arrayAt(json, "tools");
  const reasoning = isObject(json["reasoning"]) ? json["reasoning"] : {};
  return {
    ...members,
    input: [
      ...(tools.length === 0 ? [] : [{ type: "additional_tools", role: "developer", tools }]),
      message("developer", instructions),
      ...items,
    ],
    parallel_tool_calls: false,
    reasoning: { ...reasoning, context: "all_turns" },
  };
}

/**
 * Sets the instructions apart. Where the caller gives none, what the program says before anybody
 * else is them; a later message of the role `system`, which the backend refuses, is a developer's.
 */
function splitInput(
  json: JsonObject,
  memory: Pick<ItemMemory, "find">,
): { readonly instructions: string; readonly items: readonly JsonObject[] } {
  const { input } = json;
  const given = typeof input === "string" ? [message("user", input)] : input;
  if (!Array.isArray(given)) throw refused("The request has no input", "Give text or items");
  const items = given.map((item) => itemOf(item, memory));
  const own = stringAt(json, "instructions");
  if (own?.trim()) return { instructions: own, items };
  const texts: string[] = [];
  for (const item of items) {
    const text = item["role"] === "developer" ? textOf(item) : undefined;
    if (text === undefined) break;
    texts.push(text);
  }
  return {
    instructions: texts.join("\n\n").trim() === "" ? DEFAULT_INSTRUCTIONS : texts.join("\n\n"),
    items: items.slice(texts.length),
  };
}

function itemOf(item: unknown, memory: Pick<ItemMemory, "find">): JsonObject {
  if (!isObject(item)) throw refused("An item of the input is no object", "Send items");
  if (item["role"] === "system") return { ...item, role: "developer" };
  if (item["type"] !== "item_reference") return item;
  const found = memory.find(stringAt(item, "id") ?? "");
  if (found !== undefined) return found;
  throw refused(
    "The input refers to an item that is not at hand: the backend keeps nothing",
    "Send the items themselves; with the AI SDK: providerOptions: { openai: { store: false } }",
  );
}

/** What a message says, or `undefined` when it says it with more than text. */
function textOf(item: JsonObject): string | undefined {
  const { content } = item;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const texts = arrayAt(item, "content").map((part) => stringAt(part, "text"));
  return texts.includes(undefined) ? undefined : texts.join("\n");
}

function message(role: string, text: string): JsonObject {
  return { type: "message", role, content: [{ type: "input_text", text: text.toWellFormed() }] };
}

function refused(message: string, hint: string): CodexError {
  return new CodexError("invalid_request", message, { hint });
}
