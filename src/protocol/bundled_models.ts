/**
 * The models in the catalogue of the official client 0.169.0: the fallback for an account whose
 * own list cannot be had. A list from the account always wins.
 */
import type { WireModel } from "./models.ts";

/** What tells one of them from the others. */
interface Row {
  readonly slug: string;
  readonly name: string;
  /** Smaller comes first; the numbers are the catalogue's own, with gaps. */
  readonly priority: number;
  /** The highest effort that it takes; it takes all those below, too. */
  readonly upTo: Effort;
  /** The effort when none is asked for. */
  readonly effort: Effort;
  /** How many tokens it takes, where that is not `CONTEXT`. */
  readonly context?: number;
  /** What is sent for `ultra`. */
  readonly ultra?: Effort;
  /** Not shown. */
  readonly hidden?: true;
  /** Takes the classic request shape, where the others take the lite one. */
  readonly classic?: true;
  /** Has no faster service tier. */
  readonly oneTier?: true;
}

const EFFORTS = ["low", "medium", "high", "xhigh", "max", "ultra"] as const;

type Effort = typeof EFFORTS[number];

/** Input and output together, in tokens. */
const CONTEXT = 272_000;

const ROWS: readonly Row[] = [
  {
    slug: "gpt-6.1-sol",
    name: "GPT-6.1-Sol",
    priority: 1,
    upTo: "ultra",
    effort: "low",
    ultra: "xhigh",
  },
  {
    slug: "gpt-6-astra",
    name: "GPT-6-Astra",
    priority: 2,
    upTo: "ultra",
    effort: "low",
    ultra: "xhigh",
  },
  { slug: "gpt-6-sol", name: "GPT-6-Sol", priority: 3, upTo: "ultra", effort: "medium" },
  { slug: "gpt-6-luna", name: "GPT-6-Luna", priority: 4, upTo: "max", effort: "medium" },
  { slug: "gpt-5.6-sol", name: "GPT-5.6-Sol", priority: 5, upTo: "ultra", effort: "low" },
  {
    slug: "gpt-6.1-terra",
    name: "GPT-6.1 Terra",
    priority: 7,
    upTo: "ultra",
    effort: "low",
    context: 500_000,
    ultra: "xhigh",
  },
  { slug: "gpt-5.6-terra", name: "GPT-5.6-Terra", priority: 8, upTo: "ultra", effort: "medium" },
  { slug: "gpt-5.6-luna", name: "GPT-5.6-Luna", priority: 9, upTo: "max", effort: "medium" },
  {
    slug: "gpt-daybreak-blue-latest",
    name: "Daybreak Blue",
    priority: 11,
    upTo: "ultra",
    effort: "low",
    hidden: true,
    oneTier: true,
  },
  {
    slug: "gpt-daybreak-red-latest",
    name: "Daybreak Red",
    priority: 12,
    upTo: "ultra",
    effort: "medium",
    context: 372_000,
    hidden: true,
    oneTier: true,
  },
  {
    slug: "gpt-5.5",
    name: "GPT-5.5",
    priority: 13,
    upTo: "xhigh",
    effort: "medium",
    classic: true,
  },
  {
    slug: "codex-auto-review",
    name: "Codex Auto Review",
    priority: 43,
    upTo: "max",
    effort: "medium",
    hidden: true,
  },
];

/** The bundled models, by priority. */
export const BUNDLED_MODELS: readonly WireModel[] = ROWS.map(model);

/** What all of them share is written once: text and image in, verbosity, patches as a grammar. */
function model(row: Row): WireModel {
  const { slug, name, priority, upTo, effort, ultra, context = CONTEXT } = row;
  return {
    slug,
    display_name: name,
    priority,
    visibility: row.hidden ? "hide" : "list",
    supported_reasoning_levels: EFFORTS.slice(0, EFFORTS.indexOf(upTo) + 1)
      .map((effort) => ({ effort })),
    default_reasoning_level: effort,
    ...(ultra === undefined ? {} : { multi_agent_reasoning_effort: ultra }),
    context_window: context,
    input_modalities: ["text", "image"],
    support_verbosity: true,
    apply_patch_tool_type: "freeform",
    service_tiers: row.oneTier ? [] : [{ id: "priority" }],
    use_responses_lite: !row.classic,
  };
}
