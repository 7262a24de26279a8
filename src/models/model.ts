/** A model, as this package shows it. */
import type { WireModel } from "../protocol/models.ts";

/** Where a fact about a model comes from. */
export type ModelSource = "account" | "cache" | "bundled";

/** A model that an account may use. */
export interface Model {
  /** What a request names. */
  readonly slug: string;
  /** What a person reads. */
  readonly displayName: string;
  /** Smaller comes first; the first listed one is the default. */
  readonly priority: number;
  /** Whether it is meant to be shown. */
  readonly listed: boolean;
  /** Input and output together, in tokens, where known. */
  readonly contextWindow: number | undefined;
  /** The efforts that it takes, in the service's order; empty when unknown. */
  readonly efforts: readonly string[];
  /** The effort when none is asked for, where known. */
  readonly defaultEffort: string | undefined;
  /** What is sent for the effort `ultra`, which is never sent itself. */
  readonly effortForUltra: string;
  /** What it takes as input. */
  readonly inputs: readonly string[];
  /** Whether it takes a verbosity. */
  readonly verbosity: boolean;
  /** The service tiers that it takes. */
  readonly tiers: readonly string[];
  /** Whether it takes the patch tool as a grammar. */
  readonly freeformPatch: boolean;
  /** Where this comes from. */
  readonly source: ModelSource;
  /** When the list was received, as an ISO 8601 instant; absent for the bundled one. */
  readonly asOf: string | undefined;
}

/**
 * Makes a {@linkcode Model} of what the service sent.
 *
 * @param wire The entry.
 * @param source Where the list comes from.
 * @param asOf When it was received.
 */
export function modelFromWire(wire: WireModel, source: ModelSource, asOf?: string): Model {
  return {
    slug: wire.slug,
    displayName: wire.display_name,
    priority: wire.priority,
    listed: wire.visibility === "list",
    contextWindow: wire.context_window,
    efforts: wire.supported_reasoning_levels.map(({ effort }) => effort),
    defaultEffort: wire.default_reasoning_level,
    effortForUltra: wire.multi_agent_reasoning_effort ?? "max",
    inputs: wire.input_modalities ?? ["text", "image"],
    verbosity: wire.support_verbosity ?? false,
    tiers: (wire.service_tiers ?? []).map(({ id }) => id),
    freeformPatch: wire.apply_patch_tool_type === "freeform",
    source,
    asOf,
  };
}
