/** One line on the terminal that changes in place and leaves no trace. */
import type { Clock } from "../base/clock.ts";
import { type Messages, visible } from "./output.ts";
import { fitting } from "./width.ts";

/** A line that is drawn again every second until it is ended. */
export interface LiveLine extends Disposable {
  /** Draws it now. */
  refresh(): void;
  /** Takes it away until what this gives is disposed of. */
  pause(): Disposable;
}

const REFRESH_MS = 1000;

/**
 * Shows a line that changes. Off a terminal, or on one that cannot move its cursor, nothing is shown.
 *
 * @param messages Where it is shown.
 * @param clock Measures the second.
 * @param text Gives the line's text whenever it is drawn.
 * @param options The terminal's name and width.
 * @returns The line; disposing of it erases it.
 */
export function liveLine(
  messages: Messages,
  clock: Clock,
  text: () => string,
  options: { readonly term: string | undefined; readonly columns: () => number },
): LiveLine {
  if (!messages.isTerminal || options.term === "dumb") {
    return { refresh() {}, pause: () => ({ [Symbol.dispose]() {} }), [Symbol.dispose]() {} };
  }
  let cancel: (() => void) | undefined;
  let ended = false;
  let pauses = 0;
  const draw = () => {
    if (!ended && pauses === 0) messages.status(inOneRow(text(), options.columns()));
  };
  const tick = () => {
    draw();
    cancel = clock.after(REFRESH_MS, tick);
  };
  tick();
  return {
    refresh: draw,
    pause() {
      pauses++;
      messages.status("");
      return {
        [Symbol.dispose]() {
          pauses--;
          draw();
        },
      };
    },
    [Symbol.dispose]() {
      ended = true;
      cancel?.();
      messages.status("");
    },
  };
}

/** Terminals show Ctrl-C as these two, behind the line, which must not begin another row by that. */
const INTERRUPT = "^C".length;

/** As much of a text as fits in one row, so that taking away that row takes away all of it. */
function inOneRow(text: string, columns: number): string {
  const most = columns - 1;
  const room = most > INTERRUPT ? most - INTERRUPT : most;
  return fitting(visible(text.replace(/[\t\n]/g, " ")), room);
}
