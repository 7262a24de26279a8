/** `codex login`. */
import { BROWSER_TIMEOUT_MS } from "../../auth/browser/flow.ts";
import { type LoginMethod, signIn } from "../../auth/login.ts";
import { timeLimit } from "../../base/clock.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import type { Cli, GlobalFlags, Input } from "../cli.ts";
import { openFileContext } from "../context.ts";
import { lineReader, skipLines, tellingEnd } from "../lines.ts";
import { displayLikely, openBrowser } from "../open_browser.ts";
import { askSecret, cancelled, type Choice, choose } from "../prompts.ts";
import { type SignInScreen, signInScreen } from "../sign_in_screen.ts";
import { noteOnPlan } from "../sign_in_text.ts";
import { readStdin } from "../stdin.ts";
import { formatDuration } from "../time.ts";

/** The options of `codex login`. */
export interface LoginFlags {
  /** In the browser of this machine. */
  readonly browser?: boolean;
  /** With a code, on another device. */
  readonly headless?: boolean;
  /** With an API key from stdin. */
  readonly withApiKey?: boolean;
  /** Prints the address and opens nothing. */
  readonly noBrowser?: boolean;
  /** Gives up after so many milliseconds. */
  readonly timeout?: number;
  /** Takes only this workspace. */
  readonly workspace?: string;
}

/** The three ways. */
type Way = LoginMethod["method"];

/** The longest API key that is read, in bytes, and how long it is waited for, in milliseconds. */
const MAX_KEY_BYTES = 64 * 1024;
const KEY_TIMEOUT_MS = 60_000;

/** Signs in. */
export async function login(cli: Cli, flags: LoginFlags & GlobalFlags): Promise<void> {
  const chosen = wayOf(flags);
  const context = openFileContext(cli, flags);
  using limit = timeLimit(cli.clock, flags.timeout, () => tooLate(flags.timeout), cli.signal);
  const way = chosen ?? await askWay(cli, flags, limit.signal);
  using screen = signInScreen(cli, flags, context.profile);
  const ended = new AbortController();
  const keys = tellingEnd(cli.stdin, () => ended.abort(cancelled()));
  const signal = AbortSignal.any([limit.signal, ended.signal]);
  const account = await signIn(methodFor(way, cli, flags, screen, keys), {
    ...context,
    signal,
    workspaces: flags.workspace === undefined ? undefined : [flags.workspace],
  });
  // A new sign-in may come with an allowance that other runs do not know of yet.
  await context.catalogue.noteLimit(undefined);
  await screen.done(account);
}

/** The way that the options name, if they do. */
function wayOf(flags: LoginFlags): Way | undefined {
  const ways: Way[] = [];
  if (flags.browser || flags.noBrowser) ways.push("browser");
  if (flags.headless) ways.push("device");
  if (flags.withApiKey) ways.push("api-key");
  if (ways.length > 1) {
    throw new CodexError("invalid_usage", "Only one way to sign in can be chosen", {
      hint:
        "Give one of --browser, --headless and --with-api-key; --no-browser goes with the first",
    });
  }
  if (flags.withApiKey && flags.workspace !== undefined) {
    throw new CodexError("invalid_usage", "An API key belongs to no workspace", {
      hint: "Leave out --workspace, or sign in with ChatGPT",
    });
  }
  return ways[0];
}

/** Asks where somebody can answer; elsewhere the way that needs nothing of this machine is taken. */
async function askWay(cli: Cli, flags: GlobalFlags, signal: AbortSignal): Promise<Way> {
  if (flags.json || !canAsk(cli)) return "device";
  return await choose("How do you want to sign in?", waysInOrder(displayLikely()), signal);
}

/**
 * The three ways, as they are proposed.
 *
 * @param display Whether a browser that is started here is likely to be seen.
 */
export function waysInOrder(display: boolean): readonly Choice<Way>[] {
  const browser = { value: "browser", label: "ChatGPT, in the browser" } as const;
  const device = {
    value: "device",
    label: "ChatGPT, headless",
    hint: "a code to type on any other device",
  } as const;
  const key = { value: "api-key", label: "API key", hint: "billed by OpenAI's API" } as const;
  return display ? [browser, device, key] : [device, browser, key];
}

/** Whether a person can be asked: both ends of the question are a terminal that can draw it. */
function canAsk({ stdin, stderr, env }: Cli): boolean {
  return stdin.isTerminal && stderr.isTerminal && env("TERM") !== "dumb";
}

function methodFor(
  way: Way,
  cli: Cli,
  flags: LoginFlags & GlobalFlags,
  screen: SignInScreen,
  keys: Input,
): LoginMethod {
  switch (way) {
    case "device":
      return {
        method: "device",
        async onCode(prompt) {
          await screen.code(prompt);
          // The code is typed elsewhere: of what is typed here Ctrl-D alone means something.
          if (keys.isTerminal) void skipLines(keys);
        },
      };
    case "api-key":
      return { method: "api-key", key: (signal) => readKey(cli, flags, signal ?? cli.signal) };
    case "browser":
      return inBrowser(cli, flags, screen, keys);
  }
}

function inBrowser(
  cli: Cli,
  flags: LoginFlags,
  screen: SignInScreen,
  keys: Input,
): LoginMethod {
  const paste = keys.isTerminal;
  const timeoutMs = flags.timeout ?? BROWSER_TIMEOUT_MS;
  return {
    method: "browser",
    timeoutMs,
    describe: ({ email, accountId, plan }) => ({
      email: email ?? accountId,
      plan,
      note: noteOnPlan(plan),
    }),
    onUrl: (url, place) => {
      const opened = !flags.noBrowser && openBrowser(url);
      return screen.address({
        ...place,
        url: url.href,
        timeoutMs,
        opened,
        paste,
        remote: !displayLikely(),
        ssh: ["SSH_CONNECTION", "SSH_TTY"].some((name) => cli.env(name) !== undefined),
      });
    },
    ...(paste ? { paste: lineReader(keys) } : {}),
    onPasteProblem: (problem) => screen.pasteProblem(problem),
  };
}

/** Reads the key from a pipe, or asks for it; nothing is ever taken from the environment. */
async function readKey(cli: Cli, flags: GlobalFlags, signal: AbortSignal): Promise<string> {
  if (cli.stdin.isTerminal) {
    if (!canAsk(cli)) throw noKey("There is no terminal that could ask for the API key");
    return await askSecret("The API key (it is not shown)", signal);
  }
  const notice = `waiting for the API key on stdin, for ${formatDuration(KEY_TIMEOUT_MS)} at most`;
  try {
    return await readStdin(cli.stdin, {
      clock: cli.clock,
      timeoutMs: KEY_TIMEOUT_MS,
      maxBytes: MAX_KEY_BYTES,
      notice: () => flags.json || cli.stderr.line(`codex: ${notice}`),
      signal,
    });
  } catch (error) {
    // Its hints name options of other commands.
    signal.throwIfAborted();
    throw isCodexError(error) ? noKey(error.message) : error;
  }
}

function noKey(message: string): CodexError {
  return new CodexError("invalid_usage", message, {
    hint: "Pipe the key in: printenv MY_KEY | codex login --with-api-key",
  });
}

function tooLate(ms: number | undefined): CodexError {
  return new CodexError("timeout", `Nobody signed in within ${formatDuration(ms ?? 0)}`, {
    hint: "Try again with: codex login, and a longer --timeout",
  });
}
