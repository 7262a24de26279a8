/** From what a tool gives to what the model is told of it, and to what the events tell. */
import { isObject } from "../base/json.ts";
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

/**
 * Reads what a tool gave.
 *
 * @param value Text, a list of text and image parts, nothing, or any value of JSON.
 * @throws Error when it is none of these.
 */
export function toolOutput(value: unknown): ToolOutput {
  if (typeof value === "string") return { told: value === "" ? NOTHING : value, plain: value };
  if (isPartList(value)) return { told: value, plain: value.map(plainPart) };
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new Error("The tool gave something that is no JSON", { cause });
  }
  return text === undefined
    ? { told: NOTHING, plain: null }
    : { told: text, plain: JSON.parse(text) };
}

function isPartList(value: unknown): value is readonly ToolOutputPart[] {
  return Array.isArray(value) && value.length > 0 && value.every(isPart);
}

function isPart(value: unknown): value is ToolOutputPart {
  if (!isObject(value)) return false;
  const { type, text, image } = value;
  if (type === "text") return typeof text === "string";
  return type === "image" &&
    (typeof image === "string" || image instanceof Uint8Array || image instanceof URL);
}

function plainPart(part: ToolOutputPart): unknown {
  if (part.type === "text") return part;
  const { image } = part;
  return { type: "image", size: (image instanceof URL ? image.href : image).length };
}
