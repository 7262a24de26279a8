/** The simulator: issuer, model backend and public API in one, told what to do by plain data. */
import type { OAuthCredentials } from "../base/credentials.ts";
import { type MemoryStore, memoryStore } from "../base/memory_store.ts";
import { ADDRESS_VARIABLES, PRODUCTION } from "../protocol/endpoints.ts";
import { ApiMemory } from "./backend/api_memory.ts";
import { catalogueOf, hashOf } from "./backend/catalogue.ts";
import { type SimulatorClock, SimulatorTime } from "./clock.ts";
import type { ExpectationProblem } from "./expectation.ts";
import { ExpectationBook } from "./expectation_book.ts";
import { type Fault, FaultPlan } from "./faults.ts";
import { type Caller, fetchOf } from "./fetching.ts";
import { Ids } from "./ids.ts";
import { readIncoming, recordOf } from "./incoming.ts";
import { CodeDesk } from "./issuer/code_desk.ts";
import { DeviceDesk } from "./issuer/device_desk.ts";
import { type IssueOptions, TokenDesk } from "./issuer/token_desk.ts";
import { type Listening, listenOn, type ListenOptions } from "./listener.ts";
import { type RecordedRequest, RequestLog } from "./recorded.ts";
import { HANDLERS } from "./router.ts";
import type { Route } from "./routes.ts";
import type { Scenario } from "./scenario.ts";
import { faultsFromJson, scenarioFromJson, turnsFromJson } from "./scenario_file.ts";
import { settle } from "./settings.ts";
import {
  checkListen,
  checkMade,
  checkRoute,
  checkSignIn,
  disposed,
  type SignInOptions,
  type SimulatorAddresses,
  type SimulatorOptions,
} from "./simulator_options.ts";
import { spoil } from "./spoil.ts";
import { DEFAULT_REPLY } from "./turn_builders.ts";
import { TurnQueue } from "./turn_queue.ts";
import type { Turn } from "./turns.ts";
import type { World } from "./world.ts";

/** A stand-in for the whole service. */
export interface Simulator extends AsyncDisposable {
  /** Answers without a socket and without any permission, whatever host is asked. */
  readonly fetch: typeof fetch;
  /** Every request so far, in order. */
  readonly requests: readonly RecordedRequest[];
  /** The simulator's time; give it to the client as well. */
  readonly clock: SimulatorClock;
  /** A store that holds a sign-in which the simulator takes, for the production addresses. */
  readonly store: MemoryStore;
  /**
   * Where the sign-in of {@linkcode store} belongs, the production issuer: given to the client, it
   * counts in place of what the environment says.
   */
  readonly issuer: string;
  /** The same for the model backend. */
  readonly baseUrl: string;
  /** The same for the public API. */
  readonly apiBaseUrl: string;
  /**
   * Listens on loopback, for programs of any kind.
   *
   * @param options The port, a free one by default; a certificate, to speak TLS.
   * @returns The addresses. They are good until the simulator is disposed of.
   */
  listen(options?: ListenOptions): Promise<SimulatorAddresses>;
  /**
   * Says what the model does next.
   *
   * @param turns The turns, after those that are still to come.
   */
  enqueue(...turns: Turn[]): void;
  /**
   * Says what goes wrong next.
   *
   * @param faults The faults, after those that are still to come.
   */
  fail(...faults: Fault[]): void;
  /**
   * Makes another sign-in that the simulator takes.
   *
   * @param options Where it belongs, and how long it lives. What {@linkcode listen} gives is good
   * as it is.
   * @returns Credentials for a store or a file.
   */
  signIn(options?: SignInOptions): OAuthCredentials;
  /**
   * The requests of one kind.
   *
   * @param route What they were for.
   */
  requestsTo(route: Route): readonly RecordedRequest[];
  /** How many turns are still to come. */
  readonly pendingTurns: number;
  /** Forgets the requests so far. */
  clearRequests(): void;
  /** Where the requests are not what the scenario expects; those still missing included. */
  readonly problems: readonly ExpectationProblem[];
}

/**
 * Makes a stand-in for the whole service: sign-in, models, allowance, answers.
 *
 * @param scenario What it is told; every part has a default. A device code is granted at the
 * second poll, authorize redirects at once, and every prompt gets the same sentence.
 * @param options Time of the caller's own.
 * @returns The simulator. Dispose of it when done.
 * @throws CodexError `invalid_usage` for a scenario that cannot be used, with each place as
 * {@linkcode scenarioFromJson} tells it, and for an option that is not known.
 *
 * @example Ask the model backend something, without any permission
 * ```ts
 * import { createSimulator, reply } from "@x/codex/testing";
 *
 * await using simulator = createSimulator({ turns: [reply("Hello!")] });
 * const { access, accountId = "" } = simulator.signIn();
 * const response = await simulator.fetch("https://chatgpt.com/backend-api/codex/responses", {
 *   method: "POST",
 *   headers: { authorization: `Bearer ${access}`, "chatgpt-account-id": accountId },
 *   body: JSON.stringify({
 *     model: "gpt-5.5",
 *     instructions: "Answer briefly.",
 *     input: [{ role: "user", content: "Say hello" }],
 *     store: false,
 *     stream: true,
 *   }),
 * });
 * const stream = await response.text();
 * if (!stream.includes("Hello!")) throw new Error(stream);
 * if (simulator.requestsTo("responses").length !== 1) throw new Error("not recorded");
 * ```
 */
export function createSimulator(
  scenario: Scenario = {},
  options: SimulatorOptions = {},
): Simulator {
  return new LocalSimulator(scenario, options);
}

