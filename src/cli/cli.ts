/** What every command is given: the streams, the environment and the signal that ends it. */
import type { Clock } from "../base/clock.ts";
import type { CodexError } from "../base/errors.ts";
import type { Fetch } from "../base/http.ts";
import type { Env } from "../base/platform.ts";
import type { Messages, Output } from "./output.ts";

/** Standard input, as far as a command uses it. */
export interface Input {
  /** Whether a person types there. */
  readonly isTerminal: boolean;
  /** Reads some bytes; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** The world of a command. */
export interface Cli {
  /** For the answer. */
  readonly stdout: Output;
  /** For the person. */
  readonly stderr: Messages;
  /** For what is piped in. */
  readonly stdin: Input;
  /** Reads the environment. */
  readonly env: Env;
  /** Measures time. */
  readonly clock: Clock;
  /** Sends requests. */
  readonly fetch: Fetch;
  /** Aborted by SIGINT and SIGTERM, with a CodexError `aborted`. */
  readonly signal: AbortSignal;
  /** The width of the terminal. */
  columns(): number;
  /** Whether stdout goes straight into a file, so that no reader of it shares the terminal. */
  stdoutIsFile?(): boolean;
  /**
   * Hands the signals that end it to the command, which is then the one to end; `signal` is left alone.
   * What it returns gives them back.
   */
  takeSignals?(handler: (signal: "SIGINT" | "SIGTERM") => void): () => void;
  /**
   * Has the process end a moment after a time limit has passed, whatever still holds it then: a reader
   * of stdout that does not read cannot be cancelled.
   */
  overdue?(error: CodexError): void;
  /**
   * Adds work that must be given a moment when the command is interrupted, such as the save of a
   * token that was already spent. What it gives, if anything, is waited for, however it ends.
   */
  finishBeforeExit(work: LastWork): void;
}

/** Work that may be under way at the end. */
export type LastWork = () => Promise<unknown> | undefined;

/** The options that every command has. */
export interface GlobalFlags {
  /** Machine-readable output. */
  readonly json?: boolean;
  /** Which sign-in. */
  readonly profile?: string;
  /** Which file. */
  readonly authFile?: string;
  /** Warnings and errors only. */
  readonly quiet?: boolean;
  /** More on stderr. */
  readonly verbose?: boolean;
  /** Colours. */
  readonly color?: "auto" | "always" | "never";
}

/** A command: what it does with its flags and arguments. */
export type CommandBody<F, A extends readonly unknown[] = []> = (
  cli: Cli,
  flags: F & GlobalFlags,
  ...args: A
) => Promise<void>;
