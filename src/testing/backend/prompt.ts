/** What a request asks, in a few words. */
import { arrayAt, isObject, type JsonObject, stringAt } from "../../base/json.ts";

/** The last thing that the user said: what a turn's pattern is held against. */
export function lastUserText(request: JsonObject): string {
  const { input } = request;
  if (typeof input === "string") return input;
  const said = arrayAt(request, "input").filter((item) => stringAt(item, "role") === "user").at(-1);
  if (!isObject(said)) return "";
  if (typeof said["content"] === "string") return said["content"];
  return arrayAt(said, "content").flatMap((part) => stringAt(part, "text") ?? []).join("\n");
}
