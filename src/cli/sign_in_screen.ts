/** What is shown while a sign-in is waited for: on stderr for a person, on stdout for a machine. */
import type { Account } from "../auth/account.ts";
import type { DevicePrompt } from "../auth/device_flow.ts";
import type { Cli, GlobalFlags } from "./cli.ts";
import { type LiveLine, liveLine } from "./live_line.ts";
import { forProfile } from "./report.ts";
import {
  type AddressToOpen,
  describeAddress,
  describeCode,
  describeSignIn,
} from "./sign_in_text.ts";
import { formatDuration, formatWhen } from "./time.ts";

/** Shows how a sign-in goes. Disposing of it ends what moves. */
export interface SignInScreen extends Disposable {
  /** The page and the code of a headless sign-in, and the time that is left. */
  code(prompt: DevicePrompt): Promise<void>;
  /** The address of a browser sign-in. */
  address(wait: AddressToOpen): Promise<void>;
  /** Why what was pasted is of no use. */
  pasteProblem(message: string): void;
  /** Who is signed in now. */
  done(account: Account): Promise<void>;
}

/**
 * The screen of a command.
 *
 * @param cli Where it shows.
 * @param flags For whom: `json` for a machine, `quiet` for what must be known alone.
 * @param profile The profile that is signed in to.
 */
export function signInScreen(cli: Cli, flags: GlobalFlags, profile: string): SignInScreen {
  return flags.json ? forMachine(cli, profile) : forPerson(cli, flags, profile);
}

function forPerson(
  { stderr, clock, env, columns }: Cli,
  { quiet }: GlobalFlags,
  profile: string,
): SignInScreen {
  let line: LiveLine | undefined;
  const say = (lines: readonly string[]) => {
    for (const text of lines) stderr.line(forProfile(text, profile));
    return Promise.resolve();
  };
  const end = () => {
    line?.[Symbol.dispose]();
    line = undefined;
  };
  return {
    async code(prompt) {
      await say(describeCode(prompt));
      const until = Date.parse(prompt.expiresAt);
      if (!stderr.isTerminal) return say([`The code ends ${formatWhen(until, clock.now())}.`]);
      const text = () => `Waiting for you, ${formatDuration(until - clock.now())} left`;
      line = liveLine(stderr, clock, () => `${text()} (Ctrl-C to stop)`, {
        term: env("TERM"),
        columns,
      });
    },
    address: (wait) => say(describeAddress(wait)),
    pasteProblem: (message) => stderr.line(`${message}.`),
    done(account) {
      end();
      return say(quiet ? [] : describeSignIn(account));
    },
    [Symbol.dispose]: end,
  };
}

function forMachine({ stdout, clock }: Cli, profile: string): SignInScreen {
  const event = (type: string, data: object) =>
    stdout.write(`${JSON.stringify({ type, ...data })}\n`);
  return {
    code: (prompt) => event("device-code", prompt),
    address: ({ url, port, timeoutMs }) =>
      event("authorize-url", {
        url,
        port,
        expiresAt: new Date(clock.now() + timeoutMs).toISOString(),
      }),
    pasteProblem: (message) => void event("warning", { code: "paste_unusable", message }),
    done: (account) => event("account", { profile, ...account }),
    [Symbol.dispose]() {},
  };
}
