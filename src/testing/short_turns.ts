/**
 * Turns as a scenario file writes them in short: the name of the function that makes such a turn,
 * with what it takes first, and its options beside it: `{ "reply": "Hello!", "when": "greet" }`.
 */
import { isObject } from "../base/json.ts";
import { anyObject, anything, base64, bodyFits, onOff, status, text } from "./basic_shapes.ts";
import type { Json } from "./json.ts";
import { conforms, either, list, may, must, named, object, type Shape } from "./shape.ts";
import { TROUBLE_FORMS } from "./short_troubles.ts";
import {
  combine,
  completedOnly,
  customToolCall,
  oneBigDelta,
  outputItem,
  raw,
  reasoning,
  refuse,
  reply,
  type ReplyOptions,
  toolCall,
  type TurnOptions,
} from "./turn_builders.ts";
import { type TurnForm, turnForm } from "./turn_form.ts";
import { STREAM_OPTIONS as OPTIONS, TEXT_OPTIONS, turn, TURN_BASE } from "./turn_shapes.ts";
import type { RawTurn, Turn } from "./turns.ts";

/** A turn in a file, checked and not yet made. */
export type FileTurn = { readonly [member: string]: Json };

/** Every form by the member that tells it. */
const FORMS: ReadonlyMap<string, TurnForm> = new Map([
  turnForm<"reply", string, ReplyOptions>(
    "reply",
    text,
    "The model says something",
    { ...TEXT_OPTIONS, ...OPTIONS },
    reply,
  ),
  turnForm<"toolCall", Call<Json>, TurnOptions>(
    "toolCall",
    call(anything, "Its arguments; a text is sent as it is, broken JSON included"),
    "The model calls a function tool",
    OPTIONS,
    ({ name, input, ...id }, options) => toolCall(name, input, { ...id, ...options }),
  ),
  turnForm<"customToolCall", Call<string>, TurnOptions>(
    "customToolCall",
    call(text, "The text"),
    "The model calls a tool that takes free text",
    OPTIONS,
    ({ name, input, ...id }, options) => customToolCall(name, input, { ...id, ...options }),
  ),
  turnForm<"reasoning", string | readonly string[], TurnOptions>(
    "reasoning",
    either(text, list(text)),
    "The model sums up what it thought",
    OPTIONS,
    reasoning,
  ),
  turnForm<"refuse", string, TurnOptions>("refuse", text, "The model declines", OPTIONS, refuse),
  turnForm<"outputItem", { readonly [key: string]: Json }, TurnOptions>(
    "outputItem",
    anyObject,
    "Any other item, in the service's own shape",
    OPTIONS,
    outputItem,
  ),
  turnForm<"combine", readonly FileTurn[], TurnOptions>(
    "combine",
    answers(),
    "One response that holds what several turns hold",
    OPTIONS,
    (turns, options) => ({
      ...combine(...turns.map(turnOf).filter((one) => one.type === "answer")),
      ...options,
    }),
  ),
  turnForm<"oneBigDelta", string, TurnOptions>(
    "oneBigDelta",
    text,
    "The whole text comes in one delta",
    OPTIONS,
    oneBigDelta,
  ),
  turnForm<"completedOnly", string, TurnOptions>(
    "completedOnly",
    text,
    "The text stands in the last event alone",
    OPTIONS,
    completedOnly,
  ),
  turnForm<"raw", string | { readonly base64: string }, Omit<RawTurn, "type" | "text" | "base64">>(
    "raw",
    either(text, object<{ readonly base64: string }>({ base64: must(base64, "The bytes") })),
    "A body as it is",
    {
      status: may(status, "The status, 200 by default"),
      contentType: may(text, "The content type, text/event-stream by default"),
      reset: may(onOff, "Ends the body with a broken connection"),
      ...TURN_BASE,
    },
    (body, options) =>
      typeof body === "string" ? raw(body, options) : { type: "raw", ...body, ...options },
    bodyFits("status", "raw"),
  ),
  ...TROUBLE_FORMS,
]);

/** The forms of turns that stream no answer. */
const NO_ANSWERS: ReadonlySet<string> = new Set([
  "raw",
  "usageLimit",
  "rateLimited",
  "unauthorized",
  "httpError",
  "garbage",
  "disconnected",
]);

/** A turn in a file, in full (with a `type`) or in short. */
export const fileTurn: Shape<FileTurn> = named("Turn", () => ({
  name: "a turn",
  check(value, path, problems) {
    const found = isObject(value) ? formOf(value) : undefined;
    if (found !== undefined) found.shape.check(value, path, problems);
    else if (isObject(value) && "type" in value) turn.check(value, path, problems);
    else {
      const names = [...FORMS.keys()].join(", ");
      problems.push({ path, message: `must be a turn: an object with one of ${names}, or type` });
    }
  },
  schema: (definitions) => ({
    anyOf: [
      ...[...FORMS.values()].map(({ shape }) => shape.schema(definitions)),
      turn.schema(definitions),
    ],
  }),
}));

/**
 * Makes the turn that stands in a file.
 *
 * @throws TypeError for one that was not checked.
 */
export function turnOf(value: FileTurn): Turn {
  const made = formOf(value)?.make(value) ?? (conforms(turn, value) ? value : undefined);
  if (made === undefined) throw new TypeError("This is no turn");
  return made;
}

function formOf(value: object): TurnForm | undefined {
  return FORMS.get(formName(value) ?? "");
}

function formName(value: object): string | undefined {
  // In full, a raw turn may have a text, and so may others in short: the type decides.
  if (Object.hasOwn(value, "type")) return undefined;
  return Object.keys(value).find((member) => FORMS.has(member));
}

/** Told by its name: to make it would be to check all that it holds once more at every level. */
function isAnswer(value: FileTurn): boolean {
  const name = formName(value);
  return name === undefined ? value["type"] === "answer" : !NO_ANSWERS.has(name);
}

/** Turns that can be put together: those that stream an answer. */
function answers(): Shape<readonly FileTurn[]> {
  return {
    ...list(anyObject),
    check(value, path, problems) {
      const before = problems.length;
      list(fileTurn).check(value, path, problems);
      if (problems.length > before || !Array.isArray(value)) return;
      value.forEach((one, index) => {
        if (isAnswer(one)) return;
        problems.push({ path: `${path}/${index}`, message: "must be an answer to be combined" });
      });
    },
    schema: (definitions) => ({ type: "array", items: fileTurn.schema(definitions) }),
  };
}

function call<T>(input: Shape<T>, says: string): Shape<Call<T>> {
  return object<Call<T>>({
    name: must(text, "The tool"),
    input: must(input, says),
    callId: may(text, "The call's id; made up by default"),
  });
}

/** A call of a tool. */
interface Call<T> {
  readonly name: string;
  readonly input: T;
  readonly callId?: string;
}
