/**
 * Questions on a terminal. The library behind them is loaded when a question is asked, and only
 * where a person can answer: on a closed stdin it would wait for ever.
 */
import type { CommonOptions } from "@clack/prompts";
import { CodexError } from "../base/errors.ts";

/** One of several answers. */
export interface Choice<T> {
  /** What it means. */
  readonly value: T;
  /** What it is called. */
  readonly label: string;
  /** A few words more. */
  readonly hint?: string;
}

/** Where a question is asked. */
export interface Terminal {
  /** What is typed. */
  readonly input: NonNullable<CommonOptions["input"]>;
  /** Where the question is seen. */
  readonly output: NonNullable<CommonOptions["output"]>;
}

/** The size of a terminal that tells none, as one that was just made. */
const DEFAULT_SIZE: ReadonlyMap<string | symbol, number> = new Map([["columns", 80], ["rows", 24]]);

/** Ctrl-D, which the prompt library takes for nothing and after which it answers to no key. */
const END_OF_TRANSMISSION = 4;

/**
 * Lets a person choose.
 *
 * @param message The question.
 * @param choices The answers; the first one is marked at first.
 * @param signal Ends the question.
 * @param terminal Where to ask; stdin and stderr, as stdout belongs to the command's answer.
 * @returns The chosen value.
 * @throws CodexError `aborted` when the person does not want to.
 */
export async function choose<T extends string>(
  message: string,
  choices: readonly Choice<T>[],
  signal: AbortSignal,
  terminal?: Terminal,
): Promise<T> {
  const { isCancel, select } = await import("@clack/prompts");
  return await ask(signal, terminal ?? await processTerminal(), async (where) => {
    const answer = await select<string>({ message, options: [...choices], ...where });
    return isCancel(answer) ? undefined : choices.find(({ value }) => value === answer)?.value;
  });
}

/**
 * Lets a person type something that is not shown.
 *
 * @param message The question.
 * @param signal Ends the question.
 * @param terminal Where to ask; stdin and stderr, as stdout belongs to the command's answer.
 * @returns What was typed.
 * @throws CodexError `aborted` when the person does not want to.
 */
export async function askSecret(
  message: string,
  signal: AbortSignal,
  terminal?: Terminal,
): Promise<string> {
  const { isCancel, password } = await import("@clack/prompts");
  return await ask(signal, terminal ?? await processTerminal(), async (where) => {
    const answer = await password({ message, ...where });
    return isCancel(answer) ? undefined : answer;
  });
}

/** The error for a person who does not want to sign in after all. */
export function cancelled(): CodexError {
  return new CodexError("aborted", "Cancelled, and nothing was changed", {
    hint: "Start again with: codex login",
  });
}

async function processTerminal(): Promise<Terminal> {
  const { default: process } = await import("node:process");
  return { input: process.stdin, output: process.stderr };
}

async function ask<T>(
  signal: AbortSignal,
  { input, output }: Terminal,
  question: (where: Terminal & { readonly signal: AbortSignal }) => Promise<T | undefined>,
): Promise<T> {
  signal.throwIfAborted();
  const gone = new AbortController();
  const onData = (bytes: Uint8Array) => {
    if (bytes.includes(END_OF_TRANSMISSION)) gone.abort();
  };
  const onEnd = () => gone.abort();
  input.on("data", onData);
  input.once("end", onEnd);
  try {
    const answer = await question({
      input,
      output: sized(output),
      signal: AbortSignal.any([signal, gone.signal]),
    });
    signal.throwIfAborted();
    if (answer === undefined) throw cancelled();
    // What follows stands apart from the question.
    output.write("\n");
    return answer;
  } finally {
    input.off("data", onData);
    input.off("end", onEnd);
    input.pause();
  }
}

/** The same output, but for a size of 0: the library would write one character a line. */
function sized(output: Terminal["output"]): Terminal["output"] {
  return new Proxy(output, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (value === 0) return DEFAULT_SIZE.get(name) ?? value;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
