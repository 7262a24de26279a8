/** From a caller's input to the items of a request. Pure. */
import { CodexError } from "../base/errors.ts";
import { type JsonObject, stringAt } from "../base/json.ts";
import { detectImage, MAX_IMAGE_BYTES } from "./image.ts";
import { checkInput } from "./input_check.ts";
import { LongText } from "./long_text.ts";
import type {
  FilePart,
  ImagePart,
  Input,
  Message,
  Part,
  TextPart,
  ToolResultPart,
} from "./options.ts";

/** The items of an input. */
export interface InputItems {
  /** In order. */
  readonly items: readonly JsonObject[];
  /** Whether there is an image among them. */
  readonly hasImage: boolean;
}

/**
 * Makes the items of a request.
 *
 * @param input The prompt or the conversation.
 * @throws CodexError `invalid_usage` for an empty input, an image of another kind, or a message
 * that is none.
 */
export function inputItems(input: Input): InputItems {
  const messages: readonly Message[] = typeof input === "string"
    ? [{ role: "user", content: input }]
    : input;
  if (!Array.isArray(messages)) throw unusable("The input is neither text nor a list of messages");
  if (messages.length === 0 || (typeof input === "string" && input.trim() === "")) {
    throw unusable("The input is empty", "Give a prompt");
  }
  const customCalls = new Set<string>();
  const state: State = { customCalls, hasImage: false };
  const items = messages.flatMap((message) => messageItems(message, state));
  return { items, hasImage: state.hasImage };
}

/**
 * Whether an input names files, which have to be read before there are items.
 *
 * @throws CodexError `invalid_usage` for a member of another type: it is looked into here first.
 */
export function namesFiles(input: Input): boolean {
  if (!Array.isArray(input)) return false;
  checkInput(input);
  return input.some((message: Message | undefined) => {
    if (message?.role === "tool") {
      return message.content.some(({ output }) =>
        typeof output !== "string" && output.some(isNamed)
      );
    }
    return message?.role === "user" && Array.isArray(message.content) &&
      message.content.some(isNamed);
  });
}

/** Whether a part names a file. */
export function isNamed(part: Part): boolean {
  if (part.type === "file") return part.text instanceof URL;
  return part.type === "image" && isFile(part.image);
}

function isFile(image: ImagePart["image"]): boolean {
  if (image instanceof URL) return image.protocol === "file:";
  // Everything that is no URL is a path; C:\a.png is one, too.
  return typeof image === "string" && (/^file:/i.test(image) || !/^[a-z][a-z+.-]+:/i.test(image));
}

interface State {
  /** Calls of tools that take text: their results have another type. */
  readonly customCalls: Set<string>;
  hasImage: boolean;
}

function messageItems(message: Message, state: State): readonly JsonObject[] {
  switch (message?.role) {
    case "user":
      return [{ type: "message", role: "user", content: userContent(message.content, state) }];
    case "developer":
      return [textMessage("developer", "input_text", message.content)];
    case "assistant":
      return "items" in message
        ? replayed(message.items, state)
        : [textMessage("assistant", "output_text", message.content)];
    case "tool":
      return message.content.map((part) => toolResult(part, state));
    default:
      throw unusable(
        `A message cannot have the role "${stringAt(message, "role") ?? ""}"`,
        "Use user, developer, assistant or tool; what a system message says goes in `instructions`",
      );
  }
}

function textMessage(role: string, type: string, text: string): JsonObject {
  return { type: "message", role, content: [{ type, text: wellFormed(text) }] };
}

function replayed(items: readonly JsonObject[], { customCalls }: State): readonly JsonObject[] {
  for (const item of items) {
    const id = item["type"] === "custom_tool_call" ? stringAt(item, "call_id") : undefined;
    if (id !== undefined) customCalls.add(id);
  }
  return items;
}

function userContent(content: string | readonly Part[], state: State): readonly JsonObject[] {
  const parts: readonly Part[] = typeof content === "string"
    ? [{ type: "text", text: content }]
    : content;
  return parts.map((part) => contentPart(part, state));
}

