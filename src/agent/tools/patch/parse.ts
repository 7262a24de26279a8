/**
 * Reads a patch: text in, hunks out. Nothing is looked up.
 *
 * The format is the one that the service's models were trained on. It has no line numbers; a chunk
 * is found by its own context. Each rule here was tried with the official tool, and where that one
 * is stricter than a reader needs (blank lines between two files) this one is not.
 */
import { PatchError, quoted } from "./patch_error.ts";

/** What happens to one file. */
export type Hunk = AddHunk | DeleteHunk | UpdateHunk;

/** A file is written whole. */
export interface AddHunk {
  /** What happens. */
  readonly kind: "add";
  /** Where in the patch it begins, from 1. */
  readonly line: number;
  /** The file, as the patch names it. */
  readonly path: string;
  /** The whole text; every line of it ends. */
  readonly text: string;
}

/** A file is removed. */
export interface DeleteHunk {
  /** What happens. */
  readonly kind: "delete";
  /** Where in the patch it begins, from 1. */
  readonly line: number;
  /** The file, as the patch names it. */
  readonly path: string;
}

/** Some lines of a file are replaced, and the file is perhaps moved. */
export interface UpdateHunk {
  /** What happens. */
  readonly kind: "update";
  /** Where in the patch it begins, from 1. */
  readonly line: number;
  /** The file, as the patch names it. */
  readonly path: string;
  /** Where it goes, as the patch names it. */
  readonly moveTo: string | undefined;
  /** What is replaced, in the order of the file; at least one. */
  readonly chunks: readonly Chunk[];
}

/** A few lines that stand together in a file, and what becomes of them. */
export interface Chunk {
  /** Where in the patch it begins, from 1. */
  readonly line: number;
  /** A line of the file behind which to look. */
  readonly header: string | undefined;
  /** Its lines; at least one. */
  readonly lines: readonly ChunkLine[];
  /** Whether its lines are the last ones of the file. */
  readonly atEnd: boolean;
}

/** A line of a chunk. */
export interface ChunkLine {
  /** Whether it stays, goes or comes. */
  readonly kind: "context" | "remove" | "add";
  /** The line, without its end. */
  readonly text: string;
  /** Whether it had no mark in front: it is empty, and perhaps only spaces out the patch. */
  readonly bare: boolean;
}

const BEGIN = "*** Begin Patch";
const END = "*** End Patch";
const ENVIRONMENT = "*** Environment ID:";
const ADD = "*** Add File:";
const DELETE = "*** Delete File:";
const UPDATE = "*** Update File:";
const MOVE = "*** Move to:";
const END_OF_FILE = "*** End of File";

/** The longest patch, in characters: a model writes a thousandth of it. */
const MOST = 16 * 1024 * 1024;

