/** The work behind the library's {@linkcode run}. */
import type { Clock } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";
import type { StreamDeps } from "../responses/call.ts";
import { namesFiles } from "../responses/input.ts";
import { checkInput } from "../responses/input_check.ts";
import { check, closed } from "../responses/members.ts";
import type { Sink } from "../responses/open_stream.ts";
import type { Input, Message, StreamOptions, ToolSpec } from "../responses/options.ts";
import { plainMessage } from "../responses/plain_message.ts";
import { startStream } from "../responses/stream.ts";
import { type AnswerForm, Loop } from "./loop.ts";
import { knownModel, offerTools } from "./offer.ts";
import type { RunEvent } from "./run_events.ts";
import { runMembers, stepMembers } from "./run_members.ts";
import type {
  RunOptions,
  RunResult,
  SchemaRunResult,
  StepOptions,
  StopCondition,
} from "./run_options.ts";

/** What a run needs from outside. */
export interface RunDeps extends StreamDeps {
  /** Measures it. */
  readonly clock: Clock;
}

/**
 * Makes a run.
 *
 * @param input A prompt, or a conversation.
 * @param options What to do.
 * @param deps What it needs.
 * @param sink Where the events go.
 * @param signal Ends it, and what its tools have begun.
 * @returns What it came to.
 */
export async function performRun(
  input: Input,
  options: RunOptions,
  deps: RunDeps,
  sink: Sink<RunEvent>,
  signal: AbortSignal,
): Promise<RunResult> {
  check(options, closed(runMembers()), "options");
  checkCounts(options);
  checkInput(input);
  checkSession(options.session);
  const { tools = [], session, approve, parallelTools, maxSteps, repair } = options;
  const checked = await formOf(options);
  const model = options.model !== undefined && tools.length === 0
    ? undefined
    : await knownModel(options.model, deps, signal);
  const offer = await offerTools(tools, model);
  const id = session?.id ?? deps.newId?.() ?? crypto.randomUUID();
  const asked = streamOptions(options, id, offer.specs, checked?.output, signal);
  const loop = new Loop({
    messages: [...session?.messages ?? [], ...await messagesOf(input, signal)],
    ask(messages: readonly Message[], own: StepOptions) {
      check(own, closed(stepMembers()), "beforeStep()");
      return startStream(messages, { ...asked, ...own }, { ...deps, unchecked: true });
    },
    model: options.model ?? model?.slug ?? "",
    tools: offer.tools,
    approve,
    parallelTools,
    form: checked?.form,
    repair,
    maxSteps,
    maxTokens: options.maxOutputTokens,
    stopWhen: conditions(options.stopWhen),
    beforeStep: options.beforeStep,
    signal,
    tell(event) {
      sink.push([event], weightOf(event));
      return sink.room();
    },
    clock: deps.clock,
  });
  sink.begin(loop);
  const { text, reason, model: answered, messages, output } = await loop.run();
  const result: RunResult = {
    text,
    reason,
    model: answered,
    steps: loop.steps,
    usage: loop.usage,
    session: { id, messages: messages.map(plainMessage) },
    ...(loop.limits === undefined ? {} : { limits: loop.limits }),
  };
  if (checked === undefined) return result;
  const withOutput: SchemaRunResult<unknown> = { ...result, output };
  return withOutput;
}

/** Those of the options that each call is made with. */
function streamOptions(
  options: RunOptions,
  sessionKey: string,
  specs: readonly ToolSpec[],
  output: StreamOptions["output"],
  signal: AbortSignal,
): StreamOptions {
  const {
    search = false,
    timeout,
    tools: _tools,
    approve: _approve,
    beforeStep: _beforeStep,
    session: _session,
    stopWhen: _stopWhen,
    maxSteps: _maxSteps,
    maxOutputTokens: _maxOutputTokens,
    parallelTools: _parallelTools,
    repair: _repair,
    ...rest
  } = options;
  const hosted: readonly ToolSpec[] = search ? [{ type: "web-search", live: true }] : [];
  const tools = [...specs, ...hosted];
  // The total limit is the run's, and watched there.
  const { total: _total, ...perCall } = timeout ?? {};
  return { ...rest, timeout: perCall, sessionKey, tools, output, signal };
}

interface CheckedForm {
  readonly form: AnswerForm;
  readonly output: StreamOptions["output"];
}

/** The form of an answer that is a value of a schema. */
async function formOf({ output }: RunOptions): Promise<CheckedForm | undefined> {
  if (output === undefined || output === "text") return undefined;
  const { checkOutput } = await import("../responses/output_format.ts");
  const { schema, read } = checkOutput(output);
  return {
    output: { ...output, schema },
    form: {
      check: async (text) => ({ text, output: await read(text) }),
      wish: "Answer again, with the whole corrected JSON and nothing else.",
    },
  };
}

function conditions(
  given: RunOptions["stopWhen"],
): readonly StopCondition[] | undefined {
  if (given === undefined) return undefined;
  return "isMet" in given ? [given] : given;
}

/** The input as messages; the files that it names are read once, and not for every step. */
async function messagesOf(input: Input, signal: AbortSignal): Promise<readonly Message[]> {
  if (typeof input === "string" && input !== "") return [{ role: "user", content: input }];
  if (Array.isArray(input) && input.length > 0) {
    if (!namesFiles(input)) return input;
    return await (await import("../responses/input_files.ts")).loadFiles(input, signal);
  }
  throw new CodexError("invalid_usage", "The input is empty, or no input at all", {
    hint: "Give a prompt, or a list of messages",
  });
}

/** A session may have been kept by others: what it names is not read, unlike what the input names. */
function checkSession(session: RunOptions["session"]): void {
  checkInput(session?.messages, "options.session.messages");
  if (session === undefined || !namesFiles(session.messages)) return;
  throw new CodexError("invalid_usage", "The session names a file, and none is read for it", {
    hint: "Give the file in the input, or the `session` of a result, which holds its content",
  });
}

/** What a caller without types may give for a count. */
function checkCounts({ maxSteps, maxOutputTokens, repair }: RunOptions): void {
  for (const [name, value] of Object.entries({ maxSteps, maxOutputTokens, repair })) {
    const least = name === "repair" ? 0 : 1;
    if (value === undefined || (Number.isSafeInteger(value) && value >= least)) continue;
    throw new CodexError("invalid_usage", `The option ${name} is not a count: ${value}`, {
      hint: `Give a whole number from ${least}`,
    });
  }
}

/** About what an event takes in memory. */
function weightOf(event: RunEvent): number {
  return "delta" in event ? 64 + event.delta.length : 256;
}
