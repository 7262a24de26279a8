/** The model list on the wire, and the models that this version knows by itself. */
import { arrayAt, booleanAt, isObject, numberAt, stringAt } from "../base/json.ts";

/** A model as the backend lists it; members that nothing here uses are left out. */
export interface WireModel {
  /** What a request names. */
  readonly slug: string;
  /** What a person reads. */
  readonly display_name: string;
  /** Smaller comes first; the first listed one is the default. */
  readonly priority: number;
  /** `list` is shown, `hide` and `none` are not. */
  readonly visibility: string;
  /** The efforts that it takes. */
  readonly supported_reasoning_levels: readonly WireEffort[];
  /** The effort when none is asked for. */
  readonly default_reasoning_level?: string;
  /** What is sent for `ultra`, which is never sent itself. */
  readonly multi_agent_reasoning_effort?: string;
  /** Input and output together, in tokens. */
  readonly context_window?: number;
  /** `text`, `image`, `audio`; absent means text and image. */
  readonly input_modalities?: readonly string[];
  /** Whether `text.verbosity` may be sent. */
  readonly support_verbosity?: boolean;
  /** `freeform` where it takes the patch tool as a grammar. */
  readonly apply_patch_tool_type?: string;
  /** Speed tiers by their id. */
  readonly service_tiers?: readonly WireTier[];
  /** Whether the official client uses the lite request shape for it. */
  readonly use_responses_lite?: boolean;
}

/** An effort level of a model. */
export interface WireEffort {
  /** Its name on the wire. */
  readonly effort: string;
}

/** A service tier of a model. */
export interface WireTier {
  /** Its name on the wire. */
  readonly id: string;
}

/**
 * Reads a model list. The official client drops the whole list for one bad entry; here an entry
 * without a slug is left out and every other member has a default.
 *
 * @param body The parsed answer.
 * @returns The models, or `undefined` when the answer is no list.
 */
export function readModels(body: unknown): readonly WireModel[] | undefined {
  if (!isObject(body) || !Array.isArray(body["models"])) return undefined;
  return body["models"].flatMap((entry) => readModel(entry) ?? []);
}

/** Reads one entry of a model list, or `undefined` when it has no slug. */
export function readModel(entry: unknown): WireModel | undefined {
  const slug = stringAt(entry, "slug");
  if (!slug) return undefined;
  const optional = <K extends string, V>(key: K, value: V | undefined) =>
    (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
  return {
    slug,
    display_name: stringAt(entry, "display_name") ?? slug,
    priority: numberAt(entry, "priority") ?? Number.MAX_SAFE_INTEGER,
    visibility: stringAt(entry, "visibility") ?? "list",
    supported_reasoning_levels: arrayAt(entry, "supported_reasoning_levels").flatMap((level) => {
      const effort = stringAt(level, "effort");
      return effort === undefined ? [] : [{ effort }];
    }),
    ...optional("default_reasoning_level", stringAt(entry, "default_reasoning_level")),
    ...optional("multi_agent_reasoning_effort", stringAt(entry, "multi_agent_reasoning_effort")),
    ...optional("context_window", numberAt(entry, "context_window")),
    ...optional("input_modalities", strings(entry, "input_modalities")),
    ...optional("support_verbosity", booleanAt(entry, "support_verbosity")),
    ...optional("apply_patch_tool_type", stringAt(entry, "apply_patch_tool_type")),
    ...optional("use_responses_lite", booleanAt(entry, "use_responses_lite")),
    service_tiers: arrayAt(entry, "service_tiers").flatMap((tier) => {
      const id = stringAt(tier, "id");
      return id === undefined ? [] : [{ id }];
    }),
  };
}

function strings(entry: unknown, key: string): readonly string[] | undefined {
  if (!isObject(entry) || !Array.isArray(entry[key])) return undefined;
  return entry[key].filter((item) => typeof item === "string");
}
