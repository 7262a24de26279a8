/**
 * What is piped in: never cut once it has begun, and never waited for without an end.
 *
 * A stdin that stays open and silent, as under a scheduler or a parent that forgot to close it,
 * must not hang a script; a slow producer must not lose its text. So the wait for the first byte
 * has a limit, is announced, and ends in an error that says how to go on.
 */
import type { Clock } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";
import type { Input } from "./cli.ts";
import { formatLimit } from "./time.ts";
import { Utf8Text } from "./utf8.ts";

/** How to read stdin. */
export interface StdinOptions {
  /** Measures the wait. */
  readonly clock: Clock;
  /** How long to wait for the first byte, in milliseconds; 0 for ever. */
  readonly timeoutMs: number;
  /** Whether it is a terminal, where somebody types. */
  readonly isTyped?: boolean;
  /** The most that is taken, in bytes. */
  readonly maxBytes: number;
  /** Told once when the wait gets long. */
  readonly notice: (text: string) => void;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

/** When a wait is worth a word, in milliseconds. */
const NOTICE_MS = 2000;
/** Larger pieces leave more garbage behind: 32 MiB then take a tenth more memory. */
const CHUNK_BYTES = 32 * 1024;

/**
 * Reads stdin to its end.
 *
 * @param input Standard input.
 * @param options Limits, and who is told.
 * @returns Its text, byte for byte; empty when there is none.
 * @throws CodexError `invalid_usage` when nothing comes, it cannot be read or is no UTF-8,
 * `input_too_large` at the moment it grows too large; the signal's reason when aborted.
 */
export async function readStdin(input: Input, options: StdinOptions): Promise<string> {
  const text = new Utf8Text();
  await readChunks(input, options, (bytes) => text.add(bytes));
  return text.end();
}

/**
 * Reads stdin to its end as text that is handed on as it comes.
 *
 * @param take Given each piece, of whole characters.
 * @returns How many bytes it was.
 * @throws As {@linkcode readStdin} does.
 */
export async function copyStdin(
  input: Input,
  options: StdinOptions,
  take: (text: string) => void,
): Promise<number> {
  const text = new Utf8Text("Stdin", take);
  await readChunks(input, options, (bytes) => text.add(bytes));
  text.end();
  return text.bytes;
}

/**
 * Reads stdin to its end, whatever it holds.
 *
 * @param input Standard input.
 * @param options Limits, and who is told.
 * @param take Given each piece, which is overwritten afterwards; what it throws ends the reading.
 * @throws As {@linkcode readStdin} does, but for what it says of UTF-8.
 */
export async function readChunks(
  input: Input,
  options: StdinOptions,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const { signal, maxBytes } = options;
  signal.throwIfAborted();
  let taken = 0;
  const buffer = new Uint8Array(CHUNK_BYTES);
  // One promise for all reads: a producer that stalls must not outlive a Ctrl-C or a time limit.
  const ended = Promise.withResolvers<never>();
  const onAbort = () => ended.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const read = () => Promise.race([readSome(input, buffer), ended.promise]);
    let count = await firstOf(read, ended.reject, options);
    while (count !== null) {
      taken += count;
      if (taken > maxBytes) throw tooLarge(maxBytes);
      take(buffer.subarray(0, count));
      count = await read();
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits for the first read: says so when that gets long, and ends it when nothing comes. */
async function firstOf(
  read: () => Promise<number | null>,
  end: (reason: unknown) => void,
  { clock, timeoutMs, isTyped = false, notice }: StdinOptions,
): Promise<number | null> {
  const limit = timeoutMs === 0 ? "" : `, for ${formatLimit(timeoutMs)} at most`;
  const advice = isTyped
    ? "reading what is typed; Ctrl-D in a line of its own ends it"
    : `waiting for stdin${limit}; to go on without: --no-stdin`;
  const cancels = [clock.after(NOTICE_MS, () => notice(advice))];
  if (timeoutMs > 0) cancels.push(clock.after(timeoutMs, () => end(silent(timeoutMs))));
  try {
    // The read stays pending when the time is up; the command ends with the process.
    return await read();
  } finally {
    for (const cancel of cancels) cancel();
  }
}

async function readSome(input: Input, buffer: Uint8Array): Promise<number | null> {
  try {
    return await input.read(buffer);
  } catch (error) {
    throw unreadable(error);
  }
}

function silent(ms: number): CodexError {
  return new CodexError(
    "invalid_usage",
    `Stdin is open but silent: nothing came within ${formatLimit(ms)}`,
    { hint: "Give --no-stdin or </dev/null, or wait longer with --stdin-timeout" },
  );
}

function tooLarge(maxBytes: number): CodexError {
  return new CodexError("input_too_large", `Stdin holds more than ${maxBytes} bytes`, {
    hint: "Pipe in less, or allow more with --max-stdin",
  });
}

function unreadable(cause: unknown): CodexError {
  const folder = cause instanceof Error && cause.name === "IsADirectory";
  return new CodexError("invalid_usage", folder ? "Stdin is a folder" : "Stdin cannot be read", {
    cause,
    hint: "Pipe in a file or the output of a command, or give --no-stdin",
  });
}
