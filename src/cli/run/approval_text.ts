/**
 * A call that needs a yes, in words. Pure.
 *
 * All of it comes from the model, which may have been led astray by what it read: every character
 * is made visible, and the model's reasons are told as its own.
 */
import type { CallNeed } from "../../agent/tool.ts";
import type { ToolCall } from "../../responses/events.ts";
import { paint } from "../color.ts";
import { cut } from "../width.ts";
import { inputText, PATCH, SHELL, shellArguments } from "./call_text.ts";
import { diffRows } from "./diff_text.ts";
import { exact, oneLine, rows } from "./rows.ts";

/** A call to be asked about. */
export type AskedCall = Pick<ToolCall, "id" | "name" | "input">;

/** What is asked. */
export interface ApprovalText {
  /** The question. */
  readonly title: string;
  /** What would be done, row by row; a row that was cut off is missing. */
  readonly rows: readonly string[];
  /** How many of these rows are left out. */
  readonly hidden: number;
  /** Where, and why. */
  readonly facts: readonly string[];
  /** What "always" means here. */
  readonly always: string;
}

/** What is to be known of the terminal. */
export interface ApprovalLayout {
  /** Its width. */
  readonly columns: number;
  /** Whether there are colours. */
  readonly colored: boolean;
  /** Whether all of it is shown, however long it is. */
  readonly whole: boolean;
}

/** How much of a long text is shown at its beginning and at its end, in rows. */
const HEAD_ROWS = 12;
const TAIL_ROWS = 8;
/** The least width that a text is laid out for. */
const LEAST_COLUMNS = 20;
/** The longest reason of the model that is shown, in columns. */
const MOST_SAID = 300;
const INDENT = "  ";

/**
 * What a person is told of a call.
 *
 * @param call The call.
 * @param need What it needs.
 * @param place The folder that it would be made in.
 * @param layout How it is shown.
 */
export function approvalText(
  call: AskedCall,
  need: CallNeed,
  place: string,
  layout: ApprovalLayout,
): ApprovalText {
  const all = bodyRows(call, need, Math.max(LEAST_COLUMNS, layout.columns), layout.colored);
  const hidden = layout.whole ? 0 : Math.max(0, all.length - HEAD_ROWS - TAIL_ROWS);
  const gap = `${INDENT}… ${hidden} more ${hidden === 1 ? "row" : "rows"}: v shows all …`;
  return {
    title: title(call.name, need),
    rows: hidden === 0 ? all : [
      ...all.slice(0, HEAD_ROWS),
      layout.colored ? paint("yellow", gap) : gap,
      ...all.slice(-TAIL_ROWS),
    ],
    hidden,
    facts: [
      `in ${oneLine(exact(place))}`,
      ...(need.why === undefined ? [] : [`because ${oneLine(need.why)}`]),
      ...(need.justification === undefined
        ? []
        : [`the model says: "${cut(oneLine(exact(need.justification)), MOST_SAID)}"`]),
    ],
    always: always(call.name, need),
  };
}

/** What a "yes, always" to one call covers: calls of the same tool that reach no further. */
export function approvalScope({ name }: AskedCall, { unconfined }: CallNeed): string {
  return `${unconfined ? "unconfined" : "confined"} ${name}`;
}

function title(name: string, { unconfined }: CallNeed): string {
  const without = unconfined ? " without a sandbox" : "";
  if (name === SHELL) return `may the model run this command${without}?`;
  if (name === PATCH) return "may the model make this change?";
  return `may the model use ${oneLine(name)}${without}?`;
}

function always(name: string, { unconfined }: CallNeed): string {
  const without = unconfined ? ", without a sandbox" : "";
  if (name === SHELL) return `every further command of this run${without}`;
  if (name === PATCH) return "every further change by a patch in this run";
  return `every further use of ${oneLine(name)} in this run${without}`;
}

/** What would be done, as it is given to the tool, and what would change by it. */
function bodyRows(
  { name, input }: AskedCall,
  { diff }: CallNeed,
  columns: number,
  colored: boolean,
): string[] {
  const command = shellArguments(name, input)?.command;
  if (command !== undefined) return marked(exact(command), columns, "$ ", "> ");
  // A patch is what it would change; its own text adds nothing to that.
  const given = name === PATCH && diff !== undefined ? "" : inputText(input);
  const changed = rows(exact((diff ?? "").trimEnd()), columns - INDENT.length);
  return [
    ...(given === "" ? [] : marked(exact(given), columns, "", "")),
    ...(diff === undefined ? [] : diffRows(changed, colored).map((row) => INDENT + row)),
  ];
}

/** Rows with a mark at the first line, and another at every further one. */
function marked(text: string, columns: number, first: string, other: string): string[] {
  return rows(text, columns - INDENT.length - first.length).map(({ text, continues }, index) => {
    const mark = index === 0 ? first : continues ? " ".repeat(other.length) : other;
    return INDENT + mark + text;
  });
}
