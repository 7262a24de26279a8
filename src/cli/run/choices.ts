/** What a run asks of the model call: flags first, then the session, then the environment. */
import type { SandboxMode } from "../../agent/sandbox/sandbox.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import type { Effort, StreamOptions } from "../../responses/options.ts";
import type { Cli } from "../cli.ts";
import { withNote } from "../error_note.ts";
import type { RunFlags } from "./flags.ts";

/** A value and where it comes from. */
export interface Choice {
  /** It; `undefined` leaves it to the account or the model. */
  readonly value: string | undefined;
  /** Such as `--model` or `CODEX_MODEL`. */
  readonly origin: string;
}

/** What can come from several places. */
export interface Choices {
  /** The model. */
  readonly model: Choice;
  /** The effort. */
  readonly effort: Choice;
  /** What commands may change. */
  readonly sandbox: Choice;
}

/** Chooses, and says from where. */
export function choose({ env }: Pick<Cli, "env">, flags: RunFlags, kept?: string): Choices {
  return {
    model: first([flags.model, "--model"], [kept, "the session"], [
      env("CODEX_MODEL"),
      "CODEX_MODEL",
    ]),
    effort: first([flags.effort, "--effort"], [env("CODEX_EFFORT"), "CODEX_EFFORT"]),
    sandbox: first([flags.sandbox, "--sandbox"], [env("CODEX_RUN_SANDBOX"), "CODEX_RUN_SANDBOX"]),
  };
}

function first(...all: readonly (readonly [value: string | undefined, origin: string])[]): Choice {
  const [value, origin] = all.find(([value]) => value !== undefined) ?? [undefined, "default"];
  return { value, origin };
}

/**
 * Says where a model or an effort comes from that cannot be had: what was not typed with the command
 * is looked for in vain there.
 *
 * @param error What ended the run.
 * @param choices What it was asked with.
 * @returns The error, or one like it with a longer hint.
 */
export function withOrigin(error: unknown, { model, effort }: Choices): unknown {
  if (isCodexError(error, "model_unavailable")) return longerHint(error, "model", model);
  const isAboutEffort = isCodexError(error, "invalid_usage") && effort.value !== undefined &&
    error.message.endsWith(`the effort "${effort.value}"`);
  return isAboutEffort ? longerHint(error, "effort", effort) : error;
}

function longerHint(error: CodexError, what: string, { value, origin }: Choice): CodexError {
  if (value === undefined || origin.startsWith("-")) return error;
  return withNote(error, `the ${what} comes from ${origin}`);
}

/**
 * The options of the model call.
 *
 * @throws CodexError `invalid_usage` for an effort that no model has, for instructions that cannot
 * be read, and for flags that exclude each other.
 */
export async function streamOptions(
  flags: RunFlags,
  choices: Choices,
  signal: AbortSignal,
): Promise<StreamOptions> {
  checkTogether(flags);
  const { search, onLimit, maxWait } = flags;
  return {
    model: choices.model.value,
    effort: effortOf(choices.effort),
    instructions: await instructionsOf(flags.instructions, signal),
    ...(search ? { tools: [{ type: "web-search", live: true }] } : {}),
    ...(onLimit === undefined && maxWait === undefined
      ? {}
      : { retry: { onUsageLimit: onLimit, maxDelay: maxWait } }),
  };
}

/** Options that are about tools, as they are typed. */
const ABOUT_TOOLS: readonly (readonly [name: keyof RunFlags, typed: string])[] = [
  ["search", "--search"],
  ["sandbox", "--sandbox"],
  ["addDir", "--add-dir"],
  ["network", "--network"],
  ["cd", "--cd"],
  ["askForApproval", "--ask-for-approval"],
  ["diff", "--diff"],
];

function checkTogether(flags: RunFlags): void {
  const { noTools, extract, outputSchema, repair } = flags;
  const refuse = (message: string, hint: string) =>
    new CodexError("invalid_usage", message, { hint });
  const [, typed] = ABOUT_TOOLS.find(([name]) => flags[name] !== undefined) ?? [];
  if (noTools && typed !== undefined) {
    throw refuse(`${typed} and --no-tools exclude each other`, "Give one of the two");
  }
  if (extract && outputSchema !== undefined) {
    throw refuse("--extract and --output-schema exclude each other", "Give one of the two");
  }
  if (repair !== undefined && !extract && outputSchema === undefined) {
    throw refuse("--repair has nothing to check", "Give --output-schema or --extract with it");
  }
}

/** The longest instructions that are read from a file, in bytes. */
const MAX_INSTRUCTIONS_BYTES = 1024 * 1024;

const MODES: readonly SandboxMode[] = ["read-only", "workspace-write", "danger-full-access"];

/**
 * What commands may change, where that was said.
 *
 * @throws CodexError `invalid_usage` for a mode that there is not.
 */
export function sandboxMode({ value, origin }: Choice): SandboxMode | undefined {
  const mode = MODES.find((known) => known === value);
  // A variable is inherited unseen; this is to be typed each time.
  if (mode === "danger-full-access" && origin !== "--sandbox") {
    throw new CodexError("invalid_usage", `${origin} cannot switch the sandbox off`, {
      hint: "Give the flag: --sandbox danger-full-access",
    });
  }
  if (value === undefined || mode !== undefined) return mode;
  throw new CodexError("invalid_usage", `"${value}" from ${origin} is not a sandbox mode`, {
    hint: `Use one of ${MODES.join(", ")}`,
  });
}

const EFFORTS: readonly Effort[] = [
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
  "ultra",
];

function effortOf({ value, origin }: Choice): Effort | undefined {
  const effort = EFFORTS.find((known) => known === value);
  if (value === undefined || effort !== undefined) return effort;
  throw new CodexError("invalid_usage", `"${value}" from ${origin} is not an effort`, {
    hint: `Use one of ${EFFORTS.join(", ")}; codex models shows which a model takes`,
  });
}

async function instructionsOf(
  given: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (given === "-" || given === "@-") {
    throw new CodexError("invalid_usage", "Instructions are not read from stdin", {
      hint: "Give them as a text, or as @FILE",
    });
  }
  if (!given?.startsWith("@")) return given;
  const { readFileText } = await import("./input_file.ts");
  return await readFileText(given.slice(1), MAX_INSTRUCTIONS_BYTES, signal);
}
