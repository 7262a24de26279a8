/**
 * Asks the person about calls that need a yes, on the terminal and one after another.
 *
 * What was not shown cannot be allowed: a long command offers no yes before all of it was on the
 * screen. Everything but a clear yes is a no.
 */
import type { CallNeed } from "../../agent/tool.ts";
import { isAbsolute, join } from "../../base/path.ts";
import { untilAborted } from "../../base/abort.ts";
import { paint } from "../color.ts";
import type { Messages } from "../output.ts";
import type { Tty } from "../questions.ts";
import { approvalScope, type ApprovalText, approvalText, type AskedCall } from "./approval_text.ts";
import { shellArguments } from "./call_text.ts";
import type { Turn } from "./one_at_a_time.ts";

/** What an approver needs. */
export interface ApproverOptions {
  /** Where it asks. */
  readonly tty: Pick<Tty, "show" | "ask">;
  /** Where it says that nobody answered; knows whether there are colours. */
  readonly messages: Messages;
  /** The working directory of the run, absolute. */
  readonly cwd: string;
  /** The width of the terminal. */
  readonly columns: () => number;
  /** Keeps the live line away for as long as a question stands. */
  readonly pause?: () => Disposable;
  /** Waits until no other run asks. */
  readonly turn?: Turn | undefined;
  /** Tells where a folder really is; the file system when absent. */
  readonly realPath?: (path: string) => Promise<string>;
}

/** What was decided; the reason against it is told to the model. */
export interface Decision {
  /** Whether the call may be made. */
  readonly allow: boolean;
  /** Why not. */
  readonly reason?: string;
}

/** Decides about one call. Rejects with the signal's reason when that is aborted. */
export type Approver = (
  call: AskedCall,
  need: CallNeed,
  signal: AbortSignal,
) => Promise<Decision>;

/** How often an answer may be unclear. */
const MOST_UNCLEAR = 3;

/** Makes an approver. What it was allowed "always" it forgets with the run that it was made for. */
export function createApprover(options: ApproverOptions): Approver {
  const always = new Set<string>();
  let last: Promise<unknown> = Promise.resolve();

  async function decide(call: AskedCall, need: CallNeed, signal: AbortSignal): Promise<Decision> {
    const scope = approvalScope(call, need);
    if (always.has(scope)) return { allow: true };
    const place = await placeOf(call, options);
    signal.throwIfAborted();
    using _turn = await options.turn?.(signal);
    using _paused = options.pause?.();
    const answer = await ask(options, (whole) => {
      const { messages: { colored }, columns } = options;
      return approvalText(call, need, place, { columns: columns(), colored, whole });
    }, signal);
    if (answer === "always") always.add(scope);
    return answer === "once" || answer === "always" ? { allow: true } : answer;
  }

  return (call, need, signal) => {
    const before = last;
    const decision = (async () => {
      await untilAborted(before, signal);
      return await decide(call, need, signal);
    })();
    last = Promise.allSettled([before, decision]);
    return decision;
  };
}

/** Shows a call until it is clear what is wanted. */
async function ask(
  { tty, messages }: ApproverOptions,
  textOf: (whole: boolean) => ApprovalText,
  signal: AbortSignal,
): Promise<"once" | "always" | Decision> {
  let text = textOf(false);
  await tty.show(`\n${questionOf(text, messages.colored)}`, signal);
  for (let unclear = 0; unclear < MOST_UNCLEAR;) {
    const prompt = text.hidden > 0 ? "v or n: " : "y, a or n: ";
    const reply = await tty.ask(prompt, signal);
    if (reply.line === undefined) {
      messages.line(`warning: a call was not allowed: ${reply.why}`);
      return { allow: false, reason: `the user could not be asked: ${reply.why}` };
    }
    const meant = meaningOf(reply.line, text.hidden > 0);
    if (meant === "no") return { allow: false, reason: "the user said no" };
    if (meant === "once" || meant === "always") return meant;
    if (meant === "show") {
      text = textOf(true);
      await tty.show(`${[...text.rows, ...choicesOf(text)].join("\n")}\n`, signal);
    } else if (++unclear < MOST_UNCLEAR) {
      const choices = text.hidden > 0 ? "Type v to see all of it, or n for no" : "Type y, a or n";
      await tty.show(`${choices}\n`, signal);
    }
  }
  messages.line("warning: a call was not allowed: the answers were not clear");
  return { allow: false, reason: "the user gave no clear answer" };
}

type Meaning = "once" | "always" | "show" | "no";

const WORDS: Readonly<Record<string, Meaning>> = {
  "y": "once",
  "yes": "once",
  "a": "always",
  "always": "always",
  "n": "no",
  "no": "no",
  "": "no",
};

function meaningOf(line: string, isCut: boolean): Meaning | undefined {
  const word = line.trim().toLowerCase();
  if (isCut && word === "v") return "show";
  const meant = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  return isCut && meant !== "no" ? undefined : meant;
}

function questionOf(text: ApprovalText, colored: boolean): string {
  const name = colored ? paint("bold", "codex:") : "codex:";
  const facts = text.facts.map((fact) => `  ${fact}`);
  return `${[`${name} ${text.title}`, ...text.rows, ...facts, ...choicesOf(text)].join("\n")}\n`;
}

function choicesOf({ hidden, always }: ApprovalText): string[] {
  if (hidden > 0) return ["    v  show all of it", "    n  no, as with Enter alone"];
  return ["    y  yes, this once", `    a  yes, and ${always}`, "    n  no, as with Enter alone"];
}

/** Where the call would be made: what it names may be a link. */
async function placeOf({ name, input }: AskedCall, options: ApproverOptions): Promise<string> {
  const { cwd, realPath = Deno.realPath } = options;
  const workdir = shellArguments(name, input)?.workdir;
  if (workdir === undefined) return cwd;
  const { os } = Deno.build;
  const path = isAbsolute(os, workdir) ? workdir : join(os, cwd, workdir);
  return await realPath(path).catch(() => path);
}
