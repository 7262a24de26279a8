/** Tells what patches have changed, at the end of a run, on stderr. */
import { diffOfChanges } from "../../agent/tools/patch/changes.ts";
import type { Cli } from "../cli.ts";
import { type Changes, changesLine } from "./changes.ts";
import { diffText } from "./diff_text.ts";
import type { RunFlags } from "./flags.ts";

/**
 * Tells it: in one line, unless nothing shall be said, and with `--diff` as a unified diff.
 *
 * @param cli Where to.
 * @param flags How much.
 * @param changes What was changed.
 */
export function tellChanges(
  { stderr }: Pick<Cli, "stderr">,
  { diff = false, quiet = false, json = false }: RunFlags,
  changes: Changes,
): void {
  const files = changes.list();
  const line = changesLine(files);
  if (line === undefined) return;
  if (diff) {
    const text = diffOfChanges(files);
    // To a pipe it goes as it is, so that it can be applied again.
    stderr.write(stderr.isTerminal ? diffText(text, stderr.colored) : text);
  }
  if (!quiet && !json) stderr.line(line);
}
