/** What a run has done, on a terminal: one line a call, and with `--verbose` what came out of it. */
import type { RunEvent, ToolResultEvent } from "../../agent/run_events.ts";
import { visible } from "../output.ts";
import { formatDuration } from "../time.ts";
import { cut, width } from "../width.ts";
import { callLine, hasOwnWords, SHELL } from "./call_text.ts";
import { oneLine } from "./rows.ts";

/** How the lines are made. */
export interface StepLinesOptions {
  /** The width of the terminal. */
  readonly columns: () => number;
  /** Whether output is shown too, and lines whole. */
  readonly verbose?: boolean;
}

/** What stands in front of a tool's output, so that no line of it passes for one of ours. */
const OUTPUT_PREFIX = "  ";
/** The longest line that output may be kept back for, in characters. */
const MOST_HELD = 4096;
/** How many columns a call has, however long its result is. */
const LEAST_HEAD = 16;
/** Between a call and its result. */
const GAP = "  ";

/** A call under way. */
interface Call {
  readonly line: string;
  isAsked: boolean;
  isStarted: boolean;
  /** Output whose line has not ended. */
  held: string;
  hasOutput: boolean;
}

/** Makes lines out of events. They hold no colour, and nothing that a terminal would obey. */
export class StepLines {
  readonly #options: StepLinesOptions;
  readonly #calls = new Map<string, Call>();

  constructor(options: StepLinesOptions) {
    this.#options = options;
  }

  /** What a call does, for the live line; `undefined` for one that was not told of. */
  doing(id: string): string | undefined {
    return this.#calls.get(id)?.line;
  }

  /** Takes an event, and gives the lines that it is worth. */
  take(event: RunEvent): readonly string[] {
    if (event.type === "tool-call") {
      this.#calls.set(event.id, {
        line: callLine(event.name, event.input),
        isAsked: false,
        isStarted: false,
        held: "",
        hasOutput: false,
      });
      return [];
    }
    if (event.type === "tool-result") {
      const call = this.#calls.get(event.id);
      this.#calls.delete(event.id);
      return this.#ended(event, call);
    }
    if (!("id" in event)) return [];
    const call = this.#calls.get(event.id);
    if (call === undefined) return [];
    switch (event.type) {
      case "approval-request":
        call.isAsked = true;
        return [];
      case "tool-start":
        call.isStarted = true;
        return this.#options.verbose ? [call.line] : [];
      case "tool-output-delta":
        return this.#options.verbose ? output(call, event.delta) : [];
      default:
        return [];
    }
  }

  #ended(event: ToolResultEvent, call: Call | undefined): string[] {
    const line = call?.line ?? callLine(event.name, "");
    const result = resultText(event, call);
    if (!this.#options.verbose || !call?.isStarted) {
      return [joined(line, result, this.#options.columns())];
    }
    const rest = call.held === "" ? [] : [shown(call.held)];
    return [...rest, ...otherOutput(event, call), result === "" ? "→ done" : result];
  }
}

/** The lines that have ended with this piece of output. */
function output(call: Call, delta: string): string[] {
  call.hasOutput = true;
  const lines = (call.held + delta).split("\n");
  call.held = lines.pop() ?? "";
  if (call.held.length > MOST_HELD) {
    lines.push(call.held);
    call.held = "";
  }
  return lines.map(shown);
}

/** What a tool gave that told nothing on its way; a command that was run has nothing beyond that. */
function otherOutput({ name, output, ok }: ToolResultEvent, call: Call): string[] {
  if (call.hasOutput || (ok && commandResult(name, output) !== undefined)) return [];
  const text = outputText(output).trimEnd();
  return text === "" ? [] : text.split("\n").map(shown);
}

function shown(line: string): string {
  return OUTPUT_PREFIX + visible(line);
}

function outputText(output: unknown): string {
  return typeof output === "string" ? output : JSON.stringify(output) ?? "";
}

/** What came of a call, to stand behind it; empty where the call's own line says it all. */
function resultText({ name, output, ok, ms }: ToolResultEvent, call: Call | undefined): string {
  if (!ok) {
    if (call?.isAsked && !call.isStarted) return "→ refused";
    const [reason = ""] = outputText(output).trim().split("\n");
    return `→ ${call?.isStarted ? "failed" : "not run"}: ${oneLine(reason)}`;
  }
  const result = commandResult(name, output);
  if (result !== undefined) return `→ ${result}, ${time(ms)}`;
  return hasOwnWords(name) ? "" : `→ done, ${time(ms)}`;
}

/** How a command ended, as the shell's answer tells it in its first lines. */
function commandResult(name: string, output: unknown): string | undefined {
  if (name !== SHELL || typeof output !== "string") return undefined;
  const [head = ""] = output.split("\nOutput:\n", 1);
  const status = /^Exit code: (\d+)$/m.exec(head)?.[1];
  if (status === undefined) return undefined;
  return /^Command timed out /m.test(head) ? "timed out" : `exit ${status}`;
}

function time(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms);
}

/** A call and its result in one row; the result is cut only where the call is as short as can be. */
function joined(line: string, result: string, columns: number): string {
  // The last column stays free: some terminals begin a row when it is written.
  const room = columns - 1;
  if (result === "") return cut(line, room);
  const head = cut(line, Math.max(LEAST_HEAD, room - width(result) - GAP.length));
  return head + GAP + cut(result, Math.max(2, room - width(head) - GAP.length));
}
