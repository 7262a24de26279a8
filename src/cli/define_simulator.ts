/** `codex simulator` as it is typed: the only command that takes another program's arguments. */
import { buildCommand, type Command } from "@stricli/core";
import { CodexError } from "../base/errors.ts";
import type { GlobalFlags } from "./cli.ts";
import type { SimulatorFlags } from "./commands/simulator.ts";
import {
  type AppContext,
  body,
  type FlagTable,
  GLOBAL_ALIASES,
  GLOBAL_FLAGS,
  onOff,
  pathOrDash,
  value,
} from "./define.ts";

const SIMULATOR_FLAGS: FlagTable<SimulatorFlags & GlobalFlags> = {
  port: value("N", "Listen on this port; 0, the default, takes a free one", parsePort),
  scenario: pathOrDash("FILE", "What it does and expects (schema/scenario.v1.json); - is stdin"),
  tls: onOff("Speak TLS, with an authority made on the spot"),
  interactive: onOff("Let the sign-in pages wait for a person in a browser"),
  ...GLOBAL_FLAGS,
};

const DESCRIPTION = `Plays the whole service on this machine: sign-in, models, allowance, answers.
No account is needed, and nothing leaves the machine. A COMMAND behind -- is run against it, signed
in, and its status is the status of all:

  codex simulator -- ./my-script.sh
  codex simulator --scenario limit.json -- sh -c 'codex run hello || echo "status $?"'

Without a COMMAND it prints what a shell has to export, and serves until Ctrl-C. A request that is
not what the scenario expects is shown, and makes the status 1.`;

/** Makes the command. */
export function simulatorDefinition(): Command<AppContext> {
  return buildCommand<SimulatorFlags & GlobalFlags, string[], AppContext>({
    loader: body(async () => (await import("./commands/simulator.ts")).simulator),
    parameters: {
      flags: SIMULATOR_FLAGS,
      aliases: GLOBAL_ALIASES,
      positional: {
        kind: "array",
        parameter: {
          parse: String,
          placeholder: "COMMAND",
          brief: "A program to run against it, with its arguments, behind --",
        },
      },
    },
    docs: {
      brief: "A stand-in for the service, to test programs against",
      customUsage: ["[OPTIONS]", "[OPTIONS] -- COMMAND [ARGUMENTS]"],
      fullDescription: DESCRIPTION,
    },
  });
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65_535) return port;
  throw new CodexError("invalid_usage", `"${text}" is not a port`, {
    hint: "Give a number from 0 to 65535; 0 takes a free one",
  });
}
