/** Tells what a run has changed, at its end, on stderr. */
import { diffOfChanges } from "../../agent/tools/patch/changes.ts";
import type { Cli } from "../cli.ts";
import { type Changes, changesLine } from "./changes.ts";
import { diffText } from "./diff_text.ts";
import type { RunFlags } from "./flags.ts";
import { ownStreams } from "./own_streams.ts";

/**
 * Tells it: in one line, unless nothing shall be said, and with `--diff` as a unified diff.
 *
 * @param cli Where to.
 * @param flags How much.
 * @param changes What was changed.
 */
export async function tellChanges(
  { stderr }: Pick<Cli, "stderr">,
  { diff = false, quiet = false, json = false }: RunFlags,
  changes: Changes,
): Promise<void> {
  changes.settle();
  let files = changes.list();
  if (files.length > 0) files = changes.list(await ownStreams());
  const line = changesLine(files, changes.isWhole);
  if (line === undefined) return;
  if (diff && files.length > 0) {
    const text = diffOfChanges(files);
    // To a pipe it goes as it is, so that it can be applied again.
    stderr.write(stderr.isTerminal ? diffText(text, stderr.colored) : text);
  }
  if (!quiet && !json) stderr.line(line);
}
