/**
 * The library's functions without a client: each call makes one of the options that it is given.
 */
import type { AgentRun, RunOptions, RunResultFor } from "../agent/run_options.ts";
import type { Account } from "../auth/account.ts";
import type { LogoutResult } from "../auth/logout.ts";
import type { Model } from "../models/model.ts";
import type { RateLimits } from "../responses/limits.ts";
import type { ModelStream, ResultFor } from "../responses/model_stream.ts";
import type { Input, StreamOptions, ToolSpec } from "../responses/options.ts";
import type { OutputSchema } from "../responses/output_schema.ts";
import { createClient, type LoginOptions } from "./client.ts";
import { parted } from "./call_options.ts";
import type { ClientOptions } from "./options.ts";

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}
interface ModelsOptions extends Signalled {
  readonly refresh?: boolean;
}
interface LogoutOptions extends Signalled {
  readonly revoke?: boolean;
}
interface RefreshOptions extends Signalled {
  readonly force?: boolean;
}

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
export function stream<
  const S extends OutputSchema = never,
  const T extends readonly ToolSpec[] = readonly [],
>(
  input: Input,
  options: StreamOptions<S, T> & ClientOptions = {},
): ModelStream<ResultFor<S, T>> {
  const { client, call } = parted<StreamOptions<S, T>>(options);
  return createClient(client).stream<S, T>(input, call);
}

/**
 * Does a task: asks a model, makes the calls that it wants made, tells it what came of them, and
 * asks again, until there is an answer without calls.
 *
 * Nothing runs that was not given in `tools`. Those with the effects write, exec or network are
 * made only where `approve` says yes. A tool that throws is told to the model; a CodexError that it
 * throws ends the run.
 *
 * @param input A prompt, or a conversation.
 * @param options Tools, who approves of what, limits, what {@linkcode stream} takes, and through
 * what. Times are milliseconds.
 * @returns The run under way: iterate its events, or await `text()` or `final()`.
 * @throws CodexError `invalid_usage` for an address or a profile that is no good; everything else
 * is told to whoever iterates or awaits: `step_limit`, `budget_exceeded`, `approval_denied`,
 * `tool_failed`, `output_invalid`, and all that a model call fails with.
 *
 * @example A task with a tool
 * ```ts
 * import { run, tool } from "@x/codex";
 * import { createSimulator, reply, toolCall } from "@x/codex/testing";
 *
 * const stock = tool({
 *   name: "stock",
 *   description: "How many of an article are in store",
 *   input: {
 *     type: "object",
 *     properties: { article: { type: "string" } },
 *     required: ["article"],
 *   },
 *   execute: ({ article }) => ({ article, count: 3 }),
 * });
 *
 * await using simulator = createSimulator({
 *   turns: [toolCall("stock", { article: "lamp" }), reply("Three lamps are left.")],
 * });
 * const { fetch, store } = simulator;
 * const { text, steps } = await run("Lamps?", { tools: [stock], fetch, store }).final();
 * console.log(text, steps); // "Three lamps are left." 2
 * ```
 */
export function run<const S extends OutputSchema = never>(
  input: Input,
  options: RunOptions<S> & ClientOptions = {},
): AgentRun<RunResultFor<S>> {
  const { client, call } = parted<RunOptions<S>>(options);
  return createClient(client).run<S>(input, call);
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
export async function models(
  options: ClientOptions & { readonly refresh?: boolean } = {},
): Promise<readonly Model[]> {
  const { client, call } = parted<ModelsOptions>(options);
  return await createClient(client).models(call);
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
export async function limits(options: ClientOptions = {}): Promise<RateLimits> {
  const { client, call } = parted<Signalled>(options);
  return await createClient(client).limits(call);
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
export async function account(options: ClientOptions = {}): Promise<Account | undefined> {
  return await createClient(options).account();
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
export async function login(options: LoginOptions & ClientOptions): Promise<Account> {
  const { client, call } = parted<LoginOptions>(options);
  return await createClient(client).login(call);
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
export async function logout(
  options: ClientOptions & { readonly revoke?: boolean } = {},
): Promise<LogoutResult> {
  const { client, call } = parted<LogoutOptions>(options);
  return await createClient(client).logout(call);
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
export async function refresh(
  options: ClientOptions & { readonly force?: boolean } = {},
): Promise<Account> {
  const { client, call } = parted<RefreshOptions>(options);
  return await createClient(client).refresh(call);
}

/**
 * An authenticated `fetch` for any SDK that speaks OpenAI's Responses API.
 *
 * It serves `POST …/responses` and `GET …/models`, sends them to the sign-in's own base URL
 * whatever host the SDK names, and throws `invalid_request` for everything else before a byte is
 * sent. What the SDK adds of keys, organizations and cookies stays here. With a ChatGPT sign-in a
 * request is put in the form that the backend takes: body members that it refuses are left out and
 * named in the header `x-codex-dropped`, a request without `stream` gets its whole answer, and
 * failures come as HTTP answers in OpenAI's shape, with our code in `x-codex-error`. With an API
 * key the public API's own rules hold.
 *
 * @param options Which sign-in, and through what. `signal` ends every request.
 * @returns The `fetch`. It remembers what the model said, for an SDK that only refers to it: use
 * the same one for the whole of a conversation.
 * @throws CodexError `invalid_usage` for an address or a profile that is no good.
 *
 * @example In place of the platform's own
 * ```ts
 * import { createFetch } from "@x/codex";
 * import { createSimulator, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [reply("Blue light scatters most.")] });
 * const fetch = createFetch({ fetch: simulator.fetch, store: simulator.store });
 * // new OpenAI({ apiKey: "unused", fetch }) makes such requests:
 * const answer = await fetch("https://api.openai.com/v1/responses", {
 *   method: "POST",
 *   body: JSON.stringify({ model: "gpt-5.5", input: "Why is the sky blue?" }),
 * });
 * console.log((await answer.json()).output[0].content[0].text);
 * ```
 */
export function createFetch(options: ClientOptions = {}): typeof fetch {
  return createClient(options).createFetch();
}
