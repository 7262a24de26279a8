/** Runs of the real command, each in a home of its own with a simulator of its own. */
import { ERROR_TABLE } from "../../mod.ts";
import { Random } from "../fuzz/random.ts";
import { AUTH_FILE, openDesk } from "../support/desk.ts";
import type { CliResult } from "../support/run_cli.ts";
import type { Tally } from "./tally.ts";
import { type Trouble, troubleFor } from "./troubles.ts";

/** One in so many is interrupted at a random moment. */
const INTERRUPTED = 12;

/** How long a command takes to start and ask, about; an interruption comes within it. */
const SPAN_MS = 250;

const FOLDER = AUTH_FILE.slice(0, AUTH_FILE.lastIndexOf("/"));

/** All that may be left in the folder of the sign-in. */
const LEFT = /^auth\.(?:json|json\.lock|models\.json)$/;

/** What interrupts a run, and the status that it then has. */
const INTERRUPTIONS = [["SIGINT", 130], ["SIGTERM", 143], ["closed stdout", 141]] as const;

/**
 * Does one run.
 *
 * @param run Its number.
 * @param seed The seed of all; number and seed repeat a run.
 * @param tally Counts it.
 */
export async function runCommand(run: number, seed: number, tally: Tally): Promise<void> {
  const random = new Random(seed + run * 104_729);
  const trouble = troubleFor(run, random);
  const { turns, faults, expired, hangs } = trouble;
  await using desk = await openDesk({ turns, faults }, expired ? -60 : undefined);
  const isJson = random.oneIn(2);
  const flags = [...isJson ? ["--json"] : [], ...hangs ? ["--timeout", "1s"] : []];
  await using cli = await desk.start(["run", ...flags, `Run ${run}`]);
  const interruption = random.oneIn(INTERRUPTED) ? random.of(INTERRUPTIONS) : undefined;
  if (interruption !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, random.next() * SPAN_MS));
    if (interruption[0] === "closed stdout") await cli.closeStdout();
    else cli.kill(interruption[0]);
  }
  const ended = await cli.ended;
  const problems: string[] = [];
  const isOver = interruption !== undefined && ended.code === interruption[1];
  const end = isOver ? interruption[0] : endOf(ended, trouble, isJson, problems);
  if (interruption?.[0] === "closed stdout") problems.length = 0;
  const left = (await desk.home.list(FOLDER)).filter((name) => !LEFT.test(name));
  if (left.length > 0) problems.push(`left behind: ${left.join(", ")}`);
  JSON.parse(await desk.home.read(AUTH_FILE));
  tally.add(run, trouble, end, problems);
}

function endOf(ended: CliResult, trouble: Trouble, isJson: boolean, problems: string[]): string {
  const { code, stdout, stderr } = ended;
  const ends = trouble.hangs ? [...trouble.ends, "timeout" as const] : trouble.ends;
  if (/Uncaught|panicked|\n {4}at |Unexpected/.test(stderr + stdout)) problems.push(stderr);
  if (/eyJ|\brt_/.test(stderr + stdout)) problems.push("a token in what it says");
  if (code === 0) {
    if (!ends.includes("answer")) problems.push("it ended well");
    const text = isJson ? lastEvent(stdout)["text"] : stdout;
    const right = isJson ? trouble.answer : `${trouble.answer}\n`;
    if (text !== right) problems.push(`the answer is ${JSON.stringify(text)}`);
    return "answer";
  }
  if (isJson) {
    const { type, code: told } = lastEvent(stdout);
    if (type !== "error") problems.push(`the last event is ${type}`);
    const known = ends.find((end) => end === told);
    if (known === undefined) problems.push(`${told}: ${stdout.slice(-300)}`);
    else if (known !== "answer" && ERROR_TABLE[known].exit !== code) {
      problems.push(`status ${code}`);
    }
    return String(told);
  }
  const statuses = ends.map((end) => end === "answer" ? 0 : ERROR_TABLE[end].exit);
  if (!statuses.includes(code)) problems.push(`status ${code}: ${stderr}`);
  if (!/^codex: .+$/m.test(stderr)) problems.push(`stderr is ${JSON.stringify(stderr)}`);
  const shown = stdout.replace(/\n$/, "");
  const isPart = trouble.answer.startsWith(shown) || code === ERROR_TABLE.refused.exit;
  if (!isPart) problems.push(`shown was ${JSON.stringify(stdout)}`);
  return `status ${code}`;
}

function lastEvent(stdout: string): Record<string, unknown> {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) || "{}");
}
