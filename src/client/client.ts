/** The library's functions, bound to one sign-in, one set of addresses and one `fetch`. */
import type { AgentRun, RunOptions, RunResult, RunResultFor } from "../agent/run_options.ts";
import { runMembers } from "../agent/run_members.ts";
import type { RunEvent } from "../agent/run_events.ts";
import type { Account, describeAccount } from "../auth/account.ts";
import type { LoginMethod } from "../auth/login.ts";
import type { LogoutResult } from "../auth/logout.ts";
import { untilAborted } from "../base/abort.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import type { Model } from "../models/model.ts";
import { asGiven } from "../responses/input_copy.ts";
import { startLazily } from "../responses/lazy_stream.ts";
import type { RateLimits } from "../responses/limits.ts";
import { OpenStream } from "../responses/open_stream.ts";
import type { ModelStream, ResultFor } from "../responses/model_stream.ts";
import type { Input, StreamOptions, ToolSpec } from "../responses/options.ts";
import type { Members } from "../responses/members.ts";
import type { OutputSchema } from "../responses/output_schema.ts";
import { streamMembers } from "../responses/stream_members.ts";
import {
  checkCallOptions,
  checkClientOptions,
  LIMITS_MEMBERS,
  LOGIN_MEMBERS,
  LOGOUT_MEMBERS,
  MODELS_MEMBERS,
  REFRESH_MEMBERS,
} from "./call_options.ts";
import type { Context } from "./context.ts";
import { fetchOf } from "./create_fetch.ts";
import { settled } from "./early_checks.ts";
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
  stream<
    const S extends OutputSchema = never,
    const T extends readonly ToolSpec[] = readonly [],
  >(input: Input, options?: StreamOptions<S, T>): ModelStream<ResultFor<S, T>>;
  /**
   * Asks a model, makes the calls that it wants made, and asks again, until there is an answer.
   *
   * @param input A prompt, or a conversation.
   * @param options Tools, who approves of what, limits, and what {@linkcode stream} takes.
   * @returns The run under way; failures are told to whoever iterates or awaits.
   */
  run<const S extends OutputSchema = never>(
    input: Input,
    options?: RunOptions<S>,
  ): AgentRun<RunResultFor<S>>;
  /**
   * What this account may use, by priority.
   *
   * @param options `refresh` asks the account whatever is cached.
   * @throws CodexError `not_signed_in`, `sign_in_expired`, `sign_in_rejected`.
   */
  models(
    options?: { readonly refresh?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<readonly Model[]>;
  /**
   * How much of the plan's allowance is used. Makes one request.
   *
   * @throws CodexError `invalid_usage` for an API key, which has no plan.
   */
  limits(options?: { readonly signal?: AbortSignal | undefined }): Promise<RateLimits>;
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
    options?: { readonly revoke?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<LogoutResult>;
  /**
   * Renews the access token when it is due.
   *
   * @param options `force` renews a good one too.
   * @returns Who is signed in.
   */
  refresh(
    options?: { readonly force?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<Account>;
  /**
   * A `fetch` with this sign-in, for SDKs that were written for the public API.
   *
   * @returns It; see the function of the same name.
   */
  createFetch(): typeof fetch;
}

/**
 * Binds the library's functions to options. Nothing is read or sent before the first call.
 *
 * @param options Store, profile, `fetch`, clock, addresses; all have defaults. The default store is
 * the command's own file.
 * @returns The functions.
 * @throws CodexError `invalid_usage` for an option that is no good, or that nobody knows.
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
  checkClientOptions(options);
  const { clock = systemClock, signal: always } = options;
  const known = settled(options);
  let context: Promise<Context> | undefined;
  // Loaded when it is needed: to import this package costs next to nothing.
  const open = () =>
    context ??= import("./context.ts").then(({ createContext }) => createContext(known));
  return {
    stream(input, options = {}) {
      const { options: own, opened } = usable(options, streamMembers(), always, open);
      return startLazily(asGiven(input), own, { clock, open: opened });
    },
    run<S extends OutputSchema>(input: Input, options: RunOptions<S> = {}) {
      const { options: own, opened } = usable(options, runMembers(), always, open);
      return startRun<S>(asGiven(input), withSession(own), clock, opened);
    },
    async models(options = {}) {
      checkCallOptions(options, MODELS_MEMBERS);
      const { refresh, signal } = options;
      const { catalogue } = await open();
      return await catalogue.list({ refresh, signal: either(signal, always) });
    },
    async limits(options = {}) {
      checkCallOptions(options, LIMITS_MEMBERS);
      const { signal } = options;
      const { fetchLimits } = await import("../responses/usage.ts");
      return await fetchLimits(await open(), { signal: either(signal, always) });
    },
    async account() {
      const { store } = await open();
      always?.throwIfAborted();
      const credentials = await untilAborted(store.read(), always);
      return credentials && await described(credentials, clock.now(), store.renewable);
    },
    async login(options) {
      const { checkWay, signIn } = await import("../auth/login.ts");
      checkWay(options);
      checkCallOptions(options, LOGIN_MEMBERS);
      const { workspaces, signal, ...way } = options;
      return await signIn(way, {
        ...await open(),
        workspaces,
        signal: either(signal, always),
      });
    },
    async logout(options = {}) {
      checkCallOptions(options, LOGOUT_MEMBERS);
      const { revoke = false, signal } = options;
      const { logout } = await import("../auth/logout.ts");
      return await logout({ ...await open(), revoke, signal: either(signal, always) });
    },
    async refresh(options = {}) {
      checkCallOptions(options, REFRESH_MEMBERS);
      const { force = false, signal } = options;
      const { session } = await open();
      const { credentials } = await session.refresh({ force, signal: either(signal, always) });
      return await described(credentials, clock.now());
    },
    createFetch: () => fetchOf(open, always),
  };
}

/** The options of a call that has a signal. */
interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The options of a call, its signal and the client's made one. Where they are no good, the call
 * begins without them and fails with what is wrong: nothing is thrown.
 */
function usable<O extends Signalled>(
  options: O,
  members: Members,
  always: AbortSignal | undefined,
  open: () => Promise<Context>,
): { readonly options: O | Signalled; readonly opened: () => Promise<Context> } {
  try {
    checkCallOptions(options, members);
  } catch (error) {
    return { options: { signal: always }, opened: () => Promise.reject(error) };
  }
  return { options: { ...options, signal: either(options.signal, always) }, opened: open };
}

/** The options of a run with what was said before as it is now. */
function withSession(options: RunOptions): RunOptions {
  const { session } = options;
  return session === undefined ? options : { ...options, session: asGiven(session) };
}

/** As a model call is started: at once, with what it needs loaded as it begins. */
function startRun<S extends OutputSchema>(
  input: Input,
  options: RunOptions,
  clock: Clock,
  open: () => Promise<Context>,
): AgentRun<RunResultFor<S>> {
  const run: AgentRun = new OpenStream<RunEvent, RunResult>(async (sink, signal) => {
    const [deps, { performRun }] = await Promise.all([open(), import("../agent/start_run.ts")]);
    signal.throwIfAborted();
    return await performRun(input, options, deps, sink, signal);
  }, { last: "run-finish", clock, signal: options.signal, totalMs: options.timeout?.total });
  // The types say what `performRun` does: with a schema there is an `output` of it.
  return run as AgentRun<RunResultFor<S>>;
}

async function described(
  ...facts: Parameters<typeof describeAccount>
): ReturnType<typeof describeAccount> {
  return await (await import("../auth/account.ts")).describeAccount(...facts);
}

/** The signal of a call and the one of the client, whichever comes first. */
function either(
  call: AbortSignal | undefined,
  always: AbortSignal | undefined,
): AbortSignal | undefined {
  return call && always ? AbortSignal.any([call, always]) : call ?? always;
}
