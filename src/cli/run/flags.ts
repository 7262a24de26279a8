/** The options of `codex run`. */
import type { SandboxMode } from "../../agent/sandbox/sandbox.ts";
import type { GlobalFlags } from "../cli.ts";
import type { SourceFlags } from "../place.ts";

/** What `codex run` takes beside what every command does. */
export interface RunOnlyFlags extends SourceFlags {
  /** The model. */
  readonly model?: string;
  /** How hard to think. */
  readonly effort?: string;
  /** Images to look at. */
  readonly image?: readonly string[];
  /** Text files to read. */
  readonly file?: readonly string[];
  /** In place of our own instructions: text, or `@` and a file. */
  readonly instructions?: string;
  /** No tools. */
  readonly noTools?: boolean;
  /** What commands and patches may change. */
  readonly sandbox?: SandboxMode;
  /** Further folders that they may change. */
  readonly addDir?: readonly string[];
  /** Whether commands have a network. */
  readonly network?: boolean;
  /** The folder that is worked in. */
  readonly cd?: string;
  /** Whether the model may ask to leave the sandbox. */
  readonly askForApproval?: "on-request" | "never";
  /** Shows what changed, at the end. */
  readonly diff?: boolean;
  /** No instructions of the project. */
  readonly noProjectDoc?: boolean;
  /** The service's web search. */
  readonly search?: boolean;
  /** Where the answer goes too. */
  readonly outputLastMessage?: string;
  /** Only the fenced code of the answer. */
  readonly extract?: boolean;
  /** What the answer must match. */
  readonly outputSchema?: string;
  /** How often to ask again for an answer that does not match. */
  readonly repair?: number;
  /** The most model calls. */
  readonly maxSteps?: number;
  /** The most output tokens. */
  readonly maxTokens?: number;
  /** Gives up after so many milliseconds. */
  readonly timeout?: number;
  /** What to do about a used-up allowance. */
  readonly onLimit?: "wait" | "fail";
  /** The longest wait for it, in milliseconds. */
  readonly maxWait?: number;
  /** The file of the conversation. */
  readonly session?: string;
  /** Leaves stdin alone. */
  readonly noStdin?: boolean;
  /** How long to wait for stdin to begin, in milliseconds. */
  readonly stdinTimeout?: number;
  /** The most that stdin may hold, in bytes. */
  readonly maxStdin?: number;
}

/** All options of `codex run`. */
export type RunFlags = RunOnlyFlags & GlobalFlags;
