/** From what a tool gives to what the model is told of it, and to what the events tell. */
import { isObject, isPlainObject } from "../base/json.ts";
import { dataUrl, inputItems, isNamed } from "../responses/input.ts";
import type { ToolOutputPart } from "./tool.ts";

/** What a tool gave. */
export interface ToolOutput {
  /** For the model. */
  readonly told: string | readonly ToolOutputPart[];
  /** For the events: plain data, of an image its size alone. */
  readonly plain: unknown;
}

/** What the model is told where a tool gives nothing: an empty result looks like a lost one. */
const NOTHING = "(no output)";
/** How closely an image may be looked at. */
const DETAILS: readonly unknown[] = ["auto", "low", "high", "original"];

/**
 * Reads what a tool gave.
 *
 * @param value Text, a list of text and image parts, nothing, or any value of JSON.
 * @throws Error when it is none of these.
 */
export function toolOutput(value: unknown): ToolOutput {
  if (typeof value === "string") return { told: value === "" ? NOTHING : value, plain: value };
  if (isPartList(value)) return { told: value.map(toldPart), plain: value.map(plainPart) };
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new Error("The tool gave something that is no JSON", { cause });
  }
  const kind = lostKind(value, text);
  if (kind !== undefined) {
    throw new Error(`The tool gave a value of the kind ${kind}, which is neither text nor data`);
  }
  return text === undefined
    ? { told: NOTHING, plain: null }
    : { told: text, plain: JSON.parse(text) };
}

/** What a value is of which JSON keeps nothing, such as a Map or a Response: it looks like no result. */
function lostKind(value: unknown, text: string | undefined): string | undefined {
  if (typeof value === "function" || typeof value === "symbol") return typeof value;
  if (typeof value !== "object" || value === null) return undefined;
  // Of bytes, JSON makes an object with a member for each.
  if ((text !== "{}" || isPlainObject(value)) && !ArrayBuffer.isView(value)) return undefined;
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/**
 * A part as it is sent: with an image as a URL. A path is refused: what a tool gives may be data of
 * others, and must not make this process read files.
 *
 * @throws Error that tells the model what is wrong with an image.
 */
function toldPart(part: ToolOutputPart): ToolOutputPart {
  if (part.type === "text") return { type: "text", text: part.text };
  const { image, detail } = part;
  try {
    if (isNamed(part)) throw new Error("a path is not read here");
    const url = image instanceof Uint8Array ? dataUrl(image) : String(image);
    // Nothing but what is known: others' parts have more, which an input is refused for.
    const told = {
      type: "image",
      image: url,
      ...(detail === undefined ? {} : { detail }),
    } as const;
    inputItems([{ role: "tool", content: [{ type: "tool-result", id: "", output: [told] }] }]);
    return told;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The tool gave an image that cannot be shown: ${why}`, { cause });
  }
}

function isPartList(value: unknown): value is readonly ToolOutputPart[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPart);
}

function isPart(value: unknown): value is ToolOutputPart {
  if (!isObject(value)) return false;
  const { type, text, image, detail } = value;
  if (type === "text") return typeof text === "string";
  return type === "image" && (detail === undefined || DETAILS.includes(detail)) &&
    (typeof image === "string" || image instanceof Uint8Array || image instanceof URL);
}

function plainPart(part: ToolOutputPart): unknown {
  if (part.type === "text") return { type: "text", text: part.text };
  const { image } = part;
  return { type: "image", size: (image instanceof URL ? image.href : image).length };
}
