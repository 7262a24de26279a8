/**
 * The one error class of the package, and the one table that says what each code means.
 *
 * Callers switch on `code`. Classes are not told apart by name: minifying renames them, and two
 * instances of a module would not share them.
 */

/** The stable codes of {@linkcode CodexError}. */
export type ErrorCode =
  | "internal"
  | "store_unavailable"
  | "tool_failed"
  | "invalid_usage"
  | "not_signed_in"
  | "sign_in_expired"
  | "sign_in_rejected"
  | "device_login_disabled"
  | "usage_limit"
  | "rate_limit"
  | "network"
  | "overloaded"
  | "stream_cut"
  | "model_unavailable"
  | "invalid_request"
  | "input_too_large"
  | "schema_unsupported"
  | "plan_not_included"
  | "output_invalid"
  | "step_limit"
  | "budget_exceeded"
  | "refused"
  | "incomplete"
  | "approval_denied"
  | "timeout"
  | "aborted";

/** What a code means: its exit status, whether trying again may help, and one line for the docs. */
export interface ErrorMeaning {
  /** The status that the command ends with. */
  readonly exit: number;
  /** Whether the same request may succeed a little later without any change. */
  readonly retryable: boolean;
  /** One line for the reference. */
  readonly meaning: string;
}

const meaning = (exit: number, retryable: boolean, text: string): ErrorMeaning => ({
  exit,
  retryable,
  meaning: text,
});

/**
 * Every code, with its exit status and meaning: the source of the documentation's table.
 *
 * @example What a code means
 * ```ts
 * import { ERROR_TABLE } from "@x/codex";
 *
 * console.log(ERROR_TABLE.usage_limit.exit); // 4
 * ```
 */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorMeaning>> = {
  internal: meaning(1, false, "something that should not happen did; please report it"),
  store_unavailable: meaning(1, false, "the credential file or its lock cannot be used"),
  tool_failed: meaning(1, false, "a tool of the caller failed in a way that ends the run"),
  invalid_usage: meaning(2, false, "the command line, an option or an input is not usable"),
  not_signed_in: meaning(3, false, "there is no sign-in for this profile"),
  sign_in_expired: meaning(3, false, "the sign-in is over and cannot be renewed"),
  sign_in_rejected: meaning(3, false, "the service did not accept the sign-in"),
  device_login_disabled: meaning(3, false, "signing in with a code is switched off"),
  usage_limit: meaning(4, false, "the plan's allowance is used up until it resets"),
  rate_limit: meaning(4, true, "too many requests in a short time"),
  network: meaning(5, true, "the service could not be reached, or did not answer in time"),
  overloaded: meaning(5, true, "the service has no capacity at the moment"),
  stream_cut: meaning(5, true, "the answer ended before its last event"),
  model_unavailable: meaning(6, false, "the account may not use this model"),
  invalid_request: meaning(6, false, "the service refused the request as it is"),
  input_too_large: meaning(6, false, "the input is larger than the model or the limit allows"),
  schema_unsupported: meaning(6, false, "the output schema uses what the service does not take"),
  plan_not_included: meaning(6, false, "the account's plan does not include this"),
  output_invalid: meaning(7, false, "the answer does not match the output schema"),
  step_limit: meaning(8, false, "the run used all the steps that it was given"),
  budget_exceeded: meaning(8, false, "the run used all the tokens that it was given"),
  refused: meaning(9, false, "the model refused to answer"),
  incomplete: meaning(9, false, "the answer ended early, for the reason named"),
  approval_denied: meaning(10, false, "no answer came because an approval was denied"),
  timeout: meaning(124, false, "the caller's time limit passed"),
  aborted: meaning(130, false, "the caller cancelled (143 when by SIGTERM)"),
};

/** What had arrived of an answer when it ended early. */
export interface PartialAnswer {
  /** The answer's text so far. */
  readonly text: string;
}

/** One thing that is wrong with an answer. */
export interface OutputProblem {
  /** A JSON pointer into the answer; empty for all of it. */
  readonly path: string;
  /** What is wrong there. */
  readonly message: string;
}

/** The details of a {@linkcode CodexError}; all optional. */
export interface CodexErrorOptions {
  /** The next command to type or change to make. */
  readonly hint?: string | undefined;
  /** Replaces the code's own `retryable`. */
  readonly retryable?: boolean | undefined;
  /** The HTTP status, where one was received. */
  readonly status?: number | undefined;
  /** The id under which the service knows the request. */
  readonly requestId?: string | undefined;
  /** When a limit resets, as an ISO 8601 instant. */
  readonly resetsAt?: string | undefined;
  /** What had arrived before the failure. */
  readonly partial?: PartialAnswer | undefined;
  /** Where the answer does not match what was asked of it. */
  readonly problems?: readonly OutputProblem[] | undefined;
  /** The error below this one; never part of a message. */
  readonly cause?: unknown;
}

