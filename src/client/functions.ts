/**
 * The library's functions without a client: each call makes one of the options that it is given.
 */
import type { Account } from "../auth/account.ts";
import type { LogoutResult } from "../auth/logout.ts";
import type { Model } from "../models/model.ts";
import type { RateLimits } from "../responses/limits.ts";
import type { ModelStream } from "../responses/model_stream.ts";
import type { Input, StreamOptions } from "../responses/options.ts";
import { createClient, type LoginOptions } from "./client.ts";
import type { ClientOptions } from "./options.ts";

/**
 * Asks a model once, with the command's own sign-in unless the options name another store.
 *
 * The request is made at once. Iterate the result for events, its `textStream` for text, or await
 * `text()` or `final()`.
 *
 * @param input A prompt, or a conversation.
 * @param options What to ask for, and through what. Times are milliseconds.
 * @returns The call under way.
 * @throws CodexError `invalid_usage` for an address or a profile that is no good; everything else
 * is told to whoever iterates or awaits.
 *
 * @example One answer, whole
 * ```ts
 * import { stream } from "@x/codex";
 * import { createSimulator, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [reply("Blue light scatters most.")] });
 * const { fetch, store } = simulator;
 * console.log(await stream("Why is the sky blue?", { fetch, store }).text());
 * ```
 */
export function stream(input: Input, options: StreamOptions & ClientOptions = {}): ModelStream {
  // The signal ends the call, not the client, which nobody else has.
  const { signal, ...rest } = options;
  return createClient(rest).stream(input, { ...rest, signal });
}

/**
 * What this account may use, by priority: from the account itself, cached for an hour.
 *
 * @param options `refresh` asks the account whatever is cached.
 * @returns The models, each with where it comes from.
 * @throws CodexError `not_signed_in`, `sign_in_expired`, `sign_in_rejected`.
 *
 * @example The first model
 * ```ts
 * import { models } from "@x/codex";
 * import { createSimulator } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * const [first] = await models({ fetch: simulator.fetch, store: simulator.store });
 * console.log(first?.slug, first?.efforts);
 * ```
 */
export function models(
  { refresh = false, ...options }: ClientOptions & { readonly refresh?: boolean } = {},
): Promise<readonly Model[]> {
  return createClient(options).models({ refresh });
}

/**
 * How much of the plan's allowance is used, and when it resets. Makes one request.
 *
 * @throws CodexError `not_signed_in`, `invalid_usage` for an API key, which has no plan.
 *
 * @example The share of the five-hour window
 * ```ts
 * import { limits } from "@x/codex";
 * import { createSimulator } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * const { primary } = await limits({ fetch: simulator.fetch, store: simulator.store });
 * console.log(primary?.usedPercent, primary?.resetsAt);
 * ```
 */
export function limits(options: ClientOptions = {}): Promise<RateLimits> {
  return createClient(options).limits();
}

/**
 * Who is signed in, read from the store alone.
 *
 * @returns Who, without anything secret; `undefined` when nobody is.
 *
 * @example Is anybody there?
 * ```ts
 * import { account, memoryStore } from "@x/codex";
 *
 * console.log(await account({ store: memoryStore() })); // undefined
 * ```
 */
export function account(options: ClientOptions = {}): Promise<Account | undefined> {
  return createClient(options).account();
}

/**
 * Signs in: with a browser, with a code on another device, or with an API key. The old sign-in
 * stays until the new one is saved.
 *
 * @param options The way, and where to save.
 * @returns Who is signed in now.
 * @throws CodexError `sign_in_rejected`, `sign_in_expired`, `device_login_disabled`,
 * `plan_not_included`, `timeout`, `network`, `store_unavailable`.
 *
 * @example With a code to type elsewhere
 * ```ts
 * import { login, memoryStore } from "@x/codex";
 * import { createSimulator } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ device: { interval: "0.01" } });
 * const account = await login({
 *   method: "device",
 *   onCode: ({ url, code }) => console.log(`Open ${url} and type ${code}`),
 *   store: memoryStore(),
 *   fetch: simulator.fetch,
 * });
 * console.log(account.email);
 * ```
 */
export function login(options: LoginOptions & ClientOptions): Promise<Account> {
  const { store, profile, fetch, clock, issuer, baseUrl, apiBaseUrl, originator, onWarning } =
    options;
  return createClient({
    store,
    profile,
    fetch,
    clock,
    issuer,
    baseUrl,
    apiBaseUrl,
    originator,
    onWarning,
  }).login(options);
}

/**
 * Forgets the sign-in on this machine.
 *
 * @param options `revoke` asks the issuer to end it first; whether it confirmed is told.
 * @returns What became of it.
 *
 * @example Nobody was there
 * ```ts
 * import { logout, memoryStore } from "@x/codex";
 *
 * console.log(await logout({ store: memoryStore() })); // { removed: false }
 * ```
 */
export function logout(
  { revoke = false, ...options }: ClientOptions & { readonly revoke?: boolean } = {},
): Promise<LogoutResult> {
  return createClient(options).logout({ revoke });
}

/**
 * Renews the access token when it is due.
 *
 * @param options `force` renews a good one too.
 * @returns Who is signed in.
 * @throws CodexError `not_signed_in`, `sign_in_expired`, `invalid_usage` for an API key.
 *
 * @example Whatever its age
 * ```ts
 * import { refresh } from "@x/codex";
 * import { createSimulator } from "@x/codex/testing";
 *
 * await using simulator = createSimulator();
 * const { fetch, store } = simulator;
 * console.log((await refresh({ fetch, store, force: true })).state); // "valid"
 * ```
 */
export function refresh(
  { force = false, ...options }: ClientOptions & { readonly force?: boolean } = {},
): Promise<Account> {
  return createClient(options).refresh({ force });
}
