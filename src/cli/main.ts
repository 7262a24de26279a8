/** From arguments to an exit status. */
import { ExitCode, run } from "@stricli/core";
import { CodexError, isCodexError } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { application, takesValueIn } from "./app.ts";
import {
  colorIn,
  commandFirst,
  hasNoCommand,
  optionWithoutValue,
  profileIn,
  wantsJson,
  wantsVersion,
} from "./arguments.ts";
import type { Cli } from "./cli.ts";
import { wantsColor } from "./color.ts";
import { ExitWith } from "./exit_with.ts";
import { ClosedPipe } from "./output.ts";
import { withProxyHint } from "./proxy.ts";
import { report } from "./report.ts";
import { RunFailure } from "./run_failure.ts";
import { mistakenOption, setApart, type TakesValue } from "./typed_options.ts";

/** The status of a command whose reader has gone, as a shell counts SIGPIPE. */
const CLOSED_PIPE_STATUS = 141;

/**
 * Runs one command.
 *
 * @param args The arguments, without the program.
 * @param cli The world.
 * @returns The exit status.
 */
export async function main(args: readonly string[], cli: Cli): Promise<number> {
  const { stderr, env } = cli;
  const choice = colorIn(args);
  stderr.colored = wantsColor({ choice, isTerminal: stderr.isTerminal, env });
  let failure: { readonly error: unknown } | undefined;
  const usage: string[] = [];
  const help: string[] = [];
  const process = {
    stdout: { write: (text: string) => void help.push(text) },
    stderr: { write: (text: string) => void usage.push(text) },
    // Left to the library to set: it respects a status that is there already.
    exitCode: null as number | string | null,
  };
  const empty = optionWithoutValue(args);
  if (wantsVersion(args)) help.push(`codex ${VERSION}\n`);
  else if (empty !== undefined) failure = { error: usageError(`${empty} has no value`, args) };
  else if (hasNoCommand(args)) {
    failure = { error: usageError("A command has to stand before --", args) };
  } else {
    const typed = commandFirst(args);
    const [named = ""] = typed;
    const takesValue = takesValueIn(named);
    const inputs = setApart(typed, takesValue);
    // No other command takes an argument that could be anything.
    const mistaken = named === "run" ? mistakenOption(inputs, takesValue) : undefined;
    if (mistaken !== undefined) failure = { error: notAnOption(mistaken, takesValue, args) };
    else {
      await run(application(named), inputs, {
        process,
        cli,
        fail: (error) => failure = { error },
      });
    }
  }
  try {
    if (help.length > 0) await cli.stdout.write(help.join(""));
  } catch (error) {
    failure ??= { error };
  }
  if (failure === undefined && Number(process.exitCode) !== 0) {
    const { InvalidArgument, UnknownCommand } = ExitCode;
    const mistake = process.exitCode === InvalidArgument || process.exitCode === UnknownCommand;
    const { inOurWords } = await import("./parser_text.ts");
    const text = usage.map((line) => inOurWords(line.trim())).join("; ");
    failure = { error: mistake ? usageError(text, args) : new Error("no command was run") };
  }
  return failure === undefined ? 0 : await tell(failure.error, args, cli);
}

/** What the command line library says about a mistake becomes an error of ours. */
function usageError(text: string, args: readonly string[]): CodexError {
  const message = text.replaceAll("\n", " ");
  const command = commandFirst(args)[0] ?? "";
  const known = /^[a-z]+$/.test(command) && !message.startsWith(`"${command}" is not a command`);
  return new CodexError("invalid_usage", message || "The command line is not understood", {
    hint: `See: codex ${known ? `${command} ` : ""}--help`,
  });
}

function notAnOption(typed: string, takesValue: TakesValue, args: readonly string[]): CodexError {
  const longer = `-${typed.replace(/=.*/s, "")}`;
  const advice = takesValue(longer) === undefined
    ? "; a prompt that begins like one stands behind --"
    : `, did you mean ${longer}?`;
  return usageError(`${typed} is not an option${advice}`, args);
}

async function tell(thrown: unknown, args: readonly string[], cli: Cli): Promise<number> {
  const { error, facts } = thrown instanceof RunFailure ? thrown : { error: thrown };
  if (error instanceof ClosedPipe) return CLOSED_PIPE_STATUS;
  if (error instanceof ExitWith) return error.status;
  // What else is thrown after a signal, such as a closed file, is a consequence of it.
  const cause = cli.signal.aborted && !isCodexError(error)
    ? cli.signal.reason
    : withProxyHint(error, cli.env);
  const told = report(cause, cli.clock.now(), profileIn(args, cli.env));
  const interrupted = cli.signal.aborted && isCodexError(cause, "aborted");
  const exit = interrupted ? interruptedStatus(cli.signal.reason) : told.exit;
  if (wantsJson(args)) {
    // The facts have the text so far under its own name.
    const { partial, ...record } = told.record;
    const rest = facts ?? (partial === undefined ? {} : { partial });
    try {
      const { jsonLine } = await import("../responses/json_lines.ts");
      await cli.stdout.write(jsonLine({ type: "error", ...record, ...rest }));
      return exit;
    } catch (broken) {
      if (broken instanceof ClosedPipe) return CLOSED_PIPE_STATUS;
      // The failure may be stdout itself: then a person is told.
    }
  }
  for (const line of told.lines) cli.stderr.line(line);
  return exit;
}

function interruptedStatus(reason: unknown): number {
  return reason instanceof Interrupted ? reason.exit : 130;
}

/** The abort of a command by a signal of the system. */
export class Interrupted extends CodexError {
  /** The status that a shell gives for this signal. */
  readonly exit: number;

  /** Makes it of the signal's name. */
  constructor(signal: "SIGINT" | "SIGTERM") {
    super("aborted", signal === "SIGINT" ? "Interrupted" : "Terminated");
    this.exit = signal === "SIGINT" ? 130 : 143;
  }
}
