/**
 * The difference of two texts of one file, as `git diff` writes it.
 *
 * What is the same at both ends is left out first; the rest goes through Myers' greedy algorithm
 * ("An O(ND) Difference Algorithm and Its Variations", 1986). Its cost grows with the square of the
 * number of differences, so where there are too many the middle is told as replaced as a whole.
 */

/** Two texts of one file. */
export interface DiffInput {
  /** The file. */
  readonly path: string;
  /** Where it was before, if elsewhere. */
  readonly from?: string | undefined;
  /** Its text before; absent for a new file. */
  readonly before?: string | undefined;
  /** Its text afterwards; absent for a deleted file. */
  readonly after?: string | undefined;
  /** Its permissions before, where known. */
  readonly modeBefore?: number | undefined;
  /** Its permissions afterwards, where known. */
  readonly mode?: number | undefined;
}

/** What stands in place of permissions for a link, whose text is where it leads. */
export const LINK_MODE = 0o120000;

/** Whether what stands in place of permissions is that of a link. */
export function isLink(mode: number | undefined): boolean {
  return mode === LINK_MODE;
}

/** A difference. */
export interface UnifiedDiff {
  /** As a unified diff with Git's header lines; each line ends. Empty when nothing differs. */
  readonly text: string;
  /** How many lines came. */
  readonly added: number;
  /** How many lines went. */
  readonly removed: number;
}

/** How many lines of context stand around a difference. */
const CONTEXT = 3;

/** How many differences are looked for, and how many lines compared, before it is given up. */
const MOST_DIFFERENCES = 1_500;
const MOST_WORK = 20_000_000;

/**
 * Compares two texts.
 *
 * @param input The texts, and what the file is called.
 * @returns The difference, with the counts of its lines.
 */
export function unifiedDiff(input: DiffInput): UnifiedDiff {
  const before = linesOf(input.before ?? "");
  const after = linesOf(input.after ?? "");
  const ranges = compare(before, after);
  const header = headerOf(input, ranges.length > 0);
  const hunks = grouped(ranges).map((group) => hunkOf(group, before, after));
  const count = (size: (range: Range) => number) => ranges.reduce((sum, one) => sum + size(one), 0);
  return {
    text: header + hunks.join(""),
    added: count(({ newStart, newEnd }) => newEnd - newStart),
    removed: count(({ oldStart, oldEnd }) => oldEnd - oldStart),
  };
}

/**
 * Says that two contents differ which are not shown, in Git's words. It is a line by itself: what
 * applies a difference passes over it where it stands before the first file.
 *
 * @param input What the file is called, and on which sides it is there.
 * @param isBinary Whether one of the two is known to be no text.
 */
export function differLine(input: DiffInput, isBinary: boolean): string {
  const { oldSide, newSide } = sidesOf(input);
  return `${isBinary ? "Binary files" : "Files"} ${oldSide} and ${newSide} differ\n`;
}

/** Lines that went, and those that came in their place; ends are exclusive. */
interface Range {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** The lines, each with its end. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compare(before: readonly string[], after: readonly string[]): readonly Range[] {
  const numbers = new Map<string, number>();
  const numbered = (line: string) => {
    const known = numbers.get(line) ?? numbers.size;
    numbers.set(line, known);
    return known;
  };
  const a = Int32Array.from(before, numbered);
  const b = Int32Array.from(after, numbered);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  const most = Math.min(a.length, b.length) - start;
  while (end < most && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const oldEnd = a.length - end;
  const newEnd = b.length - end;
  if (start === oldEnd && start === newEnd) return [];
  const steps = shortestEdit(a.subarray(start, oldEnd), b.subarray(start, newEnd));
  if (steps === undefined) return [{ oldStart: start, oldEnd, newStart: start, newEnd }];
  return rangesOf(steps, start);
}

/** One line that goes (`isNew` false) or comes, and where both texts are then. */
interface Step {
  readonly isNew: boolean;
  readonly old: number;
  readonly new: number;
}

/** The fewest steps from one to the other, in order; `undefined` when that is too much work. */
function shortestEdit(a: Int32Array, b: Int32Array): readonly Step[] | undefined {
  const most = Math.min(a.length + b.length, MOST_DIFFERENCES);
  // How far each diagonal reaches; -1 where nothing does.
  const middle = most + 1;
  const reach = new Int32Array(2 * most + 3).fill(-1);
  const rounds: Int32Array[] = [];
  let work = 0;
  for (let round = 0; round <= most; round++) {
    for (let k = -round; k <= round; k += 2) {
      let x = round === 0 ? 0 : stepTo(k, reach, middle, a.length, b.length).x;
      if (x >= 0) {
        const from = x;
        while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
        work += x - from;
      }
      reach[middle + k] = x;
      if (x === a.length && x - k === b.length) return traced(rounds, k, a.length, b.length);
    }
    work += round;
    if (work > MOST_WORK) return undefined;
    rounds.push(reach.slice(middle - round - 1, middle + round + 2));
  }
  return undefined;
}

/** The better way onto a diagonal from its neighbours: a line that comes, or one that goes. */
function stepTo(
  k: number,
  reach: Int32Array,
  middle: number,
  oldLength: number,
  newLength: number,
): { readonly x: number; readonly isNew: boolean } {
  const above = reach[middle + k + 1] ?? -1;
  const left = reach[middle + k - 1] ?? -1;
  const coming = above >= 0 && above - k <= newLength ? above : -1;
  const going = left >= 0 && left < oldLength ? left + 1 : -1;
  return coming > going ? { x: coming, isNew: true } : { x: going, isNew: false };
}

/** Goes back the way that led to the end. */
function traced(
  rounds: readonly Int32Array[],
  last: number,
  oldLength: number,
  newLength: number,
): readonly Step[] {
  const steps: Step[] = [];
  let k = last;
  for (let round = rounds.length; round > 0; round--) {
    const reach = rounds[round - 1] ?? new Int32Array();
    const { x, isNew } = stepTo(k, reach, round, oldLength, newLength);
    steps.push(isNew ? { isNew, old: x, new: x - k - 1 } : { isNew, old: x - 1, new: x - k });
    k += isNew ? 1 : -1;
  }
  return steps.reverse();
}

/** Steps that follow each other, as one range. */
function rangesOf(steps: readonly Step[], offset: number): readonly Range[] {
  const ranges: { -readonly [K in keyof Range]: Range[K] }[] = [];
  for (const step of steps) {
    const oldStart = step.old + offset;
    const newStart = step.new + offset;
    let last = ranges.at(-1);
    if (last === undefined || last.oldEnd !== oldStart || last.newEnd !== newStart) {
      last = { oldStart, oldEnd: oldStart, newStart, newEnd: newStart };
      ranges.push(last);
    }
    if (step.isNew) last.newEnd++;
    else last.oldEnd++;
  }
  return ranges;
}

/** Ranges so close that they share their context. */
function grouped(ranges: readonly Range[]): readonly (readonly Range[])[] {
  const groups: Range[][] = [];
  for (const range of ranges) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && range.oldStart - last.oldEnd <= 2 * CONTEXT) group.push(range);
    else groups.push([range]);
  }
  return groups;
}

