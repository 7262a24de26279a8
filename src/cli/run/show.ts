/** Runs a task and shows it: as text for a person or a pipe, or as events. */
import type { LoopOptions } from "../../agent/loop.ts";
import type { RunEvent } from "../../agent/run_events.ts";
import type { Cli } from "../cli.ts";
import type { RunFlags } from "./flags.ts";
import type { Progress } from "./progress.ts";
import { runTask } from "./task.ts";
import type { RunTools } from "./tools.ts";
import { TextView } from "./text_view.ts";

type Tell = LoopOptions["tell"];

/** What is around a run. */
export interface ShowOptions {
  /** Where its tools work, if it has any. */
  readonly place?: Pick<RunTools, "heed"> | undefined;
  /** Whether the run goes on where stdout cannot be written: its answer is kept elsewhere, too. */
  readonly outlives?: boolean | undefined;
}

/**
 * Runs a task, told as text or as events.
 *
 * @param cli Where to.
 * @param flags How.
 * @param progress The live line.
 * @param task What to do.
 * @param around What is around it.
 */
export async function show(
  cli: Cli,
  flags: RunFlags,
  progress: Progress,
  task: Omit<LoopOptions, "tell">,
  { place, outlives = false }: ShowOptions = {},
): Promise<void> {
  // A warning of the sandbox is one of the run.
  const warnings = (tell: Tell) =>
    place?.heed((message) =>
      void tell({ type: "warning", code: "sandbox", message })?.catch(() => {})
    );
  const narrate = await narratorOf(cli, flags, progress, task.tools !== undefined);
  if (flags.json) {
    const print = (await import("../event_lines.ts")).eventLines(cli.stdout);
    const tell: Tell = async (event) => {
      narrate?.(event);
      await print(event);
    };
    warnings(tell);
    return await told(task, tell, outlives);
  }
  const held = task.form !== undefined;
  const view = new TextView(cli, { progress, held, tools: task.tools !== undefined });
  const tell: Tell = narrate === undefined ? (event) => view.tell(event) : async (event) => {
    // The answer's end first: what is said of it stands below it.
    await view.tell(event);
    narrate(event);
  };
  warnings(tell);
  try {
    await told(task, tell, outlives);
  } catch (error) {
    await view.break().catch(() => {});
    throw error;
  }
}

async function told(
  task: Omit<LoopOptions, "tell">,
  tell: Tell,
  outlives: boolean,
): Promise<void> {
  if (!outlives) return await runTask({ ...task, tell });
  const teller = (await import("./outlive.ts")).outliving(tell);
  await runTask({ ...task, tell: teller.tell });
  teller.check();
}

/** What is said of a run beside its answer; `undefined` where nothing is. */
async function narratorOf(
  cli: Cli,
  { verbose = false, quiet = false, json = false }: RunFlags,
  progress: Progress,
  hasTools: boolean,
): Promise<((event: RunEvent) => void) | undefined> {
  const tellers: ((event: RunEvent) => void)[] = [];
  if (hasTools && (verbose || (cli.stderr.isTerminal && !quiet && !json))) {
    const { StepLines } = await import("./step_lines.ts");
    const lines = new StepLines({ columns: cli.columns, verbose });
    tellers.push((event) => {
      if (event.type === "tool-start") progress.show(lines.doing(event.id) ?? event.name);
      // What the run does is told in a lower voice than what it asks or says.
      for (const line of lines.take(event)) cli.stderr.line(line, "dim");
    });
  }
  if (verbose) tellers.push((await import("./narration.ts")).narrator(cli));
  if (tellers.length === 0) return undefined;
  return (event) => {
    for (const tell of tellers) tell(event);
  };
}
