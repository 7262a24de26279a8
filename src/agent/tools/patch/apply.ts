/**
 * Applies chunks to a text: old text in, new text out.
 *
 * What a patch does not name stays byte for byte. Context is only looked for, never written: where
 * it was found by a looser comparison, the file's own spelling stays. Added lines end as the lines
 * beside them do, and the last line of a file always ends.
 */
import type { Chunk, ChunkLine } from "./parse.ts";
import { PatchError, quoted } from "./patch_error.ts";

const BOM = "\ufeff";

/** How many lines may be compared for one file: some seconds, for a patch made to take for ever. */
const MOST_COMPARISONS = 50_000_000;

/**
 * Applies chunks.
 *
 * @param text The file.
 * @param chunks What to replace, in the order of the file.
 * @param name The file's name, for the error.
 * @param mostComparisons How many lines may be compared.
 * @returns The file afterwards; a byte order mark stays.
 * @throws PatchError "Failed to find …" with what was looked for.
 */
export function applyChunks(
  text: string,
  chunks: readonly Chunk[],
  name: string,
  mostComparisons: number = MOST_COMPARISONS,
): string {
  const mark = text.startsWith(BOM) ? BOM : "";
  const old = splitLines(text.slice(mark.length));
  const search = new Search(old, name, mostComparisons);
  const result: Line[] = [];
  const appended: string[] = [];
  let at = 0;
  const keepUpTo = (end: number) => {
    while (at < end) result.push(old[at++] ?? NO_LINE);
  };
  for (const [index, chunk] of chunks.entries()) {
    const from = chunk.header === undefined ? at : search.header(chunk, chunk.header, at) + 1;
    if (onlyAdds(chunk)) {
      appended.push(...chunk.lines.filter(isAdded).map((line) => line.text));
      keepUpTo(from);
      continue;
    }
    const { start, lines } = search.chunk(chunk, from, index > 0 || from > 0);
    keepUpTo(start);
    let gone: Line | undefined;
    for (const line of lines) {
      if (line.kind === "context") keepUpTo(at + 1);
      else if (line.kind === "remove") gone = old[at++];
      else result.push({ text: line.text, end: endFor(gone ?? result.at(-1) ?? old[at], old) });
    }
  }
  keepUpTo(old.length);
  for (const text of appended) result.push({ text, end: endFor(result.at(-1), old) });
  return mark + result.map((line) => line.text + endFor(line, old)).join("");
}

/** A line and what ends it: nothing at the end of a file that does not end its last line. */
interface Line {
  readonly text: string;
  readonly end: string;
}

const NO_LINE: Line = { text: "", end: "" };

function splitLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let at = 0; at < text.length;) {
    const feed = text.indexOf("\n", at);
    const next = feed < 0 ? text.length : feed + 1;
    const end = feed < 0 ? "" : feed > at && text[feed - 1] === "\r" ? "\r\n" : "\n";
    lines.push({ text: text.slice(at, next - end.length), end });
    at = next;
  }
  return lines;
}

/** How a line ends that stands where this one does, or beside it. */
function endFor(line: Line | undefined, file: readonly Line[]): string {
  return line?.end || file[0]?.end || "\n";
}

function isAdded(line: ChunkLine): boolean {
  return line.kind === "add";
}

/** Whether a chunk names nothing of the file. It then goes to the end, whatever its header. */
function onlyAdds(chunk: Chunk): boolean {
  return chunk.lines.slice(0, chunk.lines.findLastIndex((line) => !line.bare) + 1).every(isAdded) &&
    chunk.lines.some(isAdded);
}

/** How two lines are compared: as they are, and then ever more loosely. Case always matters. */
const VIEWS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => line.trimEnd(),
  (line) => line.trim(),
  (line) => withoutTypography(line.trim()),
];

/** A line with the dashes, quotes and spaces of a keyboard in the place of a typesetter's. */
function withoutTypography(line: string): string {
  return line
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/[\u2018-\u201b]/g, "'")
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, " ");
}

interface Found {
  /** Where it begins. */
  readonly start: number;
  /** The lines of the chunk that were found. */
  readonly lines: readonly ChunkLine[];
}

/** Looks for lines in one file. */
class Search {
  readonly #name: string;
  readonly #lines: readonly string[];
  /** The file in each view, made when it is first looked at. */
  readonly #views: (readonly string[])[] = [];
  #comparisonsLeft: number;

  constructor(lines: readonly Line[], name: string, mostComparisons: number) {
    this.#lines = lines.map(({ text }) => text);
    this.#name = name;
    this.#comparisonsLeft = mostComparisons;
  }

  /** Where a chunk's header is. */
  header(chunk: Chunk, header: string, from: number): number {
    const found = this.#find([header], from, false);
    if (found !== undefined) return found;
    throw new PatchError(
      `Failed to find context '${quoted(header)}' in ${this.#name} ${this.#where(chunk)}`,
    );
  }

  /** Where a chunk is, and as what: empty lines at its end may be no part of it. */
  chunk(chunk: Chunk, from: number, hasBefore: boolean): Found {
    const old = oldLines(chunk.lines);
    for (const lines of [chunk.lines, withoutEmptyEnd(chunk.lines)]) {
      const wanted = oldLines(lines);
      if (wanted.length === 0) break;
      const start = this.#find(wanted, from, chunk.atEnd);
      if (start !== undefined) return { start, lines };
    }
    const before = hasBefore && this.#find(old, 0, chunk.atEnd) !== undefined
      ? "; they are there, but not behind what was matched before, and chunks go in the order of the file"
      : "";
    throw new PatchError(
      `Failed to find expected lines in ${this.#name}:\n${quoted(old.join("\n"))}\n` +
        this.#where(chunk, before),
    );
  }

  #where(chunk: Chunk, more: string = ""): string {
    return `(chunk on line ${chunk.line} of the patch${more})`;
  }

  /** The first place from one on, in the strictest view that has one. */
  #find(wanted: readonly string[], from: number, atEnd: boolean): number | undefined {
    const last = this.#lines.length - wanted.length;
    for (const [index, view] of VIEWS.entries()) {
      const lines = this.#views[index] ??= this.#lines.map(view);
      const needle = wanted.map(view);
      for (let start = atEnd ? Math.max(from, last) : from; start <= last; start++) {
        let same = 0;
        while (same < needle.length && lines[start + same] === needle[same]) same++;
        if (same === needle.length) return start;
        this.#count(same + 1);
      }
    }
    return undefined;
  }

  #count(comparisons: number): void {
    this.#comparisonsLeft -= comparisons;
    if (this.#comparisonsLeft < 0) {
      throw new PatchError(
        `The chunks for ${this.#name} take too long to find; send fewer at once`,
      );
    }
  }
}

function oldLines(lines: readonly ChunkLine[]): readonly string[] {
  return lines.filter((line) => !isAdded(line)).map(({ text }) => text);
}

/** A chunk's lines without the empty ones that only space out the patch, or else without one. */
function withoutEmptyEnd(lines: readonly ChunkLine[]): readonly ChunkLine[] {
  const end = lines.findLastIndex((line) => !line.bare) + 1;
  if (end < lines.length) return lines.slice(0, end);
  const last = lines.at(-1);
  return last === undefined || last.text !== "" || isAdded(last) ? [] : lines.slice(0, -1);
}
