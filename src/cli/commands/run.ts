/** `codex run`. */
import type { Answer } from "../../agent/loop.ts";
import { knownModel, type KnownModelDeps, offerTools } from "../../agent/offer.ts";
import type { StepOptions } from "../../agent/run_options.ts";
import { timeLimit } from "../../base/clock.ts";
import { CodexError } from "../../base/errors.ts";
import type { Context } from "../../client/context.ts";
import { defaultModel } from "../../models/catalogue.ts";
import type { Model } from "../../models/model.ts";
import type { Message, StreamOptions } from "../../responses/options.ts";
import { startStream } from "../../responses/stream.ts";
import { withoutLineEnds } from "../answer.ts";
import type { Cli } from "../cli.ts";
import { openContext } from "../context.ts";
import { readPrompt } from "../prompt.ts";
import type { AnswerForm } from "../run/answer_form.ts";
import { type Choices, choose, streamOptions, withOrigin } from "../run/choices.ts";
import type { RunFlags } from "../run/flags.ts";
import type { OutputFile } from "../run/output_file.ts";
import { Progress } from "../run/progress.ts";
import type { Conversation } from "../run/session.ts";
import { show } from "../run/show.ts";
import type { RunTools } from "../run/tools.ts";
import { RunFailure } from "../run_failure.ts";
import { formatLimit } from "../time.ts";

/** How long ago a look at the sign-in is still one of just now, in milliseconds. */
const JUST_NOW_MS = 1000;

/** Runs one task: the answer on stdout, nothing else. */
export async function run(cli: Cli, flags: RunFlags, prompt?: string): Promise<void> {
  const context = openContext(cli, flags);
  using limit = timeLimit(cli.clock, flags.timeout, () => {
    const error = tooLong(flags.timeout);
    cli.overdue?.(error);
    return error;
  }, cli.signal);
  const { signal } = limit;
  // Before stdin is waited for: a script without a sign-in shall fail at once.
  const lookedUp = cli.clock.now();
  const signIn = await context.session.authorize({ signal });
  const form = await formOf(cli, flags, signal);
  await using conversation = await conversationOf(context, flags, signal);
  const choices = choose(cli, flags, conversation?.model);
  const options = await streamOptions(flags, choices, signal);
  const file = await fileOf(cli, flags, conversation, signal);
  using progress = new Progress(cli, flags, "reading");
  const whole = conversation !== undefined;
  const reading = readPrompt(cli, { ...flags, prompt, whole, signal });
  // What else is wrong is told first.
  reading.catch(() => {});
  const place = await toolsOf(cli, flags, context, choices, progress);
  if (flags.verbose) await tellDefaults(cli, choices, place);
  const content = await reading;
  // Stdin may have taken its time, and another program may have renewed the sign-in meanwhile.
  let authorization = cli.clock.now() - lookedUp < JUST_NOW_MS ? signIn : undefined;
  const deps = { ...context, authorization };
  const known = await modelOf(flags, options, deps, conversation, place, signal);
  const model = options.model ?? known?.slug;
  const offer = await offerTools(place?.tools ?? [], known);
  const asked: StreamOptions = {
    ...options,
    model,
    instructions: options.instructions ?? place?.instructions,
    tools: [...offer.specs, ...options.tools ?? []],
    signal,
    ...(form?.schema === undefined ? {} : { output: { schema: form.schema } }),
    ...(conversation === undefined ? {} : { sessionKey: conversation.id }),
  };
  const around: readonly Message[] = place === undefined
    ? []
    : [{ role: "user", content: place.context }];
  const before = conversation?.before(model ?? "") ?? [];
  try {
    await show(cli, flags, progress, {
      messages: [...around, ...before, { role: "user", content }],
      ask: (messages: readonly Message[], own: StepOptions) => {
        const deps = { ...context, unchecked: true, authorization };
        // The first request alone is made just now.
        authorization = undefined;
        return startStream(messages, { ...asked, ...own }, deps);
      },
      model: model ?? "",
      tools: offer.tools,
      approve: place?.approve,
      form,
      repair: flags.repair,
      maxSteps: flags.maxSteps,
      maxTokens: flags.maxTokens,
      signal,
      clock: cli.clock,
      keep: async (answer: Answer) => {
        const said = answer.messages.slice(around.length + before.length);
        await conversation?.keep(said, model ?? answer.model);
        await file?.write(`${withoutLineEnds(answer.text)}\n`);
      },
    }, { place, outlives: file !== undefined });
    await file?.end?.();
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    throw new RunFailure(withOrigin(error.error, choices), error.facts);
  } finally {
    if (place !== undefined) await tellChanges(cli, flags, place);
  }
}

async function toolsOf(
  cli: Cli,
  flags: RunFlags,
  { path }: Context,
  { sandbox }: Choices,
  progress: Progress,
): Promise<RunTools | undefined> {
  if (flags.noTools) return undefined;
  const { openTools } = await import("../run/tools.ts");
  return await openTools(cli, flags, { sandbox, authFile: path, progress });
}

/** What is known of the model, where something depends on it: tools, the first event, a session. */
async function modelOf(
  flags: RunFlags,
  { model }: StreamOptions,
  deps: KnownModelDeps,
  conversation: Conversation | undefined,
  place: RunTools | undefined,
  signal: AbortSignal,
): Promise<Model | undefined> {
  if (place !== undefined) return await knownModel(model, deps, signal);
  if (model !== undefined || (!flags.json && conversation === undefined)) return undefined;
  const { authorization } = deps;
  return defaultModel(await deps.catalogue.list({ authorization, signal }));
}

async function formOf(
  cli: Cli,
  flags: RunFlags,
  signal: AbortSignal,
): Promise<AnswerForm | undefined> {
  const { extract, outputSchema } = flags;
  if (!extract && outputSchema === undefined) return undefined;
  const { codeForm, jsonForm } = await import("../run/answer_form.ts");
  if (outputSchema === undefined) return codeForm((text) => cli.stderr.line(`warning: ${text}`));
  return jsonForm(await (await import("../run/schema_file.ts")).readSchema(outputSchema, signal));
}

async function conversationOf(
  { store }: Context,
  { session }: RunFlags,
  signal: AbortSignal,
): Promise<Conversation | undefined> {
  if (session === undefined) return undefined;
  return await (await import("../run/session.ts")).openConversation(session, store, signal);
}

async function fileOf(
  cli: Cli,
  { outputLastMessage: path }: RunFlags,
  conversation: Conversation | undefined,
  signal: AbortSignal,
): Promise<OutputFile | undefined> {
  if (path === undefined) return undefined;
  const { openOutputFile } = await import("../run/output_file.ts");
  return await openOutputFile(path, signal, { streams: cli, session: conversation?.path });
}

async function tellDefaults(cli: Cli, choices: Choices, place?: RunTools): Promise<void> {
  (await import("../run/narration.ts")).narrateDefaults(cli, choices, place);
}

/** What is on the disk is told, however the run ended. */
async function tellChanges(cli: Cli, flags: RunFlags, { changes }: RunTools): Promise<void> {
  if (changes.isEmpty) return;
  await (await import("../run/tell_changes.ts")).tellChanges(cli, flags, changes);
}

function tooLong(ms: number | undefined): CodexError {
  return new CodexError("timeout", `The run took longer than ${formatLimit(ms ?? 0)}`, {
    hint: "Give a longer --timeout",
  });
}
