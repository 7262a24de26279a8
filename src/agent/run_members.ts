/** The options of a run by name, each with what it has to be: the one list of them. */
import {
  allOptional,
  BOOLEAN,
  FUNCTION,
  type Kind,
  list,
  NUMBER,
  shape,
  SOMETHING,
  TEXT,
} from "../responses/members.ts";
import { STREAM_MEMBERS } from "../responses/stream_members.ts";
import type { RunOptions } from "./run_options.ts";

const TOOL_HINT = "Make it with tool()";
const TOOL = shape(
  { name: TEXT, declare: FUNCTION, prepare: FUNCTION },
  { what: "a tool", hint: TOOL_HINT },
);

const CONDITION = shape(
  { name: TEXT, isMet: FUNCTION },
  { what: "a condition", hint: "Give maxSteps(), hasToolCall(), tokens(), or { name, isMet }" },
);
const CONDITIONS = list(CONDITION);

const STOP: Kind = {
  ...CONDITION,
  what: "a condition, or a list of them",
  is: (value) => CONDITION.is(value) || CONDITIONS.is(value),
  look: (value, place) => (Array.isArray(value) ? CONDITIONS : CONDITION).look?.(value, place),
};

const SESSION = shape(
  { id: TEXT, messages: list(SOMETHING, "a list of messages") },
  { what: "a session", hint: "Give the `session` of a result, or what JSON.parse() makes of it" },
);

const { tools: _tools, sessionKey: _sessionKey, ...ofStream } = STREAM_MEMBERS;

/** The options of a run, all of which may be left out. */
export const RUN_MEMBERS: Readonly<Record<keyof RunOptions, Kind>> = {
  ...ofStream,
  ...allOptional({
    tools: list(TOOL, "a list of tools", TOOL_HINT),
    search: BOOLEAN,
    stopWhen: STOP,
    maxSteps: NUMBER,
    maxOutputTokens: NUMBER,
    approve: FUNCTION,
    beforeStep: FUNCTION,
    parallelTools: BOOLEAN,
    repair: NUMBER,
    session: SESSION,
  }),
};