/** A {@linkcode CodexError} as plain data: what `--json` prints and what crosses a `postMessage`. */
export interface ErrorRecord {
  /** The stable code. */
  readonly code: ErrorCode;
  /** What and why, in one sentence. */
  readonly message: string;
  /** The next command to type or change to make. */
  readonly hint?: string;
  /** Whether the same request may succeed a little later. */
  readonly retryable: boolean;
  /** The HTTP status, where one was received. */
  readonly status?: number;
  /** The id under which the service knows the request. */
  readonly requestId?: string;
  /** When a limit resets, as an ISO 8601 instant. */
  readonly resetsAt?: string;
  /** The answer's text so far, where some had arrived. */
  readonly partial?: PartialAnswer;
  /** Where the answer does not match what was asked of it, for `output_invalid`. */
  readonly problems?: readonly OutputProblem[];
}

/**
 * Everything that goes wrong in this package, told by a stable `code`.
 *
 * The message says what and why in one sentence; `hint` says what to do next. Neither ever holds a
 * token, a code or a key.
 *
 * @example Tell a used-up plan from a missing sign-in
 * ```ts
 * import { CodexError, isCodexError } from "@x/codex";
 *
 * try {
 *   throw new CodexError("usage_limit", "The plan's allowance is used up", {
 *     resetsAt: "2027-01-15T09:00:00Z",
 *   });
 * } catch (error) {
 *   if (isCodexError(error, "usage_limit")) console.log("again at", error.resetsAt);
 *   else throw error;
 * }
 * ```
 */
export class CodexError extends Error {
  /** Literally `CodexError`, also after minifying. */
  override readonly name: string = "CodexError";
  /** The stable code. */
  readonly code: ErrorCode;
  /** Whether the same request may succeed a little later. */
  readonly retryable: boolean;
  /** The next command to type or change to make. */
  readonly hint: string | undefined;
  /** The HTTP status, where one was received. */
  readonly status: number | undefined;
  /** The id under which the service knows the request. */
  readonly requestId: string | undefined;
  /** When a limit resets, as an ISO 8601 instant. */
  readonly resetsAt: string | undefined;
  /** What had arrived before the failure. */
  readonly partial: PartialAnswer | undefined;
  /** Where the answer does not match what was asked of it, for `output_invalid`. */
  readonly problems: readonly OutputProblem[] | undefined;

  /**
   * Makes an error.
   *
   * @param code The stable code; one that there is not, from a caller without types, is `internal`.
   * @param message What and why, in one sentence without a full stop.
   * @param options Hint, status, request id, reset time, partial answer, problems, cause.
   */
  constructor(code: ErrorCode, message: string, options: CodexErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = Object.hasOwn(ERROR_TABLE, code) ? code : "internal";
    this.retryable = options.retryable ?? ERROR_TABLE[this.code].retryable;
    this.hint = options.hint;
    this.status = options.status;
    this.requestId = options.requestId;
    this.resetsAt = options.resetsAt;
    this.partial = options.partial;
    this.problems = options.problems;
  }

  /** This error as plain data, without its cause and without anything secret. */
  toJSON(): ErrorRecord {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      retryable: this.retryable,
      ...(this.status === undefined ? {} : { status: this.status }),
      ...(this.requestId === undefined ? {} : { requestId: this.requestId }),
      ...(this.resetsAt === undefined ? {} : { resetsAt: this.resetsAt }),
      ...(this.partial === undefined ? {} : { partial: this.partial }),
      ...(this.problems === undefined ? {} : { problems: this.problems }),
    };
  }
}

/**
 * The same error with some details changed.
 *
 * @param error One of this package; it stays as it is.
 * @param changes The details that are other ones.
 */
export function withDetails(error: CodexError, changes: CodexErrorOptions): CodexError {
  const { code, message, cause, ...details } = error;
  return new CodexError(code, message, { ...details, cause, ...changes });
}

/**
 * Whether a value is a {@linkcode CodexError}, by its shape, so that it also knows one that comes
 * from another copy of this module.
 *
 * @param error Anything that was thrown.
 * @param code Only this code, where given.
 * @returns Whether it is one.
 *
 * @example Any code, or one of them
 * ```ts
 * import { CodexError, isCodexError } from "@x/codex";
 *
 * const error: unknown = new CodexError("network", "Cannot reach example.test");
 * console.log(isCodexError(error), isCodexError(error, "timeout")); // true false
 * ```
 */
export function isCodexError(error: unknown, code?: ErrorCode): error is CodexError {
  return error instanceof Error && error.name === "CodexError" &&
    "code" in error && typeof error.code === "string" && Object.hasOwn(ERROR_TABLE, error.code) &&
    (code === undefined || error.code === code);
}

/**
 * The exit status that the command gives for an error.
 *
 * @param error Anything that was thrown.
 * @returns The status of the error's code; 1 for anything that is not a {@linkcode CodexError}.
 *
 * @example End a script as the command would
 * ```ts
 * import { CodexError, exitCodeFor } from "@x/codex";
 *
 * console.log(exitCodeFor(new CodexError("not_signed_in", "Nobody is signed in"))); // 3
 * ```
 */
export function exitCodeFor(error: unknown): number {
  return isCodexError(error) ? ERROR_TABLE[error.code].exit : ERROR_TABLE.internal.exit;
}
