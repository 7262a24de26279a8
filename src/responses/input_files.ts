/** Reads the files that an input names, before anything is sent. Loaded where one does. */
import { CodexError } from "../base/errors.ts";
import { MAX_IMAGE_BYTES } from "./image.ts";
import { isNamed } from "./input.ts";
import type { FilePart, ImagePart, Message, Part, TextPart, ToolResultPart } from "./options.ts";

/** The largest text file, in bytes. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024;

/**
 * Puts bytes in the place of every path.
 *
 * @param input The input.
 * @param signal Ends the reading.
 * @returns The same with the files' bytes, to be checked like all others.
 * @throws CodexError `invalid_usage` for a file that cannot be read, `input_too_large`.
 */
export async function loadFiles(
  input: readonly Message[],
  signal: AbortSignal,
): Promise<readonly Message[]> {
  return await Promise.all(input.map((message) => loadedMessage(message, signal)));
}

async function loadedMessage(message: Message, signal: AbortSignal): Promise<Message> {
  if (message.role === "tool") {
    return { ...message, content: await all(message.content, (one) => loadedResult(one, signal)) };
  }
  if (message.role !== "user" || typeof message.content === "string") return message;
  return { ...message, content: await all(message.content, (part) => loadedPart(part, signal)) };
}

async function loadedResult(result: ToolResultPart, signal: AbortSignal): Promise<ToolResultPart> {
  const { output } = result;
  if (typeof output === "string") return result;
  return { ...result, output: await all(output, (part) => loadedPart(part, signal)) };
}

async function all<A, B>(list: readonly A[], make: (one: A) => Promise<B>): Promise<readonly B[]> {
  return await Promise.all(list.map(make));
}

async function loadedPart<P extends Part>(part: P, signal: AbortSignal): Promise<P> {
  if (!isNamed(part)) return part;
  return { ...part, ...await contentOf(part, signal) };
}

async function contentOf(
  part: TextPart | ImagePart | FilePart,
  signal: AbortSignal,
): Promise<{ readonly image?: Uint8Array; readonly text?: Uint8Array }> {
  if (part.type === "image") return { image: await read(part.image, MAX_IMAGE_BYTES, signal) };
  return { text: await read(part.text, MAX_TEXT_BYTES, signal) };
}

async function read(
  named: string | URL | Uint8Array,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (named instanceof Uint8Array) return named;
  const path = typeof named === "string" && /^file:/i.test(named) ? new URL(named) : named;
  if (path instanceof URL && path.protocol !== "file:") throw elsewhere(path);
  const shown = path instanceof URL ? path.pathname : path;
  if (!("Deno" in globalThis)) {
    throw unreadable(shown, "files are read by Deno alone", "Give the file's bytes instead");
  }
  let info: Deno.FileInfo;
  try {
    info = await Deno.stat(path);
  } catch (cause) {
    throw unreadable(shown, reason(cause), "Check its path and its permissions", cause);
  }
  // A pipe or a device may have no end.
  if (!info.isFile) {
    throw unreadable(shown, "it is no regular file", "Give the file's bytes instead");
  }
  if (info.size > most) {
    throw new CodexError("input_too_large", `"${shown}" is larger than ${most / 2 ** 20} MiB`, {
      hint: "Send a smaller one",
    });
  }
  try {
    return await Deno.readFile(path, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw unreadable(shown, reason(cause), "Check its path and its permissions", cause);
  }
}

function reason(cause: unknown): string {
  const name = cause instanceof Error ? cause.name : "";
  if (name === "NotFound") return "it does not exist";
  return name === "NotCapable" ? "Deno does not permit it" : "it cannot be opened";
}

function unreadable(path: string, why: string, hint: string, cause?: unknown): CodexError {
  return new CodexError("invalid_usage", `Cannot read "${path}" of the input: ${why}`, {
    hint,
    cause,
  });
}

/** The rest of the address stays out of the message: it may hold a password. */
function elsewhere({ protocol }: URL): CodexError {
  return new CodexError(
    "invalid_usage",
    `A file of the input is at ${protocol}, and only a file: URL is read`,
    { hint: "Fetch it, and give its text or its bytes" },
  );
}
