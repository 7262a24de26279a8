/** `codex run`. */
import { notSignedIn } from "../../auth/errors.ts";
import { timeLimit } from "../../base/clock.ts";
import { CodexError } from "../../base/errors.ts";
import type { Context } from "../../client/context.ts";
import { defaultModel } from "../../models/catalogue.ts";
import type { Message, StreamOptions } from "../../responses/options.ts";
import { startStream } from "../../responses/stream.ts";
import { withoutLineEnds } from "../answer.ts";
import type { Cli } from "../cli.ts";
import { openContext } from "../context.ts";
import { readPrompt } from "../prompt.ts";
import type { AnswerForm } from "../run/answer_form.ts";
import { type Choices, choose, streamOptions } from "../run/choices.ts";
import type { RunFlags } from "../run/flags.ts";
import type { OutputFile } from "../run/output_file.ts";
import { Progress } from "../run/progress.ts";
import type { Conversation } from "../run/session.ts";
import { type Answer, runTask, type Task } from "../run/task.ts";
import { TextView } from "../run/text_view.ts";
import { formatLimit } from "../time.ts";

/** Runs one task: the answer on stdout, nothing else. */
export async function run(cli: Cli, flags: RunFlags, prompt?: string): Promise<void> {
  const context = openContext(cli, flags);
  using limit = timeLimit(cli.clock, flags.timeout, () => tooLong(flags.timeout), cli.signal);
  const { signal } = limit;
  // Before stdin is waited for: a script without a sign-in shall fail at once.
  if (await context.store.read() === undefined) throw notSignedIn();
  const form = await formOf(cli, flags, signal);
  await using conversation = await conversationOf(context, flags, signal);
  const choices = choose(cli, flags, conversation?.model);
  const options = await streamOptions(flags, choices, signal);
  await using file = await fileOf(flags, signal);
  using progress = new Progress(cli, flags, "reading");
  if (flags.verbose) await tellDefaults(cli, choices);
  const content = await readPrompt(cli, {
    ...flags,
    prompt,
    whole: conversation !== undefined,
    signal,
  });
  // The first event and a session name the model, so it is looked up before anything is asked.
  const model = options.model ??
    (flags.json || conversation !== undefined
      ? defaultModel(await context.catalogue.list({ signal }))?.slug
      : undefined);
  const asked: StreamOptions = {
    ...options,
    model,
    signal,
    ...(form?.schema === undefined ? {} : { output: { schema: form.schema } }),
    ...(conversation === undefined ? {} : { sessionKey: conversation.id }),
  };
  const before = conversation?.before(model ?? "") ?? [];
  await show(cli, flags, progress, {
    messages: [...before, { role: "user", content }],
    ask: (messages: readonly Message[]) =>
      startStream(messages, asked, { ...context, unchecked: true }),
    model: model ?? "",
    form,
    repair: flags.repair,
    maxSteps: flags.maxSteps,
    maxTokens: flags.maxTokens,
    clock: cli.clock,
    keep: async (answer: Answer) => {
      await conversation?.keep(answer, model ?? answer.model);
      await file?.write(`${withoutLineEnds(answer.text)}\n`);
    },
  });
}

/** Runs the task, told as text or as events. */
async function show(
  cli: Cli,
  flags: RunFlags,
  progress: Progress,
  task: Omit<Task, "tell">,
): Promise<void> {
  const narrate = flags.verbose ? (await import("../run/narration.ts")).narrator(cli) : undefined;
  if (flags.json) {
    const print = (await import("../event_lines.ts")).eventLines(cli.stdout);
    const tell: Task["tell"] = async (event) => {
      narrate?.(event);
      await print(event);
    };
    return await runTask({ ...task, tell });
  }
  const view = new TextView(cli, { progress, held: task.form !== undefined });
  const tell: Task["tell"] = narrate === undefined
    ? (event) => view.tell(event)
    : async (event) => {
      // The answer's end first: what is said of it stands below it.
      await view.tell(event);
      narrate(event);
    };
  try {
    await runTask({ ...task, tell });
  } catch (error) {
    await view.break().catch(() => {});
    throw error;
  }
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
  { outputLastMessage: path }: RunFlags,
  signal: AbortSignal,
): Promise<OutputFile | undefined> {
  if (path === undefined) return undefined;
  return await (await import("../run/output_file.ts")).openOutputFile(path, signal);
}

async function tellDefaults(cli: Cli, choices: Choices): Promise<void> {
  (await import("../run/narration.ts")).narrateDefaults(cli, choices);
}

function tooLong(ms: number | undefined): CodexError {
  return new CodexError("timeout", `The run took longer than ${formatLimit(ms ?? 0)}`, {
    hint: "Give a longer --timeout",
  });
}
