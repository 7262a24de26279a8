/**
 * The command line as a table: commands, their options and help. What a command does is loaded
 * when it runs, so that the help and each other command start without it.
 */
import {
  type Application,
  buildApplication,
  buildRouteMap,
  type Command,
  type RouteMap,
  text_en,
} from "@stricli/core";
import type { DoctorFlags } from "./commands/doctor.ts";
import type { LoginFlags } from "./commands/login.ts";
import type { LogoutFlags } from "./commands/logout.ts";
import type { ModelsFlags } from "./commands/models.ts";
import type { RefreshFlags } from "./commands/refresh.ts";
import type { StatusFlags } from "./commands/status.ts";
import type { UsageFlags } from "./commands/usage.ts";
import {
  type AppContext,
  define,
  GLOBAL_ALIASES,
  GLOBAL_FLAGS,
  kebab,
  onOff,
  SOURCE_FLAGS,
  text,
  value,
} from "./define.ts";
import { completionsDefinition } from "./define_completions.ts";
import { runDefinition, runTakesValue } from "./define_run.ts";
import { simulatorDefinition } from "./define_simulator.ts";
import { parseDuration } from "./time.ts";
import type { TakesValue } from "./typed_options.ts";

const login = (): Command<AppContext> =>
  define<LoginFlags>({
    load: async () => (await import("./commands/login.ts")).login,
    flags: {
      browser: onOff("With ChatGPT, in the browser of this machine"),
      headless: onOff("With ChatGPT, by a code to type on any other device"),
      withApiKey: onOff("With an API key from stdin, billed by OpenAI's API"),
      noBrowser: onOff("Print the address and open nothing"),
      timeout: value("D", "Give up after this long, such as 90s or 5m", parseDuration),
      workspace: text("ID", "Take only this workspace"),
      ...GLOBAL_FLAGS,
    },
    brief: "Sign in with ChatGPT",
    usage: "[--browser|--headless|--with-api-key] [OPTIONS]",
    description:
      "Signs in. The sign-in you had stays until the new one is saved, whatever happens.",
  });

const logout = (): Command<AppContext> =>
  define<LogoutFlags>({
    load: async () => (await import("./commands/logout.ts")).logout,
    flags: {
      revoke: onOff("End the sign-in at the server too"),
      all: onOff("Those of every profile"),
      ...GLOBAL_FLAGS,
    },
    brief: "Forget this machine's sign-in",
  });

const status = (): Command<AppContext> =>
  define<StatusFlags>({
    load: async () => (await import("./commands/status.ts")).status,
    flags: {
      check: onOff("Ask the service whether it takes the sign-in"),
      all: onOff("Those of every profile"),
      ...GLOBAL_FLAGS,
    },
    brief: "Who is signed in, with which plan, until when; status 3 when nobody is",
  });

const refresh = (): Command<AppContext> =>
  define<RefreshFlags>({
    load: async () => (await import("./commands/refresh.ts")).refresh,
    flags: {
      force: onOff("Whatever the age of the present one"),
      ...SOURCE_FLAGS,
      ...GLOBAL_FLAGS,
    },
    brief: "Get a new access token when it is due",
  });

const models = (): Command<AppContext> =>
  define<ModelsFlags>({
    load: async () => (await import("./commands/models.ts")).models,
    flags: {
      all: onOff("Those too that the service does not show"),
      refresh: onOff("Ask the account, whatever is cached"),
      ...SOURCE_FLAGS,
      ...GLOBAL_FLAGS,
    },
    brief: "What this account may use",
  });

const usage = (): Command<AppContext> =>
  define<UsageFlags>({
    load: async () => (await import("./commands/usage.ts")).usage,
    flags: { ...SOURCE_FLAGS, ...GLOBAL_FLAGS },
    brief: "How much of the plan's allowance is used, and when it resets",
  });

const doctor = (): Command<AppContext> =>
  define<DoctorFlags>({
    load: async () => (await import("./commands/doctor.ts")).doctor,
    flags: { ...SOURCE_FLAGS, ...GLOBAL_FLAGS },
    brief: "What is in the way: sign-in, file, lock, clock, network",
  });

/** Every command by its name, in the order of the help. */
const COMMANDS: Readonly<Record<string, () => Command<AppContext>>> = {
  login,
  logout,
  status,
  refresh,
  models,
  usage,
  run: runDefinition,
  doctor,
  simulator: simulatorDefinition,
  completions: () => completionsDefinition(() => rootOf(COMMANDS)),
};

function rootOf(commands: typeof COMMANDS): RouteMap<AppContext> {
  const routes = Object.entries(commands).map(([name, define]) => [name, define()] as const);
  return buildRouteMap({
    routes: Object.fromEntries(routes),
    docs: { brief: BRIEF, ...(commands === COMMANDS ? { fullDescription: described() } : {}) },
  });
}

/** What the command is; it goes with the list of all commands alone, and is not made for another. */
function described(): string {
  return `${BRIEF}\n\n${everywhere()}`;
}

const BRIEF = "A ChatGPT subscription as a Unix command";

/** The options that need no command, or go with each: the library's own help leaves them out. */
function everywhere(): string {
  const letters: Readonly<Record<string, string>> = Object.fromEntries(
    Object.entries(GLOBAL_ALIASES).map(([letter, name]) => [name, `-${letter}`]),
  );
  const rows = [
    ["", "version", "Print the version and exit"] as const,
    ...Object.entries(GLOBAL_FLAGS).map(([name, { brief }]) =>
      [letters[name] ?? "", name, brief] as const
    ),
  ].map(([letter, name, brief]) => {
    return `  ${letter.padEnd(2)} ${`--${kebab(name)}`.padEnd(11)}  ${brief}`;
  });
  return ["EVERYWHERE", ...rows].join("\n");
}

/** Tells which options of a command take a value, as far as that matters to how they are typed. */
export function takesValueIn(named: string): TakesValue {
  const own = named === "run" ? runTakesValue() : undefined;
  const isSwitch = (letter: string) => letter === "h" || Object.hasOwn(GLOBAL_ALIASES, letter);
  return (option) => own?.(option) ?? (isSwitch(option.slice(1)) ? false : undefined);
}

/**
 * The application: every command by its name, or the one that is asked for, since to define them
 * all takes longer than most of them do.
 *
 * @param named The first argument, where it may be the name of a command.
 */
export function application(named: string = ""): Application<AppContext> {
  const command = Object.hasOwn(COMMANDS, named) ? COMMANDS[named] : undefined;
  return buildApplication(rootOf(command === undefined ? COMMANDS : { [named]: command }), {
    name: "codex",
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: {
      disableAnsiColor: true,
      useAliasInUsageLine: false,
      onlyRequiredInUsageLine: true,
    },
    localization: { text: text_en },
  });
}