/** What a shell would be given; models send it where no shell is. */
const HEREDOC = /^(?:apply_patch\s+)?<<-?\s*(["']?)(\w+)\1$/;

/**
 * Reads a patch.
 *
 * @param text What the model sent.
 * @returns What happens to which file, in order; perhaps nothing.
 * @throws PatchError "Invalid patch: …" or "Invalid patch hunk on line N: …", N counted in `text`.
 */
export function parsePatch(text: string): readonly Hunk[] {
  if (text.length > MOST) throw new PatchError("Invalid patch: it is longer than 16 MiB");
  // Half a character would become another one when it is written.
  if (!text.isWellFormed()) throw new PatchError("Invalid patch: it is not well-formed Unicode");
  const lines = new Lines(text.split(/\r?\n/));
  lines.trim();
  const delimiter = HEREDOC.exec(lines.first)?.[2];
  if (delimiter !== undefined && lines.last === delimiter) {
    lines.unwrap();
    lines.trim();
  }
  if (lines.first !== BEGIN) {
    throw new PatchError(`Invalid patch: the first line must be '${BEGIN}'`);
  }
  if (lines.last !== END) throw new PatchError(`Invalid patch: the last line must be '${END}'`);
  lines.unwrap();
  if (lines.first.startsWith(ENVIRONMENT)) lines.next();
  const hunks: Hunk[] = [];
  while (lines.skipBlank()) hunks.push(readHunk(lines));
  return hunks;
}

/** Lines of the patch, from one that comes next to the last one that belongs to it. */
class Lines {
  readonly #lines: readonly string[];
  #at = 0;
  #end: number;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#end = lines.length;
  }

  /** The number of the line that comes next, from 1. */
  get number(): number {
    return this.#at + 1;
  }

  /** The line that comes next; `undefined` at the end. */
  get peek(): string | undefined {
    return this.#at < this.#end ? this.#lines[this.#at] : undefined;
  }

  /** The first line that is left, without the blanks around it. */
  get first(): string {
    return (this.peek ?? "").trim();
  }

  /** The last line that is left, without the blanks around it. */
  get last(): string {
    return this.#at < this.#end ? (this.#lines[this.#end - 1] ?? "").trim() : "";
  }

  /** Takes the line that comes next. */
  next(): string {
    return this.#lines[this.#at++] ?? "";
  }

  /** Leaves out the first line and the last one. */
  unwrap(): void {
    this.#at++;
    this.#end--;
  }

  /** Leaves out blank lines at both ends. */
  trim(): void {
    while (this.#at < this.#end && this.first === "") this.#at++;
    while (this.#at < this.#end && this.last === "") this.#end--;
  }

  /** Goes on to the next line that is not blank; whether there is one. */
  skipBlank(): boolean {
    while (this.peek?.trim() === "") this.#at++;
    return this.peek !== undefined;
  }
}

function readHunk(lines: Lines): Hunk {
  const line = lines.number;
  const header = lines.next().trim();
  if (header.startsWith(ADD)) {
    return { kind: "add", line, path: pathIn(header, ADD, line), text: readAdded(lines) };
  }
  if (header.startsWith(DELETE)) {
    return { kind: "delete", line, path: pathIn(header, DELETE, line) };
  }
  if (header.startsWith(UPDATE)) return readUpdate(lines, pathIn(header, UPDATE, line), line);
  throw invalid(
    line,
    `'${quoted(header)}' is no file's header; those are '${ADD} PATH', '${DELETE} PATH' and ` +
      `'${UPDATE} PATH', and every line of an added file begins with '+'`,
  );
}

function pathIn(header: string, marker: string, line: number): string {
  const path = header.slice(marker.length).trim();
  if (path === "") throw invalid(line, `'${marker}' names no file`);
  return path;
}

function readAdded(lines: Lines): string {
  const added: string[] = [];
  while (lines.peek?.startsWith("+")) added.push(`${lines.next().slice(1)}\n`);
  return added.join("");
}

function readUpdate(lines: Lines, path: string, line: number): UpdateHunk {
  const moveTo = lines.first.startsWith(MOVE)
    ? pathIn(lines.next().trim(), MOVE, lines.number - 1)
    : undefined;
  const chunks: Chunk[] = [];
  while (lines.skipBlank() && !lines.peek?.startsWith("***")) {
    chunks.push(readChunk(lines, chunks.length === 0));
  }
  if (chunks.length === 0) {
    throw invalid(line, `the update of '${path}' has no chunk, and so changes nothing`);
  }
  return { kind: "update", line, path, moveTo, chunks };
}

function readChunk(lines: Lines, isFirst: boolean): Chunk {
  const line = lines.number;
  const header = readChunkHeader(lines, isFirst);
  const read: ChunkLine[] = [];
  for (let next = lines.peek; next !== undefined; next = lines.peek) {
    if (read.length > 0 && next.trimEnd() === END_OF_FILE) {
      lines.next();
      return { line, header, lines: read, atEnd: true };
    }
    const chunkLine = readChunkLine(next);
    if (chunkLine === undefined) break;
    lines.next();
    read.push(chunkLine);
  }
  if (read.length > 0) return { line, header, lines: read, atEnd: false };
  const next = lines.peek;
  if (next === undefined || next.startsWith("***")) throw invalid(line, "the chunk has no lines");
  throw invalid(
    lines.number,
    `'${
      quoted(next)
    }' is no line of a chunk; each begins with ' ' (stays), '-' (goes) or '+' (comes)`,
  );
}

/** The header's text, where there is one. */
function readChunkHeader(lines: Lines, isFirst: boolean): string | undefined {
  const first = lines.peek ?? "";
  if (first.trimEnd() === "@@") {
    lines.next();
    return undefined;
  }
  if (first.startsWith("@@ ")) return lines.next().slice(3).trimEnd();
  if (isFirst) return undefined;
  throw invalid(lines.number, `a chunk begins with '@@', not with '${quoted(first)}'`);
}

function readChunkLine(line: string): ChunkLine | undefined {
  const text = line.slice(1);
  if (line === "") return { kind: "context", text: "", bare: true };
  if (line.startsWith(" ")) return { kind: "context", text, bare: false };
  if (line.startsWith("-")) return { kind: "remove", text, bare: false };
  if (line.startsWith("+")) return { kind: "add", text, bare: false };
  return undefined;
}

function invalid(line: number, reason: string): PatchError {
  return new PatchError(`Invalid patch hunk on line ${line}: ${reason}`);
}
