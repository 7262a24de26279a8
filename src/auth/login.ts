/** Signing in, by any of the three ways, as one transaction: the old sign-in stays until the new one is saved. */
import { untilAborted } from "../base/abort.ts";
import { CodexError } from "../base/errors.ts";
import { isObject } from "../base/json.ts";
import { needDeno } from "../base/platform.ts";
import { redact } from "../base/redact.ts";
import type { Account } from "./account.ts";
import type { SignedIn } from "./browser/callback_page.ts";
import { browserFlow, type WaitingPlace } from "./browser/flow.ts";
import { deviceFlow, type DevicePrompt } from "./device_flow.ts";
import type { ReadLine } from "./browser/paste.ts";
import { completeSignIn, proveStore, saveApiKey, type SignInOptions } from "./sign_in.ts";

/** With the browser of this machine, or of another one whose last address is pasted here. */
export interface BrowserLogin {
  /** The way. */
  readonly method: "browser";
  /** Shows the address to open, and opens it if it likes. */
  readonly onUrl: (url: URL, place: WaitingPlace) => void | Promise<void>;
  /** Reads pasted callback addresses while the browser is waited for. */
  readonly paste?: ReadLine | undefined;
  /** Told why a paste was of no use. */
  readonly onPasteProblem?: ((message: string) => void) | undefined;
  /** What the browser's last page says about the account. */
  readonly describe?: ((account: Account) => SignedIn) | undefined;
  /** The ports to listen on, in order; those that the issuer knows by default. */
  readonly ports?: readonly number[] | undefined;
  /** How long it may take, in milliseconds; five minutes by default. */
  readonly timeoutMs?: number | undefined;
}

/** With a code to type on any other device. */
export interface DeviceLogin {
  /** The way. */
  readonly method: "device";
  /** Shows the page and the code. The service is asked once this has settled. */
  readonly onCode: (prompt: DevicePrompt) => void | Promise<void>;
}

/** With an API key, and billing by it. */
export interface ApiKeyLogin {
  /** The way. */
  readonly method: "api-key";
  /** The key, or what asks for it once it is known that it could be saved. */
  readonly key: string | ((signal?: AbortSignal) => Promise<string>);
}

/** The way to sign in. */
export type LoginMethod = BrowserLogin | DeviceLogin | ApiKeyLogin;

/** What signing in needs besides the way. */
export interface LoginOptions extends SignInOptions {
  /** The name under which it is asked. */
  readonly originator: string;
}

/**
 * Signs in.
 *
 * That the result can be saved is proven first, so that nobody is asked in vain.
 *
 * @param way How.
 * @param options Where to save, and how to reach the issuer.
 * @returns Who is signed in now.
 * @throws CodexError; the store then holds what it held. `invalid_usage` for a way that is none.
 */
export async function signIn(way: LoginMethod, options: LoginOptions): Promise<Account> {
  checkWay(way);
  if (way.method === "browser") {
    needDeno("Signing in with a browser", 'Sign in by the method "device"');
  }
  await proveStore(options);
  switch (way.method) {
    case "api-key":
      return await saveApiKey(
        typeof way.key === "string" ? way.key : await asked(way.key, options.signal),
        options,
      );
    case "device": {
      const { issuer } = options.addresses;
      const grant = await deviceFlow({ ...options, issuer, onCode: way.onCode });
      return await completeSignIn(grant, options);
    }
    case "browser": {
      const { issuer } = options.addresses;
      const { originator, workspaces, signal, clock } = options;
      return await browserFlow({
        ...way,
        issuer,
        originator,
        workspaces,
        signal,
        // Until the store has begun to save it, the sign-in can be cancelled, and its time be up.
        finish: (grant, signal) => completeSignIn(grant, { ...options, signal }),
      }, { clock });
    }
  }
}

/** The key from whoever asks for it, who may not heed the signal. */
async function asked(
  key: (signal?: AbortSignal) => Promise<string>,
  signal: AbortSignal | undefined,
): Promise<string> {
  signal?.throwIfAborted();
  return await untilAborted(key(signal), signal);
}

/** What each way cannot do without, and of which types it may be. */
const NEEDED: Readonly<Record<LoginMethod["method"], readonly [name: string, types: string[]]>> = {
  browser: ["onUrl", ["function"]],
  device: ["onCode", ["function"]],
  "api-key": ["key", ["string", "function"]],
};

/**
 * Refuses what a caller without types may take for a way to sign in.
 *
 * @throws CodexError `invalid_usage` naming the methods, or the member that is missing.
 */
export function checkWay(way: unknown): void {
  const method = isObject(way) ? way["method"] : undefined;
  const [name, types] = Object.entries(NEEDED).find(([known]) => known === method)?.[1] ?? [];
  if (name === undefined || types === undefined) {
    const given = typeof method === "string"
      ? `"${redact(method)}" is no method`
      : "There is no method";
    throw new CodexError("invalid_usage", `${given} to sign in by`, {
      hint: `Give a \`method\`: "${Object.keys(NEEDED).join('", "')}"`,
    });
  }
  if (isObject(way) && types.includes(typeof way[name])) return;
  throw new CodexError("invalid_usage", `The method "${method}" needs ${name}`, {
    hint: types.includes("string") ? `Give ${name} as text` : `Give ${name} as a function`,
  });
}
