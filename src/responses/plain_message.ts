/** A message as JSON, to be kept: images become `data:` URLs, a file's bytes its text. Pure. */
import { dataUrl, fileText } from "./input.ts";
import type { Message, Part, ToolResultPart } from "./options.ts";

/**
 * Makes a message of JSON alone. What it names, such as a file, has been read before.
 *
 * @param message The message.
 * @throws CodexError `invalid_usage` for an image of another kind, or a file that is no UTF-8.
 */
export function plainMessage<M extends Message>(message: M): M | Message {
  if (message.role === "tool") return { ...message, content: message.content.map(plainResult) };
  if (message.role !== "user" || typeof message.content === "string") return message;
  return { ...message, content: message.content.map(plainPart) };
}

function plainResult(result: ToolResultPart): ToolResultPart {
  const { output } = result;
  return typeof output === "string" ? result : { ...result, output: output.map(plainPart) };
}

function plainPart<P extends Part>(part: P): P {
  if (part.type === "file") return { ...part, text: fileText(part) };
  if (part.type !== "image" || typeof part.image === "string") return part;
  const { image } = part;
  return { ...part, image: image instanceof URL ? image.href : dataUrl(image) };
}