class LocalSimulator implements Simulator {
  readonly fetch: typeof fetch;
  readonly clock: SimulatorClock;
  readonly store: MemoryStore;
  readonly issuer: string = PRODUCTION.issuer;
  readonly baseUrl: string = PRODUCTION.baseUrl;
  readonly apiBaseUrl: string = PRODUCTION.apiBaseUrl;
  readonly #world: World;
  readonly #faults = new FaultPlan();
  readonly #log = new RequestLog();
  readonly #time: SimulatorTime | undefined;
  readonly #listening: Listening[] = [];
  readonly #expected: ExpectationBook;
  readonly #options: SimulatorOptions;
  #disposed = false;

  constructor(given: Scenario, options: SimulatorOptions) {
    // In plain JavaScript nobody else has looked at it.
    checkMade(options);
    const scenario = scenarioFromJson(given);
    const settings = settle(scenario);
    this.#options = options;
    this.#expected = new ExpectationBook(scenario.expect ?? [], scenario.expectOrder ?? "strict");
    const ids = new Ids(scenario.seed);
    const models = catalogueOf(scenario.models);
    this.#time = options.clock === undefined ? timeOf(scenario) : undefined;
    this.clock = options.clock ?? this.#time ?? new SimulatorTime();
    this.#world = {
      settings,
      clock: this.clock,
      startedAt: this.clock.now(),
      ids,
      tokens: new TokenDesk(settings, this.clock, ids),
      codes: new CodeDesk(this.clock, ids),
      devices: new DeviceDesk(this.clock, ids),
      models,
      modelsHash: hashOf(models),
      memory: new ApiMemory(),
      turns: new TurnQueue(),
      reply: scenario.reply ?? DEFAULT_REPLY,
    };
    this.#world.turns.add(scenario.turns ?? []);
    this.#faults.add(scenario.faults ?? []);
    this.fetch = fetchOf((request, caller) => this.#serve(request, caller));
    this.store = memoryStore(scenario.signedIn === false ? undefined : this.signIn());
  }

  get requests(): readonly RecordedRequest[] {
    return this.#log.all;
  }

  get problems(): readonly ExpectationProblem[] {
    return this.#expected.problems;
  }

  get pendingTurns(): number {
    return this.#world.turns.size;
  }

  enqueue(...turns: Turn[]): void {
    this.#world.turns.add(turnsFromJson(turns));
  }

  fail(...faults: Fault[]): void {
    this.#faults.add(faultsFromJson(faults));
  }

  signIn(options: SignInOptions = {}): OAuthCredentials {
    checkSignIn(options);
    const { issuer, baseUrl, lifetimeSeconds, accountId } = options;
    const { tokens, settings } = this.#world;
    const workspace = settings.workspaces.find(({ id }) => id === accountId);
    const issue: IssueOptions = {
      ...(workspace === undefined ? {} : { workspace }),
      ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    };
    return {
      ...tokens.credentials(tokens.issue(issue)),
      ...(issuer === undefined ? {} : { issuer: withoutSlash(issuer) }),
      ...(baseUrl === undefined ? {} : { baseUrl: withoutSlash(baseUrl) }),
    };
  }

  requestsTo(route: Route): readonly RecordedRequest[] {
    checkRoute(route);
    return this.requests.filter((request) => request.route === route);
  }

  clearRequests(): void {
    this.#log.clear();
  }

  async listen(options: ListenOptions = {}): Promise<SimulatorAddresses> {
    checkListen(options);
    if (this.#disposed) throw disposed();
    const listening = await listenOn((request, caller) => this.#serve(request, caller), options);
    this.#listening.push(listening);
    const origin = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${listening.port}`;
    const baseUrl = `${origin}/backend-api/codex`;
    const apiBaseUrl = `${origin}/v1`;
    return {
      issuer: new URL(origin),
      baseUrl: new URL(baseUrl),
      apiBaseUrl: new URL(apiBaseUrl),
      env: {
        [ADDRESS_VARIABLES.issuer]: origin,
        [ADDRESS_VARIABLES.baseUrl]: baseUrl,
        [ADDRESS_VARIABLES.apiBaseUrl]: apiBaseUrl,
        NO_PROXY: "127.0.0.1",
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await Promise.all(this.#listening.splice(0).map((one) => one[Symbol.asyncDispose]()));
    this.#time?.[Symbol.dispose]();
  }

  async #serve(request: Request, caller: Caller): Promise<Response> {
    if (this.#disposed) throw disposed();
    const incoming = await readIncoming(request, caller);
    const recorded = this.#log.add(recordOf(incoming, this.clock.now()));
    const problem = this.#expected.see(recorded);
    if (problem !== undefined) this.#options.onProblem?.(problem);
    const handler = HANDLERS[incoming.route];
    const spoilt = this.#faults.take(incoming.route);
    if (spoilt !== undefined) recorded.fault = spoilt.index;
    try {
      const response = spoilt === undefined
        ? await handler(incoming, this.#world)
        : await spoil(spoilt.fault, handler, incoming, this.#world);
      recorded.status = response.status;
      // The platform would put in the machine's own.
      if (!response.headers.has("date")) {
        response.headers.set("date", new Date(this.clock.now()).toUTCString());
      }
      return response;
    } finally {
      Object.assign(recorded, incoming.served);
      this.#options.onRequest?.(recorded);
    }
  }
}

function timeOf({ now }: Scenario): SimulatorTime {
  if (now === undefined) return new SimulatorTime();
  return new SimulatorTime(Date.parse(now));
}

/** An address as a sign-in notes it. */
function withoutSlash(address: string | URL): string {
  return String(address).replace(/\/+$/, "");
}
