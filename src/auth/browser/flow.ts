/**
 * Signing in with a browser: shows an address, waits for what comes back, and has it finished.
 *
 * Everything that could go on living (server, timer, listeners, a read of the terminal) is gone
 * when the promise settles, however it does.
 */
import { type Clock, systemClock, timeLimit } from "../../base/clock.ts";
import { CodexError } from "../../base/errors.ts";
import { ORIGINATOR } from "../../protocol/identity.ts";
import { authorizeUrl } from "./authorize_url.ts";
import { type CallbackAnswer, callbackError } from "./callback.ts";
import {
  type CallbackPage,
  errorPage,
  type SignedIn,
  successPage,
  usedPage,
} from "./callback_page.ts";
import { callbackServer, type Serve } from "./callback_server.ts";
import { pastedAnswer, type ReadLine } from "./paste.ts";
import { pkce, type RandomBytes, randomState } from "./pkce.ts";
import type { AuthorizationCode } from "../token_endpoint.ts";

/** Where the flow waits for the browser. */
export interface WaitingPlace {
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** Ports that were wanted first and are taken, perhaps by another sign-in that waits. */
  readonly busy: readonly number[];
}

/** What a browser flow needs. */
export interface BrowserFlowOptions<T> {
  /** Whom to ask. */
  readonly issuer: string;
  /** Shows the address, and opens it if it likes. A rejection ends the flow. */
  readonly onUrl: (url: URL, place: WaitingPlace) => void | Promise<void>;
  /**
   * Exchanges the code and saves what it gives; called at most once. The browser and the caller
   * are told what comes of it. From here on it alone decides whether the sign-in succeeds: the
   * signal, of a cancel or the time limit, is passed on and not acted upon.
   */
  readonly finish: (grant: AuthorizationCode, signal: AbortSignal) => Promise<T>;
  /** What the page of success tells. */
  readonly describe?: ((value: T) => SignedIn) | undefined;
  /** Reads pasted callback addresses while the browser is waited for. */
  readonly paste?: ReadLine | undefined;
  /** Told why a paste was of no use. */
  readonly onPasteProblem?: ((message: string) => void) | undefined;
  /** Only these workspaces may be signed in to. */
  readonly workspaces?: readonly string[] | undefined;
  /** Who asks. */
  readonly originator?: string | undefined;
  /** The ports to try, in order. */
  readonly ports?: readonly number[] | undefined;
  /** How long it may all take, in milliseconds; five minutes by default. */
  readonly timeoutMs?: number | undefined;
  /** Cancels. */
  readonly signal?: AbortSignal | undefined;
}

/** What a browser flow takes from the platform; a test gives its own. */
export interface BrowserFlowDeps {
  /** Measures the time limit. */
  readonly clock?: Clock | undefined;
  /** Opens the callback server. */
  readonly serve?: Serve | undefined;
  /** Makes verifier and state. */
  readonly random?: RandomBytes | undefined;
}

/** How long a browser flow may take when nobody says otherwise, in milliseconds. */
export const BROWSER_TIMEOUT_MS = 300_000;

/**
 * Signs in with a browser.
 *
 * @param options Whom to ask, how to show the address, and how to finish.
 * @param deps Clock, server and randomness.
 * @returns What `finish` resolved to.
 * @throws CodexError `sign_in_rejected` or `plan_not_included` when the answer is no, `timeout`
 * when the time is up, `network` when no port can be had; what `finish`, `onUrl` or `paste`
 * rejected with; the signal's reason when it is aborted.
 */
export async function browserFlow<T>(
  options: BrowserFlowOptions<T>,
  deps: BrowserFlowDeps = {},
): Promise<T> {
  const { clock = systemClock, serve, random } = deps;
  const { timeoutMs = BROWSER_TIMEOUT_MS } = options;
  using limit = timeLimit(clock, timeoutMs, () => tooLate(timeoutMs), options.signal);
  limit.signal.throwIfAborted();
  const { verifier, challenge } = await pkce(random);
  const state = randomState(random);

  const once = new Once<T>();
  const onAnswer = (answer: CallbackAnswer) =>
    once.take(answer, async (code) => {
      const grant = { code, redirectUri: server.redirectUri, codeVerifier: verifier };
      const value = await options.finish(grant, limit.signal);
      return { value, page: successPage(options.describe?.(value)) };
    });
  const server = callbackServer({ state, ports: options.ports, clock, serve, onAnswer });
  const onAbort = () => once.fail(limit.signal.reason);
  limit.signal.addEventListener("abort", onAbort, { once: true });
  if (limit.signal.aborted) onAbort();

  const show = async () => {
    const { issuer, originator = ORIGINATOR, workspaces } = options;
    const { redirectUri, port, busy } = server;
    const url = authorizeUrl({ issuer, redirectUri, challenge, state, originator, workspaces });
    await options.onUrl(url, { port, busy });
  };
  const readPaste = async (readLine: ReadLine) => {
    const answer = await pastedAnswer(readLine, {
      state,
      signal: once.waiting,
      onProblem: options.onPasteProblem,
    });
    if (answer !== undefined) await onAnswer(answer);
  };
  try {
    if (!once.waiting.aborted) show().catch(once.fail);
    if (options.paste !== undefined) readPaste(options.paste).catch(once.fail);
    return await once.outcome;
  } finally {
    await server.close();
  }
}

/** Lets one answer through, from whichever side it comes, or one failure. */
class Once<T> {
  readonly #settled: PromiseWithResolvers<T> = Promise.withResolvers<T>();
  readonly #waiting = new AbortController();

  /** Aborted as soon as nothing more is waited for. */
  get waiting(): AbortSignal {
    return this.#waiting.signal;
  }

  /** What came of it. */
  get outcome(): Promise<T> {
    return this.#settled.promise;
  }

  /** Ends the waiting without an answer; does nothing when one is there. */
  readonly fail = (reason: unknown): void => {
    if (this.waiting.aborted) return;
    this.#waiting.abort();
    this.#settled.reject(reason);
  };

  /**
   * Takes an answer.
   *
   * @param answer What came back.
   * @param finish Makes a sign-in of a code, with the page that tells it.
   * @returns The page for the browser that brought it, when all is done. Does not reject.
   */
  async take(
    answer: CallbackAnswer,
    finish: (code: string) => Promise<{ readonly value: T; readonly page: CallbackPage }>,
  ): Promise<CallbackPage> {
    if (this.waiting.aborted) return usedPage();
    this.#waiting.abort();
    try {
      if (answer.kind !== "code") throw callbackError(answer);
      const { value, page } = await finish(answer.code);
      this.#settled.resolve(value);
      return page;
    } catch (error) {
      this.#settled.reject(error);
      return errorPage(error, answer.kind === "code" ? undefined : codeOf(answer));
    }
  }
}

/** The code to show with a refusal; the second is the official client's own. */
function codeOf(answer: Exclude<CallbackAnswer, { kind: "code" }>): string {
  return answer.kind === "refused" ? answer.code : "missing_authorization_code";
}

function tooLate(ms: number): CodexError {
  return new CodexError("timeout", `The sign-in did not finish within ${ms / 1000} s`, {
    hint: "Try again with: codex login. On a machine without a browser: codex login --headless",
  });
}
