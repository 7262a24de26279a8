/**
 * The model list as the backend sends it: every member that the official client 0.169.0 demands
 * (found by leaving them out one at a time) and the optional ones that matter.
 */
import type { Json } from "../json.ts";

/** A model as a scenario names it; what is left out has a default. */
export interface ModelEntry {
  /** What a request names. */
  readonly slug: string;
  /** Any member of the entry on the wire, over its default. */
  readonly [member: string]: Json;
}

/** What the backend knows of a model. */
export interface CatalogueEntry {
  /** What a request names. */
  readonly slug: string;
  /** The efforts that a request may name. */
  readonly efforts: readonly string[];
  /** Whether it takes the lite shape. */
  readonly lite: boolean;
  /** The first client version that is shown it. */
  readonly minimalVersion: string;
  /** The plans that are not shown it. */
  readonly plansExcluded: readonly string[];
  /** What is sent. */
  readonly wire: Readonly<Record<string, Json>>;
}

const FULL = ["low", "medium", "high", "xhigh", "max", "ultra"];
const TO_MAX = FULL.slice(0, 5);
const TO_XHIGH = FULL.slice(0, 4);
const NEITHER = ["hc_consumption", "law"];

/** What sets the newest models apart: the official client sends more with them, these texts too. */
const NEWEST: Readonly<Record<string, Json>> = {
  experimental_supported_tools: ["send_user_message_async", "clock"],
  model_messages: {
    instructions_template: "You are a simulated model.",
    approvals: null,
    auto_review: null,
    collaboration_modes: { default: "You are in a simulated default mode.", plan: null },
    multi_agent: {
      role: { root: "You are a simulated root agent.", subagent: "You are a simulated helper." },
      mode: null,
    },
    permissions: null,
  },
  multi_agent_version: "v2",
  node_repl_auto_review_required: true,
  supports_reasoning_effort_updates: true,
};

/** The catalogue of the official client 0.169.0. */
const SERVICE: readonly ModelEntry[] = [
  entry("gpt-6.1-sol", "GPT-6.1-Sol", 1, FULL, "low", "0.153.0", {
    ...NEWEST,
    multi_agent_reasoning_effort: "xhigh",
    plans_excluded: ["hc_consumption"],
  }),
  entry("gpt-6-astra", "GPT-6-Astra", 2, FULL, "low", "0.153.0", {
    ...NEWEST,
    multi_agent_reasoning_effort: "xhigh",
    plans_excluded: NEITHER,
  }),
  entry("gpt-6-sol", "GPT-6-Sol", 3, FULL, "medium", "0.155.0", {
    multi_agent_version: "v2",
    node_repl_auto_review_required: true,
    default_service_tier: "priority",
    plans_excluded: [...NEITHER, "promax"],
  }),
  entry("gpt-6-luna", "GPT-6-Luna", 4, TO_MAX, "medium", "0.155.0", {
    default_service_tier: "priority",
    plans_excluded: [...NEITHER, "promax"],
  }),
  entry("gpt-5.6-sol", "GPT-5.6-Sol", 5, FULL, "low", "0.144.0", {
    extra_efforts: ["none"],
    plans_excluded: NEITHER,
  }),
  entry("gpt-6.1-terra", "GPT-6.1 Terra", 7, FULL, "low", "0.153.0", {
    ...NEWEST,
    multi_agent_reasoning_effort: "xhigh",
    context_window: 500_000,
  }),
  entry("gpt-5.6-terra", "GPT-5.6-Terra", 8, FULL, "medium", "0.144.0", {
    extra_efforts: ["none"],
    plans_excluded: NEITHER,
  }),
  entry("gpt-5.6-luna", "GPT-5.6-Luna", 9, TO_MAX, "medium", "0.144.0", {
    extra_efforts: ["none"],
    plans_excluded: NEITHER,
  }),
  entry("gpt-daybreak-blue-latest", "Daybreak Blue", 11, FULL, "low", "0.142.2", {
    visibility: "hide",
    service_tiers: [],
    plans_excluded: [...NEITHER, "ent26", "enterprise_cbp_trial", "promax"],
  }),
  entry("gpt-daybreak-red-latest", "Daybreak Red", 12, FULL, "medium", "0.142.2", {
    visibility: "hide",
    service_tiers: [],
    context_window: 372_000,
    max_context_window: 372_000,
    default_verbosity: "high",
    plans_excluded: [...NEITHER, "ent26", "enterprise_cbp_trial", "promax"],
  }),
  entry("gpt-5.5", "GPT-5.5", 13, TO_XHIGH, "medium", "0.124.0", {
    use_responses_lite: false,
    tool_mode: "direct",
    comp_hash: "2911",
    supports_parallel_tool_calls: true,
    max_context_window: 272_000,
    extra_efforts: ["none"],
    plans_excluded: NEITHER,
  }),
  entry("codex-auto-review", "Codex Auto Review", 43, TO_MAX, "medium", "0.98.0", {
    visibility: "hide",
    plans_excluded: [...NEITHER, "free", "free_workspace", "k12"],
  }),
];

