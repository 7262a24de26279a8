/** Builds the request of a model call, in both shapes. Pure. */
import type { Authorization } from "../auth/session.ts";
import type { JsonObject } from "../base/json.ts";
import type { RequestShape } from "../models/catalogue.ts";
import { responsesUrl } from "../protocol/endpoints.ts";
import { LITE_HEADER, SESSION_HEADER } from "../protocol/headers.ts";
import { DEFAULT_INSTRUCTIONS } from "./default_instructions.ts";
import { jsonBody } from "./long_text.ts";
import type { StreamOptions, ToolSpec } from "./options.ts";

/** What a request is made of, all of it checked. */
export interface RequestParts {
  /** What the service accepts. */
  readonly authorization: Authorization;
  /** Headers that say who we are. */
  readonly identity: Readonly<Record<string, string>>;
  /** Which shape. */
  readonly shape: RequestShape;
  /** The model's slug. */
  readonly model: string;
  /** The effort as it is sent. */
  readonly effort: string | undefined;
  /** The input. */
  readonly items: readonly JsonObject[];
  /** Names the conversation. */
  readonly sessionKey: string;
  /** The rest. */
  readonly options: StreamOptions;
}

/** A request, ready to be sent. */
export interface ModelRequest {
  /** Where to. */
  readonly url: string;
  /** Its headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its body, as JSON. */
  readonly body: string | Blob;
}

/** Builds the request. */
export function modelRequest(parts: RequestParts): ModelRequest {
  const { authorization, identity, shape, sessionKey } = parts;
  return {
    url: responsesUrl(authorization.baseUrl),
    headers: {
      ...identity,
      ...authorization.headers,
      "content-type": "application/json",
      accept: "text/event-stream",
      [SESSION_HEADER]: sessionKey,
      ...(shape === "lite" ? { [LITE_HEADER]: "true" } : {}),
    },
    body: jsonBody(shape === "lite" ? liteBody(parts) : classicBody(parts)),
  };
}

/** What an output schema is called that was given no name. */
export const SCHEMA_NAME = "answer";

function classicBody(parts: RequestParts): JsonObject {
  const { options, items } = parts;
  const { instructions = DEFAULT_INSTRUCTIONS, tools = [] } = options;
  return {
    model: parts.model,
    stream: true,
    ...tier(options),
    instructions: instructions.toWellFormed(),
    input: items,
    ...(tools.length === 0 ? {} : { tools: tools.map(wireTool) }),
    tool_choice: toolChoice(options),
    parallel_tool_calls: true,
    ...reasoning(parts, {}),
    ...common(parts),
  };
}

/**
 * The shape for the newer models (seen in the official client 0.169.0): tools and instructions
 * travel as the first items of the input.
 */
function liteBody(parts: RequestParts): JsonObject {
  const { options, items } = parts;
  const { instructions = DEFAULT_INSTRUCTIONS, tools = [] } = options;
  return {
    model: parts.model,
    stream: true,
    ...tier(options),
    input: [
      ...(tools.length === 0
        ? []
        : [{ type: "additional_tools", role: "developer", tools: tools.map(wireTool) }]),
      {
        type: "message",
        role: "developer",
        content: [{ type: "input_text", text: instructions.toWellFormed() }],
      },
      ...items,
    ],
    tool_choice: toolChoice(options),
    parallel_tool_calls: false,
    ...reasoning(parts, { context: "all_turns" }),
    ...common(parts),
  };
}

function common({ options, sessionKey }: RequestParts): JsonObject {
  return {
    store: false,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: sessionKey,
    ...text(options),
  };
}

function tier({ serviceTier }: StreamOptions): JsonObject {
  return serviceTier === undefined || serviceTier === "default"
    ? {}
    : { service_tier: serviceTier };
}

function reasoning({ effort, options }: RequestParts, always: JsonObject): JsonObject {
  const { reasoningSummary = "off" } = options;
  const members = {
    ...(effort === undefined ? {} : { effort }),
    ...(reasoningSummary === "off" ? {} : { summary: reasoningSummary }),
    ...always,
  };
  return Object.keys(members).length === 0 ? {} : { reasoning: members };
}

function text({ verbosity, output = "text" }: StreamOptions): JsonObject {
  if (verbosity === undefined && output === "text") return {};
  return {
    text: {
      ...(verbosity === undefined ? {} : { verbosity }),
      ...(output === "text" ? {} : {
        format: {
          type: "json_schema",
          name: output.name ?? SCHEMA_NAME,
          strict: output.strict ?? true,
          schema: output.schema,
        },
      }),
    },
  };
}

function toolChoice({ toolChoice = "auto", tools = [] }: StreamOptions): unknown {
  if (typeof toolChoice === "string") return toolChoice;
  const { name } = toolChoice;
  const tool = tools.find((one) => one.type !== "web-search" && one.name === name);
  return { type: tool?.type ?? "function", name };
}

function wireTool(tool: ToolSpec): JsonObject {
  switch (tool.type) {
    case "web-search":
      return {
        type: "web_search",
        external_web_access: tool.live ?? false,
        search_content_types: ["text", "image"],
      };
    case "custom":
      return {
        type: "custom",
        name: tool.name,
        description: tool.description ?? "",
        ...(tool.grammar === undefined ? {} : { format: { type: "grammar", ...tool.grammar } }),
      };
    default:
      return {
        type: "function",
        name: tool.name,
        description: tool.description ?? "",
        strict: tool.strict ?? false,
        parameters: tool.parameters,
      };
  }
}
