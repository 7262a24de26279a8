/** Images and text files that go along with a prompt, checked before anything is sent. */
import { CodexError } from "../../base/errors.ts";
import { detectImage, MAX_IMAGE_BYTES } from "../../responses/image.ts";
import type { FilePart, ImagePart, Part } from "../../responses/options.ts";
import type { Input } from "../cli.ts";
import { readChunks, type StdinOptions } from "../stdin.ts";
import { Utf8Text } from "../utf8.ts";
import { joined, readFileBytes, tooLarge } from "./input_file.ts";

/** The largest text file that is sent, in bytes. */
const MAX_FILE_BYTES = 32 * 1024 * 1024;
/** What stdin is called where a file has its name. */
const STDIN_NAME = "stdin";

/**
 * Reads images and files.
 *
 * @param input Stdin, for `-`.
 * @param images Paths of images.
 * @param files Paths of text files.
 * @param stdin How to read stdin.
 * @returns The parts, in the order given.
 * @throws CodexError `invalid_usage` for what cannot be read, is no image or no UTF-8;
 * `input_too_large`.
 */
export async function readAttachments(
  input: Input,
  images: readonly string[],
  files: readonly string[],
  stdin: StdinOptions,
): Promise<readonly Part[]> {
  const wanted = [
    ...images.map((path) => ({ path, most: MAX_IMAGE_BYTES, made: imagePart })),
    ...files.map((path) => ({ path, most: MAX_FILE_BYTES, made: filePart })),
  ];
  const parts: (Part | undefined)[] = wanted.map(() => undefined);
  // Stdin last: what is wrong with a file shall not be told only when stdin has ended.
  for (const fromStdin of [false, true]) {
    for (const [index, { path, most, made }] of wanted.entries()) {
      if ((path === "-") !== fromStdin) continue;
      const bytes = fromStdin
        ? await readInput(input, most, stdin)
        : await readFileBytes(path, most, stdin.signal);
      parts[index] = made(path, bytes);
    }
  }
  return parts.filter((part) => part !== undefined);
}

function imagePart(path: string, bytes: Uint8Array): ImagePart {
  if (detectImage(bytes) !== undefined) return { type: "image", image: bytes };
  const what = bytes.length === 0 ? "is empty" : "is no PNG, JPEG, WebP or GIF";
  throw new CodexError("invalid_usage", `${named(path)} ${what}`, {
    hint: "Give a PNG, JPEG, WebP or GIF, or send a text file with --file",
  });
}

function filePart(path: string, bytes: Uint8Array): FilePart {
  const text = new Utf8Text(named(path));
  text.add(bytes);
  return { type: "file", name: path === "-" ? STDIN_NAME : path, text: text.end() };
}

async function readInput(input: Input, most: number, stdin: StdinOptions): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  await readChunks(input, stdin, (bytes) => {
    size += bytes.length;
    if (size > most) throw tooLarge(named("-"), most);
    pieces.push(bytes.slice());
  });
  return await joined(pieces);
}

function named(path: string): string {
  return path === "-" ? "Stdin" : `"${path}"`;
}