/** The catalogue of a scenario, or the service's own. */
export function catalogueOf(models: readonly ModelEntry[] = SERVICE): readonly CatalogueEntry[] {
  return models.map(complete);
}

function entry(
  slug: string,
  name: string,
  priority: number,
  efforts: readonly string[],
  defaultEffort: string,
  minimalVersion: string,
  more: Readonly<Record<string, Json>>,
): ModelEntry {
  return {
    slug,
    display_name: name,
    priority,
    efforts,
    default_reasoning_level: defaultEffort,
    minimal_client_version: minimalVersion,
    use_responses_lite: true,
    tool_mode: "code_mode_only",
    supports_parallel_tool_calls: false,
    comp_hash: "3000",
    ...more,
  };
}

/** `efforts`, `extra_efforts` and `plans_excluded` are said in short here and never sent. */
function complete(given: ModelEntry): CatalogueEntry {
  const { efforts = TO_XHIGH, extra_efforts = [], plans_excluded = [], ...members } = given;
  const listed = strings(efforts);
  const wire: Record<string, Json> = {
    ...DEFAULTS,
    display_name: given.slug,
    supported_reasoning_levels: listed.map((effort) => ({ effort, description: effort })),
    ...members,
  };
  const minimal = wire["minimal_client_version"];
  return {
    slug: given.slug,
    // `ultra` is a client's own word: it is listed, and never sent.
    efforts: [...strings(extra_efforts), ...effortsOf(wire).filter((name) => name !== "ultra")],
    lite: wire["use_responses_lite"] === true,
    minimalVersion: typeof minimal === "string" ? minimal : "0.0.0",
    plansExcluded: strings(plans_excluded),
    wire,
  };
}

const DEFAULTS: Readonly<Record<string, Json>> = {
  description: "A simulated model",
  default_reasoning_level: "medium",
  shell_type: "shell_command",
  visibility: "list",
  supported_in_api: true,
  priority: 1,
  minimal_client_version: "0.0.1",
  support_verbosity: true,
  default_verbosity: "low",
  default_reasoning_summary: "none",
  apply_patch_tool_type: "freeform",
  web_search_tool_type: "text_and_image",
  truncation_policy: { mode: "tokens", limit: 10_000 },
  supports_parallel_tool_calls: true,
  supports_image_detail_original: true,
  supports_search_tool: true,
  context_window: 272_000,
  max_context_window: 872_000,
  effective_context_window_percent: 95,
  experimental_supported_tools: [],
  input_modalities: ["text", "image"],
  use_responses_lite: false,
  service_tiers: [{ id: "priority", name: "Fast", description: "Faster answers" }],
  additional_speed_tiers: ["fast"],
  availability_nux: null,
  upgrade: null,
  base_instructions: "You are a simulated model.",
  model_messages: null,
};

function effortsOf(wire: Readonly<Record<string, Json>>): readonly string[] {
  const levels = wire["supported_reasoning_levels"];
  if (!Array.isArray(levels)) return [];
  return levels.flatMap((level: unknown) => {
    const effort: unknown = typeof level === "object" && level !== null
      ? Reflect.get(level, "effort")
      : undefined;
    return typeof effort === "string" ? [effort] : [];
  });
}

function strings(value: Json): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item: unknown): item is string => typeof item === "string")
    : [];
}

/** A short name for a catalogue, other for every other one. */
export function hashOf(models: readonly CatalogueEntry[]): string {
  const text = JSON.stringify(models.map(({ wire, plansExcluded }) => [wire, plansExcluded]));
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return (hash >>> 0).toString(16);
}

/** Whether one version is at least another; a text that is no version never is. */
export function isAtLeast(version: string, wanted: string): boolean {
  const left = numbers(version);
  const right = numbers(wanted);
  if (left === undefined || right === undefined) return false;
  for (const [index, number] of right.entries()) {
    const difference = (left[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function numbers(version: string): readonly number[] | undefined {
  return /^\d+(\.\d+){0,3}/.exec(version)?.[0].split(".").map(Number);
}
