/** `codex simulator`. */
import { DEFAULT_PROFILE } from "../../auth/store/auth_file.ts";
import { CodexError } from "../../base/errors.ts";
import { SimulatorTime } from "../../testing/clock.ts";
import { createSimulator } from "../../testing/simulator.ts";
import type { Scenario } from "../../testing/scenario.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { ExitWith } from "../exit_with.ts";
import { openDesk } from "../simulator/desk.ts";
import { runProgram } from "../simulator/program.ts";
import { readScenario } from "../simulator/scenario_option.ts";
import {
  addressRecord,
  finishRecord,
  problemLines,
  requestLine,
  shellLines,
} from "../simulator/told.ts";

/** The options of `codex simulator`. */
export interface SimulatorFlags {
  /** The port; a free one by default. */
  readonly port?: number;
  /** A file that says what it does and expects. */
  readonly scenario?: string;
  /** Speaks TLS. */
  readonly tls?: boolean;
  /** Lets the sign-in pages wait for a person. */
  readonly interactive?: boolean;
}

/** The status when a request was not as the scenario expects, whatever ended the command. */
const NOT_AS_EXPECTED = 1;

/** What a shell says of a program that was ended by a signal. */
const SIGNAL_STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** Plays the service, for a program or until it is interrupted. */
export async function simulator(
  cli: Cli,
  flags: SimulatorFlags & GlobalFlags,
  ...command: readonly string[]
): Promise<void> {
  const { stdout, stderr } = cli;
  if (flags.authFile !== undefined) throw ownFile();
  const scenario = await readScenario(flags.scenario, flags.interactive === true, cli);
  const isOwn = command.length === 0;
  const isLogged = flags.quiet !== true &&
    (flags.verbose === true || (isOwn && stderr.isTerminal));
  let requests = 0;
  let told = 0;
  const tell = (problem: Parameters<typeof problemLines>[0]) => {
    for (const line of problemLines(problem)) stderr.line(line);
  };
  using clock = clockOf(scenario);
  await using played = createSimulator(scenario, {
    clock,
    onRequest: (request) => {
      requests += 1;
      if (isLogged) stderr.line(requestLine(request));
    },
    onProblem: (problem) => {
      told += 1;
      tell(problem);
    },
  });
  await using desk = await openDesk(played, {
    port: flags.port ?? 0,
    tls: flags.tls === true,
    profile: flags.profile ?? cli.env("CODEX_PROFILE") ?? DEFAULT_PROFILE,
    signedIn: scenario.signedIn !== false,
    apiKey: (scenario.apiKeys ?? ["sk-simulator"])[0],
    outer: cli.env,
  });
  const { addresses, env } = desk;
  // Taken before a word is said: whoever has read it may send a signal.
  const interrupted = isOwn ? nextSignal(cli) : undefined;
  if (flags.json) await stdout.write(addressRecord(addresses, env));
  else if (isOwn) await stdout.write(shellLines(addresses, env));
  const status = await (interrupted ?? runProgram(cli, command, env));
  const { problems } = played;
  // Those of requests that came were told as they came.
  for (const problem of problems.slice(told)) tell(problem);
  if (flags.json && isOwn) await stdout.write(finishRecord(requests, problems));
  const exit = problems.length > 0 ? NOT_AS_EXPECTED : status;
  if (exit !== 0) throw new ExitWith(exit);
}

/** A file that somebody names may hold a real sign-in. */
function ownFile(): CodexError {
  return new CodexError("invalid_usage", "The simulator keeps its sign-in in a file of its own", {
    hint: "Leave out --auth-file; CODEX_AUTH_FILE tells the program where it is",
  });
}

/** Time that runs: nobody could move on one that stands still. */
function clockOf({ now }: Scenario): SimulatorTime {
  return now === undefined ? new SimulatorTime() : SimulatorTime.from(Date.parse(now));
}

/** Waits for a signal; the one after it is meant at once. */
async function nextSignal(cli: Cli): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const release = cli.takeSignals?.((signal) => resolve(SIGNAL_STATUS[signal]));
  try {
    return await promise;
  } finally {
    release?.();
  }
}
