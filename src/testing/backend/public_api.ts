/** The public API, for keys: the same requests, with its own and wider rules. */
import { arrayAt, isObject, type JsonObject, objectAt, stringAt } from "../../base/json.ts";
import { apiError, jsonAnswer } from "../answers.ts";
import type { Incoming } from "../incoming.ts";
import type { Handler, World } from "../world.ts";
import { bearer } from "./access.ts";
import type { CatalogueEntry } from "./catalogue.ts";
import { refuseItems, refusePairs } from "./input_rules.ts";
import { performTurn } from "./perform.ts";
import { refuseText, refuseTools } from "./tool_rules.ts";

/** Every member that a request to the public API may have. */
const TAKEN: ReadonlySet<string> = new Set([
  ..."model stream store instructions input tools tool_choice parallel_tool_calls".split(" "),
  ..."reasoning include prompt_cache_key text service_tier client_metadata".split(" "),
  ..."max_output_tokens max_tool_calls temperature top_p top_logprobs truncation".split(" "),
  ..."metadata safety_identifier background stream_options user prompt".split(" "),
  ..."previous_response_id conversation prompt_cache_retention context_management".split(" "),
]);

/** `POST /v1/responses`. */
export const apiRespond: Handler = async (incoming, world) => {
  const refused = refuseKey(incoming, world);
  if (refused !== undefined) return refused;
  const { json } = incoming;
  if (!isObject(json)) {
    return apiError(400, { message: "We could not parse the JSON body of your request." });
  }
  const wrong = refuseBody(json, world);
  if (wrong !== undefined) return wrong;
  const recalled = world.memory.recall(json);
  if ("refused" in recalled) return recalled.refused;
  const unpaired = refusePairs(recalled.input);
  if (unpaired !== undefined) return unpaired;
  const headers = {
    "openai-organization": "org-simulator",
    "openai-version": "2020-10-01",
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
  };
  const { signal, served } = incoming;
  return await performTurn(
    {
      request: { ...json, input: recalled.input },
      workspace: undefined,
      headers,
      publicApi: true,
      signal,
      served,
    },
    world,
  );
};

/** `GET /v1/models` and one of them. */
export const apiModels: Handler = (incoming, world) => {
  const refused = refuseKey(incoming, world);
  if (refused !== undefined) return refused;
  const models = world.models.filter(({ wire }) => wire["supported_in_api"] === true);
  const slug = decodeURIComponent(/^\/v1\/models\/(.+)$/.exec(incoming.url.pathname)?.[1] ?? "");
  if (slug === "") return jsonAnswer(200, { object: "list", data: models.map(apiModel) });
  const model = models.find((entry) => entry.slug === slug);
  return model === undefined ? unknownModel(slug) : jsonAnswer(200, apiModel(model));
};

function apiModel({ slug }: CatalogueEntry): Record<string, unknown> {
  return { id: slug, object: "model", created: 1_790_000_000, owned_by: "system" };
}

function refuseKey({ headers }: Incoming, { settings }: World): Response | undefined {
  const key = bearer(headers);
  if (key === undefined) {
    return apiError(401, {
      message: "You didn't provide an API key. You need to provide your API key in an " +
        "Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    });
  }
  if (settings.apiKeys.includes(key)) return undefined;
  return apiError(401, {
    message: `Incorrect API key provided: ${key.slice(0, 3)}***.`,
    code: "invalid_api_key",
  });
}

function refuseBody(json: JsonObject, world: World): Response | undefined {
  const unknown = Object.keys(json).find((name) => !TAKEN.has(name));
  if (unknown !== undefined) {
    return apiError(400, {
      message: `Unknown parameter: '${unknown}'.`,
      param: unknown,
      code: "unknown_parameter",
    });
  }
  const slug = stringAt(json, "model");
  if (slug === undefined) {
    return apiError(400, {
      message: "Missing required parameter: 'model'.",
      param: "model",
      code: "missing_required_parameter",
    });
  }
  const model = world.models.find((entry) => entry.slug === slug);
  if (model === undefined) return unknownModel(slug);
  const effort = stringAt(objectAt(json, "reasoning"), "effort");
  if (effort !== undefined && !model.efforts.includes(effort)) {
    return apiError(400, {
      message: `Unsupported value: '${effort}' is not supported with the '${slug}' model.`,
      param: "reasoning.effort",
      code: "unsupported_value",
    });
  }
  if (typeof json["input"] !== "string" && !Array.isArray(json["input"])) {
    return apiError(400, {
      message: "Missing required parameter: 'input'.",
      param: "input",
      code: "missing_required_parameter",
    });
  }
  return refuseTools(json["tools"]) ?? refuseText(json["text"]) ??
    refuseItems(arrayAt(json, "input"), { systemAllowed: true });
}

function unknownModel(slug: string): Response {
  return apiError(404, {
    message: `The model '${slug}' does not exist or you do not have access to it.`,
    code: "model_not_found",
  });
}
