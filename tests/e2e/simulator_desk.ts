/** A scenario as its file holds it, a client of it on a clock of its own, and what comes of a call. */
import {
  type Client,
  createClient,
  type Credentials,
  ERROR_TABLE,
  type ErrorCode,
  isCodexError,
} from "../../mod.ts";
import { createSimulator, type Scenario, scenarioFromJson, type Simulator } from "../../testing.ts";
import { ManualClock } from "../support/manual_clock.ts";

/** What a scenario without turns answers. */
export const SAID = {
  text: "Hello from the simulator! Every part of this sentence came by itself.",
} as const;

/** What comes of a call: a code, or what it gave. */
export type Outcome<T = { readonly text: string }> = ErrorCode | T;

/** An outcome in a test's name, a code with its exit status. */
export function nameOf(outcome: unknown): string {
  const code = Object.keys(ERROR_TABLE).find((name): name is ErrorCode => name === outcome);
  return code === undefined ? JSON.stringify(outcome) : `${code} (${ERROR_TABLE[code].exit})`;
}

/** What comes of a call; any error that is none of ours fails the test. */
export async function outcomeOf<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return await work;
  } catch (error) {
    if (isCodexError(error)) return error.code;
    throw error;
  }
}

/** A simulator with a client: `await using desk = new ScenarioDesk('{"account":{}}')`. */
export class ScenarioDesk implements AsyncDisposable {
  readonly clock: ManualClock = new ManualClock();
  readonly simulator: Simulator;
  readonly client: Client;
  /** What the client warned of. */
  readonly warnings: string[] = [];

  /** Makes one of a file's text; `over` stands over what is in it. */
  constructor(json: string, over: Scenario = {}) {
    const { clock } = this;
    this.simulator = createSimulator({ ...scenarioFromJson(JSON.parse(json)), ...over }, { clock });
    const { fetch, store } = this.simulator;
    const onWarning = (message: string) => void this.warnings.push(message);
    this.client = createClient({ fetch, store, clock, onWarning });
  }

  /** Signs in with a token that lives so long. */
  async signIn(lifetimeSeconds: number): Promise<void> {
    await this.keep(this.simulator.signIn({ lifetimeSeconds }));
  }

  /** Puts a sign-in where the client finds it. */
  async keep(next: Credentials): Promise<void> {
    await this.simulator.store.update(() => Promise.resolve({ next, value: undefined }));
  }

  /** Runs a call to its end, the clock in steps. */
  async outcome<T>(work: Promise<T>, stepMs = 1000): Promise<Outcome<T>> {
    return await outcomeOf(this.clock.run(work, stepMs));
  }

  /** Asks a model, for the text alone. */
  async answer(stepMs = 1000): Promise<Outcome> {
    const call = this.client.stream("Hi");
    return await this.outcome(call.final().then(({ text }) => ({ text })), stepMs);
  }

  /** What was asked, in the order of the first of each, such as `models, responses*5`. */
  get asked(): string {
    const counts = new Map<string, number>();
    for (const { route } of this.simulator.requests) {
      counts.set(route, (counts.get(route) ?? 0) + 1);
    }
    return [...counts].map(([route, n]) => n === 1 ? route : `${route}*${n}`).join(", ");
  }

  /** The code with which the stored sign-in is marked as over, if it is. */
  async mark(): Promise<string | undefined> {
    const kept = await this.simulator.store.read();
    return kept?.type === "oauth" ? kept.reauth?.code : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.simulator[Symbol.asyncDispose]();
  }
}
