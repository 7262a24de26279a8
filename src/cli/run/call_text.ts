/** A tool's call as a person reads it: what it does, out of the arguments that the tool is given. */
import { type ChunkLine, type Hunk, parsePatch } from "../../agent/tools/patch/parse.ts";
import { readShellArguments, type ShellArguments } from "../../agent/tools/shell_arguments.ts";
import { isObject } from "../../base/json.ts";
import { oneLine } from "./rows.ts";

/** The tool that runs commands. */
export const SHELL = "shell";
/** The tool that changes files. */
export const PATCH = "apply_patch";
const IMAGE = "view_image";

/** The arguments of a shell's call as the shell itself reads them; `undefined` of anything else. */
export function shellArguments(name: string, input: unknown): ShellArguments | undefined {
  if (name !== SHELL) return undefined;
  try {
    return readShellArguments(input);
  } catch {
    return undefined;
  }
}

/** What a call was given, as text: nothing is left out. */
export function inputText(input: unknown): string {
  return typeof input === "string" ? input : JSON.stringify(input) ?? "";
}

/** Whether the line of a call says all that is to be said of one that went well. */
export function hasOwnWords(name: string): boolean {
  return name === PATCH || name === IMAGE;
}

/** A call in one harmless line, such as `$ deno test` or `patch src/a.ts +3 -1`. */
export function callLine(name: string, input: unknown): string {
  const command = shellArguments(name, input)?.command;
  if (command !== undefined) return `$ ${oneLine(command)}`;
  if (name === PATCH) return `patch ${patchLine(patchText(input))}`.trimEnd();
  if (name === IMAGE && isObject(input) && typeof input["path"] === "string") {
    return `image ${oneLine(input["path"])}`;
  }
  // A model may call what is no tool: its name must not pass for the beginning of our own lines.
  const called = /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
  return oneLine(`${called} ${inputText(input)}`);
}

/** A patch comes as text, or as the one text among its arguments. */
function patchText(input: unknown): string {
  if (!isObject(input)) return inputText(input);
  const text = input["input"] ?? input["patch"];
  return typeof text === "string" ? text : inputText(input);
}

/** The files of a patch, each with how many lines come and go. One that cannot be read has none. */
function patchLine(text: string): string {
  try {
    return parsePatch(text).map(hunkText).join(", ");
  } catch {
    return "";
  }
}

function hunkText(hunk: Hunk): string {
  const path = oneLine(hunk.path);
  if (hunk.kind === "delete") return `${path} (deleted)`;
  if (hunk.kind === "add") return `${path} (new) +${hunk.text.split("\n").length - 1}`;
  const lines = hunk.chunks.flatMap((chunk) => chunk.lines);
  const count = (kind: ChunkLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  const moved = hunk.moveTo === undefined ? "" : ` → ${oneLine(hunk.moveTo)}`;
  return `${path}${moved} +${count("add")} -${count("remove")}`;
}
