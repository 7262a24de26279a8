/** What a model call takes: input and options, all plain data but for the signal. */
import type { ReplayItem } from "./events.ts";
import type { OutputSchema } from "./output_schema.ts";

/** What the model is given: a prompt, or a conversation. */
export type Input = string | readonly Message[];

/** One turn of a conversation. */
export type Message =
  | UserMessage
  | DeveloperMessage
  | AssistantMessage
  | AnswerMessage
  | ToolMessage;

/** What the user says. */
export interface UserMessage {
  /** Who speaks. */
  readonly role: "user";
  /** Text, or parts. */
  readonly content: string | readonly Part[];
}

/** What the program says: weighs more than the user, less than the instructions. */
export interface DeveloperMessage {
  /** Who speaks. */
  readonly role: "developer";
  /** Text. */
  readonly content: string;
}

/** What the model said, where only its text is known. */
export interface AssistantMessage {
  /** Who spoke. */
  readonly role: "assistant";
  /** Text. */
  readonly content: string;
}

/** What the model said, as a `ModelResult` holds it: with its reasoning and its calls. */
export interface AnswerMessage {
  /** Who spoke. */
  readonly role: "assistant";
  /** The items of the result, unchanged. */
  readonly items: readonly ReplayItem[];
}

/** What tools gave back for the calls of the answer before. */
export interface ToolMessage {
  /** Who speaks. */
  readonly role: "tool";
  /** One result for each call. */
  readonly content: readonly ToolResultPart[];
}

/** A part of what the user says. */
export type Part = TextPart | ImagePart | FilePart;

/** Text. */
export interface TextPart {
  /** Its type. */
  readonly type: "text";
  /** The text. */
  readonly text: string;
}

/** An image: PNG, JPEG, WebP or GIF. */
export interface ImagePart {
  /** Its type. */
  readonly type: "image";
  /**
   * Its bytes; a `data:` URL with base64; an `https:` URL, which the service fetches (not
   * verified); or a `file:` URL or a path, which is read here, by Deno alone. At most 20 MiB.
   */
  readonly image: Uint8Array | string | URL;
  /** How closely the model shall look. */
  readonly detail?: "auto" | "low" | "high" | "original";
}

/** A text file, sent as text with its name. */
export interface FilePart {
  /** Its type. */
  readonly type: "file";
  /** What to call it. */
  readonly name: string;
  /** Its text; that in UTF-8; or a `file:` URL, which is read here, by Deno alone. */
  readonly text: string | Uint8Array | URL;
}

/** What a tool gave back. */
export interface ToolResultPart {
  /** Its type. */
  readonly type: "tool-result";
  /** The id of the call. */
  readonly id: string;
  /** What the model is told. */
  readonly output: string | readonly (TextPart | ImagePart)[];
}

/** A tool that the model may wish to have called. Nothing here calls it. */
export type ToolSpec = FunctionTool | CustomTool | WebSearchTool;

/** A tool that takes JSON. */
export interface FunctionTool {
  /** Its type; this one when absent. */
  readonly type?: "function";
  /** What the model calls it. */
  readonly name: string;
  /** What it does. */
  readonly description?: string;
  /** JSON Schema of its arguments. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whether the service holds the model to the schema; not by default. */
  readonly strict?: boolean;
}

/** A tool that takes text. */
export interface CustomTool {
  /** Its type. */
  readonly type: "custom";
  /** What the model calls it. */
  readonly name: string;
  /** What it does. */
  readonly description?: string;
  /** What the text must look like. */
  readonly grammar?: { readonly syntax: "lark" | "regex"; readonly definition: string };
}

/** The service's own web search. */
export interface WebSearchTool {
  /** Its type. */
  readonly type: "web-search";
  /** Whether it may go to the live web rather than to an index. */
  readonly live?: boolean;
}

/** What the answer shall look like: text, or JSON that matches a schema. */
export type OutputFormat<S extends OutputSchema = OutputSchema> = "text" | SchemaOutput<S>;

/** An answer that is JSON of a schema. */
export interface SchemaOutput<S extends OutputSchema = OutputSchema> {
  /**
   * JSON Schema, or a validator that tells it. Checked before the request against the subset that
   * the service takes: every property required, `additionalProperties: false`, and so on.
   */
  readonly schema: S;
  /** What to call it: letters, digits, `_` and `-`. */
  readonly name?: string;
  /** Whether the service holds the model to it; so by default. */
  readonly strict?: boolean;
}

/** How hard the model thinks. Each model takes some of these. */
export type Effort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max" | "ultra";

/** Options of {@linkcode stream} that a call can have of its own. Times are milliseconds. */
export interface StreamOptions<
  S extends OutputSchema = OutputSchema,
  T extends readonly ToolSpec[] = readonly ToolSpec[],
> {
  /** The model; by default the account's first by priority. */
  readonly model?: string | undefined;
  /** Replaces {@linkcode DEFAULT_INSTRUCTIONS}. */
  readonly instructions?: string | undefined;
  /** How hard to think; by default the model's own. */
  readonly effort?: Effort | undefined;
  /** Whether to tell a summary of the thinking; by default not. */
  readonly reasoningSummary?: "off" | "auto" | "concise" | "detailed" | undefined;
  /** How many words to make. */
  readonly verbosity?: "low" | "medium" | "high" | undefined;
  /** Faster, or cheaper. */
  readonly serviceTier?: "default" | "priority" | "flex" | undefined;
  /** What the answer shall look like. */
  readonly output?: OutputFormat<S> | undefined;
  /** Tools that the model may wish to have called. */
  readonly tools?: T | undefined;
  /** Whether it must, may or must not call one. */
  readonly toolChoice?: "auto" | "none" | "required" | { readonly name: string } | undefined;
  /** Keeps the requests of one conversation on one prompt cache; by default a new one each time. */
  readonly sessionKey?: string | undefined;
  /** Ends the call; everything then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Time limits. */
  readonly timeout?: TimeoutOptions | undefined;
  /** When to try again. */
  readonly retry?: RetryOptions | undefined;
  /** Also emit the events of the wire. */
  readonly raw?: boolean | undefined;
  /** The largest event, in characters; 64 Mi by default. A larger one ends as `stream_cut`. */
  readonly maxEventBytes?: number | undefined;
}

/** Time limits in milliseconds. All but `total` end as `network`. */
export interface TimeoutOptions {
  /**
   * To the headers of the answer, and again for the body of a refusal; 60 s by default, and longer
   * for a large input.
   */
  readonly connect?: number | undefined;
  /** From the headers to the first event; 300 s by default. */
  readonly firstEvent?: number | undefined;
  /** Between two events; 300 s by default. */
  readonly idle?: number | undefined;
  /** For everything, retries and waits included; none by default. Ends as `timeout`. */
  readonly total?: number | undefined;
}

/** When to try again. Only ever before the first output. */
export interface RetryOptions {
  /** How often, beside the first time; 4 by default. */
  readonly attempts?: number | undefined;
  /** How long all waits together may be, in milliseconds; 20 s by default. */
  readonly maxDelay?: number | undefined;
  /**
   * Whether to wait for a used-up allowance to reset: for as long as that takes, unless `maxDelay`
   * is given.
   */
  readonly onUsageLimit?: "fail" | "wait" | undefined;
}
