/** Which model a call uses, and whether the account's own list allows what it asks of the model. */
import { CodexError } from "../base/errors.ts";
import { type Catalogue, defaultModel } from "../models/catalogue.ts";
import type { Authorization } from "../auth/session.ts";
import type { Model } from "../models/model.ts";
import { nearest } from "./nearest.ts";
import type { StreamOptions } from "./options.ts";

/** A model, checked as far as it can be. */
export interface ModelChoice {
  /** What the request names. */
  readonly slug: string;
  /** The effort as it is sent; `undefined` leaves it to the service. */
  readonly effort: string | undefined;
  /** The models that were listed, for an error that names those that work. */
  readonly models: readonly Model[];
}

/** What a choice depends on. */
export interface ChoiceContext {
  /** What the request will be made with: for a ChatGPT plan, or with an API key. */
  readonly authorization: Authorization;
  /** What the account may use. */
  readonly catalogue: Pick<Catalogue, "list">;
  /** Whether the input has an image. */
  readonly hasImage: boolean;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/**
 * Chooses the model.
 *
 * @param options What the caller asks for.
 * @param context Where to look it up.
 * @throws CodexError `model_unavailable` for a model that the account's list does not have,
 * `invalid_usage` for what the model does not take, or for no model where there is no default.
 */
export async function chooseModel(
  options: StreamOptions,
  context: ChoiceContext,
): Promise<ModelChoice> {
  const { authorization, catalogue, hasImage, signal } = context;
  if (authorization.kind === "api") return await chooseApiModel(options, context);
  const { model: wanted } = options;
  const models = await catalogue.list({ authorization, signal });
  const model = wanted === undefined ? firstOf(models) : models.find(({ slug }) => slug === wanted);
  if (model !== undefined) {
    if (model.source !== "bundled") check(options, model, hasImage);
    return { slug: model.slug, effort: effortOf(options, model), models };
  }
  const slug = wanted ?? "";
  // A list that is not the account's own proves nothing: the server decides.
  if (models.some(({ source }) => source !== "bundled")) throw unavailable(slug, models);
  return { slug, effort: effortOf(options, undefined), models };
}

function firstOf(models: readonly Model[]): Model {
  const first = defaultModel(models);
  if (first !== undefined) return first;
  throw new CodexError("model_unavailable", "The account's list holds no model to choose", {
    hint: "Name a model that you know of, or see: codex models",
  });
}

/** A key has no default model, and the public API tells too little of its models to check. */
async function chooseApiModel(
  options: StreamOptions,
  { authorization, catalogue, signal }: ChoiceContext,
): Promise<ModelChoice> {
  if (options.model !== undefined) {
    return { slug: options.model, effort: effortOf(options, undefined), models: [] };
  }
  const models = await catalogue.list({ authorization, signal });
  throw new CodexError("invalid_usage", "With an API key the model must be named", {
    hint: `Name one, such as ${names(models.map(({ slug }) => slug))}`,
  });
}

function effortOf({ effort }: StreamOptions, model: Model | undefined): string | undefined {
  // Never sent itself: each model has another effort that stands for it.
  if (effort === "ultra") return model?.effortForUltra ?? "max";
  return effort ?? model?.defaultEffort;
}

function check({ effort, verbosity }: StreamOptions, model: Model, hasImage: boolean): void {
  const refuse = (what: string, hint: string): CodexError =>
    new CodexError("invalid_usage", what, { hint });
  if (effort !== undefined && model.efforts.length > 0 && !model.efforts.includes(effort)) {
    throw refuse(
      `${model.slug} does not take the effort "${effort}"`,
      `Use ${list(model.efforts)}`,
    );
  }
  if (verbosity !== undefined && !model.verbosity) {
    throw refuse(`${model.slug} does not take a verbosity`, "Leave the verbosity out");
  }
  if (hasImage && !model.inputs.includes("image")) {
    throw refuse(`${model.slug} does not take images`, "Choose another model: codex models");
  }
}

/**
 * The error for a model that the account may not use, with those that it may, nearest name first.
 *
 * @param slug The model that was asked for.
 * @param models What is known of the account's models.
 * @param from The refusal of the service, where one was received.
 */
export function unavailable(slug: string, models: readonly Model[], from?: CodexError): CodexError {
  const others = models.filter((model) => model.listed && model.slug !== slug);
  const hint = others.length === 0
    ? "See what the account may use with: codex models"
    : `Use ${names(nearest(slug, others.map((model) => model.slug)))}`;
  return new CodexError("model_unavailable", `This account may not use the model "${slug}"`, {
    hint,
    status: from?.status,
    requestId: from?.requestId,
    cause: from,
  });
}

function names(slugs: readonly string[]): string {
  return slugs.length === 0 ? "one of those that codex models lists" : list(slugs.slice(0, 5));
}

/** Such as `a, b or c`. */
function list(words: readonly string[]): string {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
}
