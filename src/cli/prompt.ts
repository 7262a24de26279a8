/** What a run asks: the prompt, files and images, and what is piped in as a part of its own. */
import { CodexError } from "../base/errors.ts";
import { LongText } from "../responses/long_text.ts";
import type { Part, TextPart } from "../responses/options.ts";
import type { Cli } from "./cli.ts";
import { copyStdin, type StdinOptions } from "./stdin.ts";
import { durationFrom } from "./time.ts";

/** What decides where the prompt comes from. */
export interface PromptOptions {
  /** The argument; `-` and none read it from stdin. */
  readonly prompt: string | undefined;
  /** Images to look at; `-` is stdin. */
  readonly image?: readonly string[] | undefined;
  /** Text files to read; `-` is stdin. */
  readonly file?: readonly string[] | undefined;
  /** Leaves stdin alone. */
  readonly noStdin?: boolean | undefined;
  /** How long to wait for stdin to begin, in milliseconds; 0 for ever. */
  readonly stdinTimeout?: number | undefined;
  /** The most that stdin may hold, in bytes. */
  readonly maxStdin?: number | undefined;
  /** Says nothing of the wait. */
  readonly quiet?: boolean | undefined;
  /** Makes one string of it, for a conversation that is kept; takes more memory. */
  readonly whole?: boolean | undefined;
  /** Ends the wait. */
  readonly signal: AbortSignal;
}

const STDIN_TIMEOUT_MS = 60_000;
const MAX_STDIN_BYTES = 32 * 1024 * 1024;

/**
 * Puts together what the user says.
 *
 * What is piped in beside a prompt becomes a part of its own, so that nothing in it can be taken
 * for the end of it.
 *
 * @param cli Where stdin is.
 * @param options Where the prompt comes from.
 * @returns The parts: the prompt, images, files, stdin.
 * @throws CodexError `invalid_usage` when there is nothing to ask, or a file is of no use.
 */
export async function readPrompt(cli: Cli, options: PromptOptions): Promise<readonly Part[]> {
  const { prompt, noStdin = false } = options;
  const image = options.image?.map(orStdin) ?? [];
  const file = options.file?.map(orStdin) ?? [];
  const ask = prompt === undefined || prompt === "-";
  if (!ask && prompt.trim() === "") throw noPrompt();
  const readers = [prompt, ...image, ...file].filter((name) => name === "-").length +
    (prompt === undefined ? 1 : 0);
  if (readers > 1) throw stdinTwice();
  if (noStdin && readers > 0) throw ask ? noPrompt() : stdinLeftAlone();
  if (prompt === undefined && cli.stdin.isTerminal) throw noPrompt();
  const stdin = stdinOptions(cli, options);
  // Files first: what is wrong with one shall not be told only when stdin has ended.
  const attached = image.length + file.length === 0
    ? []
    : await (await import("./run/attachments.ts")).readAttachments(cli.stdin, image, file, stdin);
  const asked = ask ? await read(cli, options, stdin) : { type: "text", text: prompt } as const;
  if (asked === undefined) throw noPrompt();
  const parts: readonly Part[] = [asked, ...attached];
  if (noStdin || readers > 0 || cli.stdin.isTerminal) return parts;
  const piped = await read(cli, options, stdin, "<stdin>\n", "\n</stdin>");
  return piped === undefined ? parts : [...parts, piped];
}

/** Our own stdin by its other names, under which Deno opens it with every permission alone. */
function orStdin(path: string): string {
  const named = /^\/(?:dev\/stdin|(?:dev|proc\/self)\/fd\/0)$/.test(path);
  return named && Deno.build.os !== "windows" ? "-" : path;
}

/** Reads stdin as a part; `undefined` for an empty one, or a blank one where it is the prompt. */
async function read(
  cli: Cli,
  { whole = false }: PromptOptions,
  stdin: StdinOptions,
  before: string = "",
  after: string = "",
): Promise<TextPart | undefined> {
  const long = new LongText();
  const pieces: string[] = [];
  const keep = (text: string) => void (whole ? pieces.push(text) : long.add(text));
  let blank = true;
  keep(before);
  const bytes = await copyStdin(cli.stdin, stdin, (text) => {
    blank &&= text.trim() === "";
    keep(text);
  });
  keep(after);
  if (bytes === 0 || (blank && before === "")) return undefined;
  return whole ? { type: "text", text: pieces.join("") } : long;
}

function stdinOptions(cli: Cli, options: PromptOptions): StdinOptions {
  // Somebody types there, who takes the time that it takes.
  const timeout = cli.stdin.isTerminal ? 0 : timeoutFrom(cli.env("CODEX_STDIN_TIMEOUT"));
  return {
    clock: cli.clock,
    timeoutMs: options.stdinTimeout ?? timeout,
    isTyped: cli.stdin.isTerminal,
    maxBytes: options.maxStdin ?? MAX_STDIN_BYTES,
    notice: (text) => {
      if (!options.quiet) cli.stderr.line(`codex: ${text}`);
    },
    signal: options.signal,
  };
}

function timeoutFrom(variable: string | undefined): number {
  return variable === undefined ? STDIN_TIMEOUT_MS : durationFrom("CODEX_STDIN_TIMEOUT", variable);
}

function noPrompt(): CodexError {
  return new CodexError("invalid_usage", "There is no prompt", {
    hint: 'Give one: codex run "what to do", or pipe one in: codex run - < prompt.txt',
  });
}

function stdinTwice(): CodexError {
  return new CodexError("invalid_usage", "Stdin can be read for one thing only", {
    hint: "Give - once, and the prompt as an argument",
  });
}

function stdinLeftAlone(): CodexError {
  return new CodexError("invalid_usage", "Stdin is asked for with - and refused with --no-stdin", {
    hint: "Give one of the two",
  });
}