function hunkOf(
  group: readonly Range[],
  before: readonly string[],
  after: readonly string[],
): string {
  const [first] = group;
  const last = group.at(-1);
  if (first === undefined || last === undefined) return "";
  const lead = Math.min(CONTEXT, first.oldStart);
  const trail = Math.min(CONTEXT, before.length - last.oldEnd);
  const oldSpan = spanOf(first.oldStart - lead, last.oldEnd + trail);
  const newSpan = spanOf(first.newStart - lead, last.newEnd + trail);
  const parts = [`@@ -${oldSpan} +${newSpan} @@\n`];
  let at = first.oldStart - lead;
  for (const range of group) {
    parts.push(marked(" ", before.slice(at, range.oldStart)));
    parts.push(marked("-", before.slice(range.oldStart, range.oldEnd)));
    parts.push(marked("+", after.slice(range.newStart, range.newEnd)));
    at = range.oldEnd;
  }
  parts.push(marked(" ", before.slice(at, last.oldEnd + trail)));
  return parts.join("");
}

/** Where lines are, counted from 1; an empty span is named by the line before it. */
function spanOf(start: number, end: number): string {
  const size = end - start;
  if (size === 1) return `${start + 1}`;
  return `${size === 0 ? start : start + 1},${size}`;
}

function marked(mark: string, lines: readonly string[]): string {
  return lines.map((line) =>
    line.endsWith("\n") ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`
  ).join("");
}

function headerOf(input: DiffInput, hasHunks: boolean): string {
  const { path, from = path, before, after } = input;
  const lines: string[] = [];
  const oldMode = gitMode(input.modeBefore);
  const newMode = gitMode(input.mode);
  if (before === undefined) lines.push(`new file mode ${newMode}`);
  else if (after === undefined) lines.push(`deleted file mode ${oldMode}`);
  else if (input.mode !== undefined && oldMode !== newMode) {
    lines.push(`old mode ${oldMode}`, `new mode ${newMode}`);
  }
  if (from !== path) lines.push(`rename from ${nameOf("", from)}`, `rename to ${nameOf("", path)}`);
  if (hasHunks) {
    const { oldSide, newSide } = sidesOf(input);
    lines.push(`--- ${ended(oldSide)}`, `+++ ${ended(newSide)}`);
  }
  if (lines.length === 0) return "";
  return [`diff --git ${nameOf("a", from)} ${nameOf("b", path)}`, ...lines, ""].join("\n");
}

/** What the two texts are those of. */
function sidesOf({ path, from = path, before, after }: DiffInput) {
  return {
    oldSide: before === undefined ? NOTHING : nameOf("a", from),
    newSide: after === undefined ? NOTHING : nameOf("b", path),
  };
}

/** What stands in place of a file's name where there is none. */
const NOTHING = "/dev/null";

/** Git knows two kinds of file, and links. */
function gitMode(mode: number | undefined): string {
  if (isLink(mode)) return "120000";
  return mode !== undefined && (mode & 0o100) !== 0 ? "100755" : "100644";
}

function nameOf(side: "a" | "b" | "", path: string): string {
  const name = side === "" ? path : `${side}/${path.replace(/^\/+/, "")}`;
  const quoted = name.replace(QUOTED, escaped);
  return quoted === name ? name : `"${quoted}"`;
}

/** What makes Git quote a name; other letters it may quote as well, and takes as they are. */
const QUOTED = /["\\]|\p{Cc}/gu;

/** A character as a string of C has it, which is what Git reads: by its letter, or byte by byte. */
function escaped(character: string): string {
  const letter = LETTERS[character];
  if (letter !== undefined) return `\\${letter}`;
  const bytes = [...new TextEncoder().encode(character)];
  return bytes.map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

const LETTERS: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
};

/** A name with a blank is ended by a tab, so that a reader knows where. */
function ended(name: string): string {
  return name.includes(" ") ? `${name}\t` : name;
}
