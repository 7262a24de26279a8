/** Files with edits, and the chunks of a patch that say what was edited. */
import type { Random } from "./random.ts";

/** A file's lines, what becomes of them, and the chunks that say so. */
export interface EditedFile {
  readonly before: string;
  readonly after: string;
  readonly chunks: readonly string[];
}

/** Some edits of a file whose lines are all different. */
export function editedFile(random: Random): EditedFile {
  const end = random.of(["\n", "\n", "\r\n"]);
  const mark = random.oneIn(8) ? "\ufeff" : "";
  const indent = () => random.of(["", "  ", "\t"]);
  const lines = Array.from(
    { length: 1 + random.below(30) },
    (_, index) => `${indent()}line ${index} ${random.of(["\u2014", "\u201cx\u201d", "y", "- z"])}`,
  );
  const after: string[] = [];
  const chunks: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const start = at + random.below(8);
    const above = Math.min(random.below(4), start - at);
    const gone = random.below(4);
    const below = random.below(4);
    const stop = start + gone + below;
    const came = random.below(3) + (gone === 0 ? 1 : 0);
    // Only lines that are there say where a chunk is.
    if (stop > lines.length || above + gone + below === 0) break;
    const added = Array.from({ length: came }, (_, index) => `${indent()}new ${start}.${index}`);
    after.push(...lines.slice(at, start), ...added, ...lines.slice(start + gone, stop));
    const isNamed = above < start - at && random.oneIn(3);
    const header = isNamed ? `@@ ${lines[start - above - 1]?.trim()}` : "@@";
    if (chunks.length > 0 || isNamed || !random.oneIn(3)) chunks.push(header);
    const sloppy = loosely(random);
    chunks.push(
      ...lines.slice(start - above, start).map((line) => ` ${sloppy(line)}`),
      ...lines.slice(start, start + gone).map((line) => `-${sloppy(line)}`),
      ...added.map((line) => `+${line}`),
      ...lines.slice(start + gone, stop).map((line) => ` ${sloppy(line)}`),
    );
    if (stop === lines.length && random.oneIn(2)) chunks.push("*** End of File");
    at = stop;
  }
  after.push(...lines.slice(at));
  const text = (all: readonly string[]) => mark + all.map((line) => line + end).join("");
  // A line that does not end says nothing of how lines end.
  const open = lines.length > 1 && random.oneIn(4)
    ? text(lines).slice(0, -end.length)
    : text(lines);
  return { before: open, after: text(after), chunks };
}

/** A way to write lines that are found all the same. */
function loosely(random: Random): (line: string) => string {
  return random.of<(line: string) => string>([
    (line) => line,
    (line) => line,
    (line) => `${line} `,
    (line) => line.trim(),
    (line) => line.replace("\u2014", "-").replace(/[\u201c\u201d]/g, '"'),
  ]);
}
