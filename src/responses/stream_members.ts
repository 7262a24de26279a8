/** The options of a model call by name, each with what it has to be: the one list of them. */
import { isObject } from "../base/json.ts";
import {
  allOptional,
  BOOLEAN,
  check,
  closed,
  type Kind,
  list,
  OBJECT,
  optional,
  shape,
  SIGNAL,
  SOMETHING,
  TEXT,
  TIME,
  WAIT,
  word,
} from "./members.ts";
import type { RetryOptions, SchemaOutput, StreamOptions, TimeoutOptions } from "./options.ts";

/** The options of a model call, each with what it has to be. */
export type StreamMembers = Readonly<Record<keyof StreamOptions, Kind>>;

let made: StreamMembers | undefined;

/**
 * The options of a model call, all of which may be left out. The list is made at its first use: who
 * only imports this package does not wait for it.
 */
export function streamMembers(): StreamMembers {
  return made ??= make();
}

function make(): StreamMembers {
  const timeout: Readonly<Record<keyof TimeoutOptions, Kind>> = {
    connect: TIME,
    firstEvent: TIME,
    idle: TIME,
    total: TIME,
  };
  const retry: Readonly<Record<keyof RetryOptions, Kind>> = {
    attempts: COUNT,
    maxDelay: WAIT,
    onUsageLimit: word("fail", "wait"),
  };
  return allOptional({
    model: TEXT,
    instructions: TEXT,
    effort: TEXT,
    reasoningSummary: TEXT,
    verbosity: TEXT,
    serviceTier: TEXT,
    output: FORMAT,
    tools: list(toolSpec(), "a list of tools"),
    toolChoice: TOOL_CHOICE,
    sessionKey: TEXT,
    signal: SIGNAL,
    timeout: closed(allOptional(timeout)),
    retry: closed(allOptional(retry)),
    raw: BOOLEAN,
    maxEventBytes: SIZE,
  });
}

const COUNT: Kind = {
  what: "a whole number from 0",
  is: (value) => value === Infinity || (Number.isInteger(value) && Number(value) >= 0),
};

const SIZE: Kind = {
  what: "a number of more than 0",
  is: (value) => typeof value === "number" && value > 0,
};

const FORMAT: Kind = {
  what: '"text" or { schema }',
  is: (value) => value === "text" || isObject(value),
  look(value, place) {
    if (value === "text") return;
    const members: Readonly<Record<keyof SchemaOutput, Kind>> = {
      schema: SOMETHING,
      name: optional(TEXT),
      strict: optional(BOOLEAN),
    };
    check(value, closed(members), place);
  },
};

const TOOL_CHOICES: readonly unknown[] = ["auto", "none", "required"];

const TOOL_CHOICE: Kind = {
  what: '"auto", "none", "required" or { name }',
  is: (value) =>
    TOOL_CHOICES.includes(value) || (isObject(value) && typeof value["name"] === "string"),
};

/** What a tool is declared with, by its type. */
function toolSpec(): Kind {
  const specs: Readonly<Record<string, Kind>> = {
    function: closed({
      type: optional(TEXT),
      name: TEXT,
      description: optional(TEXT),
      parameters: OBJECT,
      strict: optional(BOOLEAN),
    }),
    custom: closed({
      type: TEXT,
      name: TEXT,
      description: optional(TEXT),
      grammar: optional(shape({ syntax: word("lark", "regex"), definition: TEXT })),
    }),
    "web-search": closed({ type: TEXT, live: optional(BOOLEAN) }),
  };
  const ofType = optional(word(...Object.keys(specs)));
  return {
    ...OBJECT,
    look(value, place) {
      const type = isObject(value) ? value["type"] : undefined;
      check(type, ofType, `${place}.type`);
      check(value, specs[typeof type === "string" ? type : "function"] ?? OBJECT, place);
    },
  };
}