function contentPart(part: Part, state: State): JsonObject {
  switch (part.type) {
    case "text":
      return part instanceof LongText ? { type: "input_text", text: part } : inputText(part.text);
    case "file":
      return inputText(fileBlock(part.name, fileText(part)));
    case "image":
      return inputImage(part, state);
    default:
      throw unusable(`The input has a part of the unknown type "${stringAt(part, "type") ?? ""}"`);
  }
}

function toolResult({ id, output }: ToolResultPart, state: State): JsonObject {
  return {
    type: state.customCalls.has(id) ? "custom_tool_call_output" : "function_call_output",
    call_id: id,
    output: typeof output === "string"
      ? wellFormed(output)
      : output.map((part: TextPart | ImagePart) => contentPart(part, state)),
  };
}

function inputText(text: string): JsonObject {
  return { type: "input_text", text: wellFormed(text) };
}

/** Half a surrogate pair is no text, and not every JSON reader takes its escape. */
function wellFormed(text: string): string {
  if (typeof text !== "string") throw unusable("A text of the input is no text");
  return text.toWellFormed();
}

function inputImage({ image: given, detail }: ImagePart, state: State): JsonObject {
  state.hasImage = true;
  const image = given instanceof URL ? given.href : given;
  // Of four characters of base64 come three bytes.
  const bytes = typeof image === "string"
    ? Math.floor((image.length - image.indexOf(",") - 1) * 3 / 4) - 2
    : image.length;
  if (bytes > MAX_IMAGE_BYTES) throw tooLarge();
  return {
    type: "input_image",
    image_url: typeof image === "string" ? checkedUrl(image) : dataUrl(image),
    ...(detail === undefined ? {} : { detail }),
  };
}

function tooLarge(): CodexError {
  return new CodexError("input_too_large", "An image of the input is larger than 20 MiB", {
    hint: "Send a smaller one: models look at no more than a few megapixels",
  });
}

/** The text of a file, decoded. */
export function fileText({ name, text }: FilePart): string {
  if (typeof text === "string") return text;
  try {
    if (text instanceof Uint8Array) return new TextDecoder("utf-8", { fatal: true }).decode(text);
  } catch {
    // Told below.
  }
  throw unusable(`The file "${attribute(name)}" of the input is no UTF-8`, "Send text alone");
}

function checkedUrl(url: string): string {
  if (/^https:\/\/[^\s/]/i.test(url)) return url;
  if (/^data:image\/(?:png|jpeg|webp|gif);base64,[A-Za-z0-9+/=]+$/.test(url)) return url;
  throw unusable(
    "An image of the input is neither at https: nor a data: URL of a PNG, JPEG, WebP or GIF in base64",
    "Give the image's bytes, or its path",
  );
}

/** An image as a `data:` URL. */
export function dataUrl(bytes: Uint8Array): string {
  const type = detectImage(bytes);
  if (type === undefined) {
    throw unusable(
      "An image of the input is no PNG, JPEG, WebP or GIF",
      "Convert the image to PNG, or send a text file as a file",
    );
  }
  return `data:${type};base64,${base64(bytes)}`;
}

/** In base64; the method is younger than some of the runtimes that this may be used in. */
function base64(bytes: Uint8Array): string {
  if ("toBase64" in bytes && typeof bytes.toBase64 === "function") return bytes.toBase64();
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(text);
}

/** A name that cannot end the attribute that it stands in. */
function attribute(name: string): string {
  return name.replace(/[\s"<>]+/g, " ").trim();
}

function unusable(
  message: string,
  hint = "See docs/library.md for what an input may be",
): CodexError {
  return new CodexError("invalid_usage", message, { hint });
}

/** A file between tags that do not occur in it, so that nothing in it can be taken for its end. */
function fileBlock(name: string, text: string): string {
  let tag = "file";
  for (let number = 1; text.includes(`</${tag}`); number++) tag = `file-${number}`;
  return `<${tag} name="${attribute(name)}">\n${text}\n</${tag}>`;
}
