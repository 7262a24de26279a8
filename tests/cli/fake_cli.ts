/** A command's world in memory: nothing of the machine is in it, not even a home. */
import type { Cli } from "../../src/cli/cli.ts";
import { Messages, Output } from "../../src/cli/output.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** What a test sets of it. */
export interface FakeCliOptions {
  /** All variables that there are. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether stderr is a terminal. */
  readonly isTerminal?: boolean;
  /** What writing to stdout fails with. */
  readonly broken?: Error;
  /** Whatever else is not as it is in a script, offline: stdin at its end, 80 columns. */
  readonly parts?: Partial<Cli>;
}

/** The world, and what a test does with it. */
export interface FakeCli {
  readonly cli: Cli;
  readonly clock: ManualClock;
  /** What was written so far. */
  readonly told: { stdout: string; stderr: string };
}

/** Makes one. */
export function fakeCli(options: FakeCliOptions = {}): FakeCli {
  const { env = {}, isTerminal = false, broken, parts } = options;
  const clock = new ManualClock();
  const told = { stdout: "", stderr: "" };
  const sink = {
    write(bytes: Uint8Array) {
      if (broken !== undefined) return Promise.reject(broken);
      told.stdout += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const cli: Cli = {
    stdout: new Output(sink, clock),
    stderr: new Messages((bytes) => {
      told.stderr += new TextDecoder().decode(bytes);
      return bytes.length;
    }, isTerminal),
    stdin: { isTerminal: false, read: () => Promise.resolve(null) },
    env: (name) => env[name],
    clock,
    fetch: () => Promise.reject(new Error("nothing is sent here")),
    signal: new AbortController().signal,
    columns: () => 80,
    finishBeforeExit: () => {},
    ...parts,
  };
  return { cli, clock, told };
}
