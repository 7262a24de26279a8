/** Which model takes which request: identity, the lite shape, efforts. */
import { type JsonObject, objectAt, stringAt } from "../../base/json.ts";
import { LITE_HEADER, ORIGINATOR_HEADER } from "../../protocol/headers.ts";
import { apiError, detail } from "../answers.ts";
import type { World } from "../world.ts";
import type { CatalogueEntry } from "./catalogue.ts";

/** Programs of OpenAI's own, as they name themselves. */
const OFFICIAL: readonly string[] = ["codex_cli_rs", "codex_exec", "codex_vscode"];

/** A model that this kind of account may not use, or that is misspelt. */
export function unknownModel(slug: string): Response {
  return detail(
    400,
    `The '${slug}' model is not supported when using Codex with a ChatGPT account.`,
  );
}

/** The answer with which a model refuses a request, if it does. */
export function refuseModel(
  model: CatalogueEntry,
  json: JsonObject,
  headers: Headers,
  world: World,
): Response | undefined {
  return refuseIdentity(model, headers, world) ?? refuseLite(model, json, headers) ??
    refuseEffort(model, json);
}

function refuseIdentity(
  { slug, lite }: CatalogueEntry,
  headers: Headers,
  { settings: { rules } }: World,
): Response | undefined {
  if (rules.wantsNewer.includes(slug)) {
    return apiError(400, {
      message: `The '${slug}' model requires a newer version of Codex. ` +
        "Please upgrade to the latest app or CLI and try again.",
    });
  }
  const wantsLite = rules.wantsLite.includes(slug) || (lite && rules.wantsLite.includes("*"));
  const official = OFFICIAL.includes(headers.get(ORIGINATOR_HEADER) ?? "");
  if (
    (wantsLite && headers.get(LITE_HEADER) !== "true") ||
    (rules.wantsIdentity.includes(slug) && !official)
  ) {
    return apiError(404, { message: `Model not found ${slug}` });
  }
  return undefined;
}

/** With the lite header the body must keep to the lite shape. */
function refuseLite(
  model: CatalogueEntry,
  json: JsonObject,
  headers: Headers,
): Response | undefined {
  if (headers.get(LITE_HEADER) !== "true") return undefined;
  if (!model.lite) {
    return unsupported(
      "model",
      "This model is not supported when using X-OpenAI-Internal-Codex-Responses-Lite.",
    );
  }
  const context = stringAt(objectAt(json, "reasoning"), "context");
  if (context !== "all_turns") {
    return unsupported(
      "reasoning.context",
      `Unsupported value: '${context ?? "auto"}' is not supported when using ` +
        "X-OpenAI-Internal-Codex-Responses-Lite. Supported values are: 'all_turns'.",
    );
  }
  if (json["parallel_tool_calls"] !== false) {
    return unsupported(
      "parallel_tool_calls",
      "Parallel tool calls are not supported when using X-OpenAI-Internal-Codex-Responses-Lite.",
    );
  }
  return undefined;
}

function refuseEffort({ slug, efforts }: CatalogueEntry, json: JsonObject): Response | undefined {
  const effort = objectAt(json, "reasoning")["effort"];
  if (effort === undefined || effort === null) return undefined;
  if (typeof effort === "string" && efforts.includes(effort)) return undefined;
  const allowed = efforts.map((name) => `'${name}'`);
  const last = allowed.pop();
  return unsupported(
    "reasoning.effort",
    `Unsupported value: '${effort}' is not supported with the '${slug}' model. ` +
      `Supported values are: ${allowed.join(", ")}${allowed.length > 0 ? ", and " : ""}${last}.`,
  );
}

function unsupported(param: string, message: string): Response {
  return apiError(400, { message, param, code: "unsupported_value" });
}
