/** The options of a run by name, each with what it has to be: the one list of them. */
import {
  allOptional,
  BOOLEAN,
  FUNCTION,
  type Kind,
  list,
  NUMBER,
  optional,
  shape,
  SOMETHING,
  TEXT,
} from "../responses/members.ts";
import { streamMembers } from "../responses/stream_members.ts";
import { EFFECTS } from "./effects.ts";
import type { RunOptions, StepOptions } from "./run_options.ts";

/** The options of a run, each with what it has to be. */
export type RunMembers = Readonly<Record<keyof RunOptions, Kind>>;

/** The options of a step: those of a model call, but for what is the run's alone. */
export function stepMembers(): Readonly<Record<keyof StepOptions, Kind>> {
  const { output: _output, signal: _signal, tools: _tools, ...ofStep } = streamMembers();
  return ofStep;
}

let made: RunMembers | undefined;

/** The options of a run, all of which may be left out; the list is made at its first use. */
export function runMembers(): RunMembers {
  return made ??= make();
}

function make(): RunMembers {
  const { tools: _tools, sessionKey: _sessionKey, ...ofStream } = streamMembers();
  const hint = "Make it with tool()";
  const tool = shape(
    { name: TEXT, effects: optional(EFFECTS), declare: FUNCTION, prepare: FUNCTION },
    { what: "a tool", hint },
  );
  const session = shape(
    { id: TEXT, messages: list(SOMETHING, "a list of messages") },
    { what: "a session", hint: "Give the `session` of a result, or what JSON.parse() makes of it" },
  );
  return {
    ...ofStream,
    ...allOptional({
      tools: list(tool, "a list of tools", hint),
      search: BOOLEAN,
      stopWhen: conditions(),
      maxSteps: NUMBER,
      maxOutputTokens: NUMBER,
      approve: FUNCTION,
      beforeStep: FUNCTION,
      parallelTools: BOOLEAN,
      repair: NUMBER,
      session,
    }),
  };
}

function conditions(): Kind {
  const one = shape(
    { name: TEXT, isMet: FUNCTION },
    { what: "a condition", hint: "Give maxSteps(), hasToolCall(), tokens(), or { name, isMet }" },
  );
  const several = list(one);
  return {
    ...one,
    what: "a condition, or a list of them",
    is: (value) => one.is(value) || several.is(value),
    look: (value, place) => (Array.isArray(value) ? several : one).look?.(value, place),
  };
}
