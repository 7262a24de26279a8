/** Which tools a model is offered, and how they are declared to it. */
import type { Authorization, Session } from "../auth/session.ts";
import { CodexError } from "../base/errors.ts";
import { type Catalogue, defaultModel } from "../models/catalogue.ts";
import type { Model } from "../models/model.ts";
import type { ToolSpec } from "../responses/options.ts";
import { callerFailure } from "../base/caller_failure.ts";
import type { Tool } from "./tool.ts";

/** The tools of a run. */
export interface Offer {
  /** As they are declared. */
  readonly specs: readonly ToolSpec[];
  /** Those that are declared, by name; `undefined` for a run without tools. */
  readonly tools: ReadonlyMap<string, Tool> | undefined;
}

/**
 * Declares tools to a model; those that are not for it are left out.
 *
 * @param tools The tools.
 * @param model What is known of the model.
 * @throws CodexError `invalid_usage` for two of the same name, `schema_unsupported`.
 */
export async function offerTools(
  tools: readonly Tool[],
  model: Model | undefined,
): Promise<Offer> {
  if (tools.length === 0) return { specs: [], tools: undefined };
  const specs: ToolSpec[] = [];
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    const spec = await declared(tool, model);
    if (spec === undefined) continue;
    if (byName.has(tool.name)) {
      throw new CodexError("invalid_usage", `Two tools are called "${tool.name}"`, {
        hint: "Give each its own name",
      });
    }
    specs.push(spec);
    byName.set(tool.name, tool);
  }
  return { specs, tools: byName };
}

async function declared(tool: Tool, model: Model | undefined): Promise<ToolSpec | undefined> {
  try {
    return await tool.declare(model);
  } catch (cause) {
    throw callerFailure(cause, `The tool "${tool.name}" could not be declared`, {
      hint: "Mend the `declare` of the tool",
    });
  }
}

/** What {@linkcode knownModel} works with. */
export interface KnownModelDeps {
  /** Whose account. */
  readonly session: Pick<Session, "authorize">;
  /** Its models. */
  readonly catalogue: Catalogue;
  /** The sign-in, where it was looked up a moment ago. */
  readonly authorization?: Authorization | undefined;
}

/**
 * What is known of the model that will be asked. A key's models tell nothing of what they take.
 *
 * @param wanted Its name; the account's first when absent.
 * @param deps Whose account.
 * @param signal Ends the wait.
 * @throws As the sign-in in use does.
 */
export async function knownModel(
  wanted: string | undefined,
  deps: KnownModelDeps,
  signal: AbortSignal,
): Promise<Model | undefined> {
  const authorization = deps.authorization ?? await deps.session.authorize({ signal });
  if (authorization.kind !== "chatgpt") return undefined;
  const models = await deps.catalogue.list({ authorization, signal });
  return wanted === undefined ? defaultModel(models) : models.find(({ slug }) => slug === wanted);
}
