/** The arguments of the shell tool: their declaration, and reading what a model made of them. Pure. */
import { isObject } from "../../base/json.ts";
import { shellWord } from "../../base/shell_word.ts";

/** How long a command may take where the call does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 120_000;
/** How long a command may take at most, in milliseconds. */
export const MAX_TIMEOUT_MS = 1_800_000;
/** The longest command line, in bytes: the system takes 128 KiB as one argument, a sandbox's part included. */
const MAX_COMMAND_BYTES = 120_000;

/** What a call of the shell asks for. */
export interface ShellArguments {
  /** One line for the shell. */
  readonly command: string;
  /** Where, as the model wrote it. */
  readonly workdir: string | undefined;
  /** How long it may take, where the model says. */
  readonly timeoutMs: number | undefined;
  /** Whether it asks to leave the sandbox. */
  readonly escalated: boolean;
  /** Why, in the model's words. */
  readonly justification: string | undefined;
}

/**
 * JSON Schema of the arguments.
 *
 * @param mayAsk Whether there is somebody who can let a command leave the sandbox.
 */
export function shellParameters(mayAsk: boolean): Record<string, unknown> {
  const string = (description: string) => ({ type: "string", description });
  return {
    type: "object",
    properties: {
      command: string("One line for the shell."),
      workdir: string("Where to run it; the working directory by default."),
      timeout_ms: {
        type: "integer",
        description: `Ended after this long; ${DEFAULT_TIMEOUT_MS} by default, at most ` +
          `${MAX_TIMEOUT_MS}.`,
      },
      ...(mayAsk
        ? {
          sandbox_permissions: {
            type: "string",
            enum: ["use_default", "require_escalated"],
            description: "require_escalated asks the user to let it run outside of the sandbox.",
          },
          justification: string("For require_escalated: why, in one sentence to the user."),
        }
        : {}),
    },
    required: ["command"],
    additionalProperties: false,
  };
}

/**
 * Reads the arguments of a call. Members that are not declared are passed over: models know shell
 * tools with more of them, and what they mean there is not needed here.
 *
 * @param input The arguments as a value, or the text that was no JSON.
 * @throws Error that tells the model what is wrong with them.
 */
export function readShellArguments(input: unknown): ShellArguments {
  if (typeof input === "string") throw wrong("they are not valid JSON");
  if (!isObject(input)) throw wrong("they are no object");
  const permissions = optionalString(input, "sandbox_permissions") ?? "use_default";
  if (permissions !== "use_default" && permissions !== "require_escalated") {
    throw wrong("`sandbox_permissions` is neither `use_default` nor `require_escalated`");
  }
  return {
    command: commandLine(input["command"] ?? input["cmd"]),
    workdir: optionalString(input, "workdir") || undefined,
    timeoutMs: timeout(input["timeout_ms"]),
    escalated: permissions === "require_escalated",
    justification: optionalString(input, "justification") || undefined,
  };
}

function commandLine(value: unknown): string {
  if (value === undefined || value === null) throw wrong("`command` is missing");
  const line = Array.isArray(value) ? lineOfWords(value) : value;
  if (typeof line !== "string") throw wrong("`command` is no string");
  if (line.trim() === "") throw wrong("`command` is empty");
  if (line.includes("\0")) throw wrong("`command` holds a NUL character");
  const bytes = new TextEncoder().encode(line).length;
  if (bytes > MAX_COMMAND_BYTES) {
    throw wrong(
      `\`command\` has ${bytes} bytes, and a command line at most ${MAX_COMMAND_BYTES}; ` +
        "write long content with a patch",
    );
  }
  return line;
}

/** A program and its arguments as one line; a shell that is given a line, as that line. */
function lineOfWords(words: readonly unknown[]): string {
  const texts = words.filter((word) => typeof word === "string");
  if (texts.length !== words.length || texts.length === 0) {
    throw wrong("`command` is a list, but not of strings");
  }
  const [program = "", option = "", line] = texts;
  const isShell = /^(?:\/(?:usr\/)?bin\/)?(?:ba)?sh$/.test(program) && /^-l?c$/.test(option);
  return isShell && line !== undefined && texts.length === 3
    ? line
    : texts.map(shellWord).join(" ");
}

function timeout(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !(value >= 1)) throw wrong("`timeout_ms` is no number above 0");
  if (value > MAX_TIMEOUT_MS) throw wrong(`\`timeout_ms\` is above ${MAX_TIMEOUT_MS}`);
  return Math.round(value);
}

function optionalString(input: Record<string, unknown>, key: string): string | undefined {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrong(`\`${key}\` is no string`);
  return value;
}

function wrong(what: string): Error {
  return new Error(`failed to parse function arguments: ${what}`);
}
