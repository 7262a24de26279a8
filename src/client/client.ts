/** The library's functions, bound to one sign-in, one set of addresses and one `fetch`. */
import { type Account, describeAccount } from "../auth/account.ts";
import { type LoginMethod, signIn } from "../auth/login.ts";
import { logout as forget, type LogoutResult } from "../auth/logout.ts";
import type { Model } from "../models/model.ts";
import type { RateLimits } from "../responses/limits.ts";
import type { ModelStream } from "../responses/model_stream.ts";
import type { Input, StreamOptions } from "../responses/options.ts";
import { startStream } from "../responses/stream.ts";
import { fetchLimits } from "../responses/usage.ts";
import { type Context, createContext } from "./context.ts";
import type { ClientOptions } from "./options.ts";

/** How to sign in: the way, and what it may be ended by. */
export type LoginOptions = LoginMethod & {
  /** Only an account of these is taken, where given. */
  readonly workspaces?: readonly string[] | undefined;
  /** Cancels. */
  readonly signal?: AbortSignal | undefined;
};

/** The functions of this package, bound to the options of {@linkcode createClient}. */
export interface Client {
  /**
   * Asks a model once.
   *
   * @param input A prompt, or a conversation.
   * @param options The model, how hard it thinks, tools, limits.
   * @returns The call under way; failures are told to whoever iterates or awaits.
   */
  stream(input: Input, options?: StreamOptions): ModelStream;
  /**
   * What this account may use, by priority.
   *
   * @param options `refresh` asks the account whatever is cached.
   * @throws CodexError `not_signed_in`, `sign_in_expired`, `sign_in_rejected`.
   */
  models(
    options?: { readonly refresh?: boolean; readonly signal?: AbortSignal },
  ): Promise<readonly Model[]>;
  /**
   * How much of the plan's allowance is used. Makes one request.
   *
   * @throws CodexError `invalid_usage` for an API key, which has no plan.
   */
  limits(options?: { readonly signal?: AbortSignal }): Promise<RateLimits>;
  /** Who is signed in, without asking the service; `undefined` when nobody is. */
  account(): Promise<Account | undefined>;
  /**
   * Signs in. The old sign-in stays until the new one is saved.
   *
   * @param options The way.
   * @returns Who is signed in now.
   * @throws CodexError; the store then holds what it held.
   */
  login(options: LoginOptions): Promise<Account>;
  /**
   * Forgets the sign-in.
   *
   * @param options `revoke` asks the issuer to end it first; best effort.
   */
  logout(
    options?: { readonly revoke?: boolean; readonly signal?: AbortSignal },
  ): Promise<LogoutResult>;
  /**
   * Renews the access token when it is due.
   *
   * @param options `force` renews a good one too.
   * @returns Who is signed in.
   */
  refresh(
    options?: { readonly force?: boolean; readonly signal?: AbortSignal },
  ): Promise<Account>;
}

/**
 * Binds the library's functions to options. Nothing is read or sent before the first call.
 *
 * @param options Store, profile, `fetch`, clock, addresses; all have defaults. The default store is
 * the command's own file.
 * @returns The functions.
 * @throws CodexError `invalid_usage` for an address or a profile that is no good.
 *
 * @example Ask the simulator
 * ```ts
 * import { createClient } from "@x/codex";
 * import { createSimulator, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [reply("Rhine, Nile, Amazon")] });
 * const client = createClient({ fetch: simulator.fetch, store: simulator.store });
 * console.log(await client.stream("Name three rivers").text()); // "Rhine, Nile, Amazon"
 * ```
 */
export function createClient(options: ClientOptions = {}): Client {
  return clientOf(createContext(options), options.signal);
}

/** Binds the functions to parts that are put together already. */
export function clientOf(context: Context, always?: AbortSignal): Client {
  const { store, session, catalogue, clock } = context;
  return {
    stream: (input, options = {}) =>
      startStream(input, { ...options, signal: either(options.signal, always) }, context),
    models: ({ refresh, signal } = {}) =>
      catalogue.list({ refresh, signal: either(signal, always) }),
    limits: ({ signal } = {}) => fetchLimits(context, { signal: either(signal, always) }),
    async account() {
      const credentials = await store.read();
      return credentials && await describeAccount(credentials, clock.now(), store.renewable);
    },
    login: ({ workspaces, signal, ...way }) =>
      signIn(way, { ...context, workspaces, signal: either(signal, always) }),
    logout: ({ revoke = false, signal } = {}) =>
      forget({ ...context, revoke, signal: either(signal, always) }),
    async refresh({ force = false, signal } = {}) {
      const { credentials } = await session.refresh({ force, signal: either(signal, always) });
      return await describeAccount(credentials, clock.now());
    },
  };
}

/** The signal of a call and the one of the client, whichever comes first. */
function either(
  call: AbortSignal | undefined,
  always: AbortSignal | undefined,
): AbortSignal | undefined {
  return call && always ? AbortSignal.any([call, always]) : call ?? always;
}
