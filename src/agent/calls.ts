/** Makes the calls that a model asks for, and has a result for every one of them. */
import { untilAborted } from "../base/abort.ts";
import { type Clock, sleep } from "../base/clock.ts";
import { isCodexError } from "../base/errors.ts";
import type { ToolCall } from "../responses/events.ts";
import { check, type Kind, TEXT, word } from "../responses/members.ts";
import type { ToolResultPart } from "../responses/options.ts";
import { approvalOf, type Refusal } from "./approval.ts";
import { copyOf } from "./copy.ts";
import type { RunEvent } from "./run_events.ts";
import type { Approve } from "./run_options.ts";
import type { PreparedCall, Tool } from "./tool.ts";
import { type ToolOutput, toolOutput } from "./tool_output.ts";

/** What calls are made with. */
export interface CallsContext {
  /** The tools that the model was offered, by name. */
  readonly tools: ReadonlyMap<string, Tool>;
  /** Decides about calls with effects. */
  readonly approve: Approve | undefined;
  /** In which step. */
  readonly step: number;
  /** Whether reading ones that come together are made together. */
  readonly parallel: boolean;
  /** Ends them. */
  readonly signal: AbortSignal;
  /** Measures them. */
  readonly clock: Clock;
  /** Told what happens. */
  readonly tell: (event: RunEvent) => void | Promise<void>;
}

/** What came of the calls of one answer. */
export interface CallsOutcome {
  /** A result for each call, in their order. */
  readonly results: readonly ToolResultPart[];
  /** The last call that was not allowed, if any. */
  readonly refused: Refusal | undefined;
}

/** How long a tool may take to end what it has begun once the run is over, in milliseconds. */
const GRACE_MS = 5_000;
/** What comes out of a call while it runs is told up to so many characters. */
const MOST_TOLD = 256 * 1024;

const hint = 'Give emit() text, and "stdout" or "stderr"';
const DELTA: Kind = { ...TEXT, hint };
const CHANNEL: Kind = { ...word("stdout", "stderr"), hint };

/**
 * Makes calls in order; reading ones that stand next to each other together.
 *
 * @param calls What the model asks for.
 * @param context What they are made with.
 * @returns A result for each of them: what a tool throws is one too.
 * @throws The signal's reason, and a CodexError that a tool throws, which ends those beside it too.
 */
export async function performCalls(
  calls: readonly ToolCall[],
  context: CallsContext,
): Promise<CallsOutcome> {
  const results: ToolResultPart[] = [];
  let refused: Refusal | undefined;
  for (const group of groups(calls, context)) {
    for (const one of await together(group, context)) {
      results.push(one.part);
      refused = one.refused ?? refused;
    }
  }
  return { results, refused };
}

/** Calls that are made together. */
function groups(calls: readonly ToolCall[], { tools, parallel }: CallsContext): ToolCall[][] {
  const reads = ({ name }: ToolCall) => parallel && tools.get(name)?.effects === "read";
  const all: ToolCall[][] = [];
  for (const call of calls) {
    const group = all.at(-1);
    const before = group?.at(-1);
    if (group !== undefined && before !== undefined && reads(before) && reads(call)) {
      group.push(call);
    } else all.push([call]);
  }
  return all;
}

/**
 * Makes calls together. What ends the run ends the others too: they are told by their signal, and
 * none is still at work when it is told to the caller.
 */
async function together(
  group: readonly ToolCall[],
  context: CallsContext,
): Promise<readonly Done[]> {
  const failing = new AbortController();
  const signal = group.length === 1
    ? context.signal
    : AbortSignal.any([context.signal, failing.signal]);
  const work = group.map((call) => new Performance(call, { ...context, signal }).result());
  for (const one of work) one.catch((reason) => failing.abort(reason));
  await Promise.allSettled(work);
  context.signal.throwIfAborted();
  failing.signal.throwIfAborted();
  return await Promise.all(work);
}

interface Done {
  readonly part: ToolResultPart;
  readonly refused?: Refusal;
}

class Performance {
  readonly #call: ToolCall;
  readonly #context: CallsContext;
  #told = 0;
  #telling: Promise<unknown> = Promise.resolve();

  constructor(call: ToolCall, context: CallsContext) {
    this.#call = call;
    this.#context = context;
  }

  async result(): Promise<Done> {
    const { tools, signal } = this.#context;
    const { name, input } = this.#call;
    signal.throwIfAborted();
    const tool = tools.get(name);
    if (tool === undefined) return await this.#failed(`unsupported call: ${name}`);
    let prepared: PreparedCall;
    try {
      prepared = await untilAborted(tool.prepare(copyOf(input)), signal);
    } catch (error) {
      return await this.#failed(this.#inWords(error));
    }
    const refused = await approvalOf(this.#call, tool, prepared.need, this.#context);
    if (refused !== undefined) {
      return { ...await this.#failed(refused.told), refused };
    }
    return await this.#execute(prepared);
  }

  async #execute(prepared: PreparedCall): Promise<Done> {
    const { tell, clock, signal, step } = this.#context;
    const { id, name } = this.#call;
    await tell({ type: "tool-start", id, name });
    // One beside it may have ended the run meanwhile.
    signal.throwIfAborted();
    const started = clock.now();
    let output: ToolOutput;
    try {
      const work = Promise.try(() =>
        prepared.execute({
          signal,
          callId: id,
          step,
          emit: (delta, channel = "stdout") => this.#emit(delta, channel),
        })
      );
      output = toolOutput(await untilEnded(work, signal, clock));
    } catch (error) {
      return await this.#failed(this.#inWords(error), clock.now() - started);
    }
    await this.#telling;
    const ms = clock.now() - started;
    await tell({ type: "tool-result", id, name, output: output.plain, ms, ok: true });
    return { part: { type: "tool-result", id, output: output.told } };
  }

  /** Tells what comes out while the tool is at work: in order, and not without end. */
  #emit(delta: string, channel: "stdout" | "stderr"): void {
    check(delta, DELTA, "The delta of emit()");
    check(channel, CHANNEL, "The channel of emit()");
    const room = MOST_TOLD - this.#told;
    if (room <= 0 || delta === "") return;
    this.#told += delta.length;
    const { tell } = this.#context;
    const event = {
      type: "tool-output-delta",
      id: this.#call.id,
      channel,
      delta: delta.slice(0, room),
    } as const;
    this.#telling = this.#telling.then(() => tell(event));
    // Whoever waits for it is told; until that it must not end the process.
    this.#telling.catch(() => {});
  }

  /** What the model is told of an error; one of ours ends the run instead, and so does an abort. */
  #inWords(error: unknown): string {
    this.#context.signal.throwIfAborted();
    if (isCodexError(error)) throw error;
    return error instanceof Error ? error.message || error.name : String(error);
  }

  async #failed(message: string, ms = 0): Promise<Done> {
    await this.#telling;
    const { id, name } = this.#call;
    await this.#context.tell({ type: "tool-result", id, name, output: message, ms, ok: false });
    return { part: { type: "tool-result", id, output: message } };
  }
}

/**
 * Waits for a tool. Once the run is over it gets a moment to end what it has begun, such as
 * processes, and one that does not heed its signal is left alone after that.
 */
async function untilEnded<T>(work: Promise<T>, signal: AbortSignal, clock: Clock): Promise<T> {
  try {
    return await untilAborted(work, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const settled = new AbortController();
    const done = work.catch(() => {}).finally(() => settled.abort());
    await Promise.race([done, sleep(clock, GRACE_MS, settled.signal).catch(() => {})]);
    throw signal.reason;
  }
}
