/** One model call: prepared, attempted, attempted again where that may help, and ended. */
import type { Authorization, Session } from "../auth/session.ts";
import { type Clock, sleep } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";
import type { Fetch } from "../base/http.ts";
import { formatWhen } from "../base/instant.ts";
import type { JsonObject } from "../base/json.ts";
import type { Catalogue, RequestShape } from "../models/catalogue.ts";
import { type Attempt, attempt, type FailedAttempt, type Sink } from "./attempt.ts";
import type { ModelResult } from "./events.ts";
import type { Failure } from "./failure.ts";
import { inputItems, namesFiles } from "./input.ts";
import { chooseModel, type ModelChoice, unavailable } from "./model_choice.ts";
import { checkOptions } from "./option_check.ts";
import type { Input, StreamOptions } from "./options.ts";
import { modelRequest } from "./request.ts";
import { RetryPolicy } from "./retry.ts";

/** What a model call needs from outside. */
export interface StreamDeps {
  /** Whose. */
  readonly session: Pick<Session, "authorize">;
  /** What the account may use, and what was learnt about it. */
  readonly catalogue: Catalogue;
  /** Sends the requests. */
  readonly fetch: Fetch;
  /** Measures time. */
  readonly clock: Clock;
  /** Headers that say who we are. */
  readonly identity: Readonly<Record<string, string>>;
  /** Random number from 0 up to 1, for the waits. */
  readonly random?: (() => number) | undefined;
  /** Makes the name of a conversation that was given none. */
  readonly newId?: (() => string) | undefined;
  /** The sign-in, where it was looked up a moment ago. */
  readonly authorization?: Authorization | undefined;
  /** Whether schema and answer are left unchecked, because whoever calls checks them. */
  readonly unchecked?: boolean | undefined;
}

/**
 * Makes a model call.
 *
 * @param input What the model is given.
 * @param options The caller's options.
 * @param deps What it needs.
 * @param sink Where the events go.
 * @param signal Ends it.
 * @returns The answer, complete or not.
 * @throws CodexError for every failure; the signal's reason when it is aborted.
 */
export async function call(
  input: Input,
  options: StreamOptions,
  deps: StreamDeps,
  sink: Sink,
  signal: AbortSignal,
): Promise<ModelResult> {
  checkOptions(options);
  const { items, hasImage } = inputItems(await loaded(input, signal));
  const { session, catalogue } = deps;
  const authorization = deps.authorization ?? await session.authorize({ signal });
  const { kind } = authorization;
  const [choice, limited] = await Promise.all([
    chooseModel(options, { authorization, catalogue, hasImage, signal }),
    kind === "chatgpt" ? catalogue.limitedUntil(authorization) : undefined,
  ]);
  const shape = kind === "chatgpt"
    ? await catalogue.shapeOf(choice.slug, authorization)
    : "classic";
  signal.throwIfAborted();
  return await new Call(options, deps, sink, signal, items, choice, authorization, shape)
    .run(limited);
}

/** The input with the files read that it names. */
async function loaded(input: Input, signal: AbortSignal): Promise<Input> {
  if (typeof input === "string" || !namesFiles(input)) return input;
  return await (await import("./input_files.ts")).loadFiles(input, signal);
}

class Call {
  readonly #options: StreamOptions;
  readonly #deps: StreamDeps;
  readonly #sink: Sink;
  readonly #signal: AbortSignal;
  readonly #items: readonly JsonObject[];
  readonly #choice: ModelChoice;
  readonly #policy: RetryPolicy;
  readonly #sessionKey: string;
  readonly #notes: Promise<void>[] = [];
  #authorization: Authorization;
  #renewed = false;
  #shape: RequestShape;
  /** The refusal that led to the other shape. */
  #swappedFor: CodexError | undefined;

  constructor(
    options: StreamOptions,
    deps: StreamDeps,
    sink: Sink,
    signal: AbortSignal,
    items: readonly JsonObject[],
    choice: ModelChoice,
    authorization: Authorization,
    shape: RequestShape,
  ) {
    this.#options = options;
    this.#deps = deps;
    this.#sink = sink;
    this.#signal = signal;
    this.#items = items;
    this.#choice = choice;
    this.#authorization = authorization;
    this.#shape = shape;
    this.#policy = new RetryPolicy(options.retry, deps.random);
    this.#sessionKey = options.sessionKey ?? deps.newId?.() ?? crypto.randomUUID();
  }

  async run(limitedUntil: string | undefined): Promise<ModelResult> {
    try {
      if (limitedUntil !== undefined) {
        await this.#again(noted(limitedUntil, this.#deps.clock.now()));
      }
      for (;;) {
        const outcome = await this.#attempt();
        if ("result" in outcome) {
          this.#rememberShape();
          return outcome.result;
        }
        await this.#afterFailure(outcome);
      }
    } finally {
      await Promise.all(this.#notes);
    }
  }

  #attempt(): Promise<Attempt> {
    const { fetch, clock, identity, catalogue } = this.#deps;
    const { slug, effort } = this.#choice;
    const { kind, plan, secrets } = this.#authorization;
    const request = modelRequest({
      authorization: this.#authorization,
      identity,
      shape: this.#shape,
      model: slug,
      effort,
      items: this.#items,
      sessionKey: this.#sessionKey,
      options: this.#options,
    });
    return attempt(request, {
      fetch,
      clock,
      options: this.#options,
      model: slug,
      failures: { kind, plan, secrets },
      signal: this.#signal,
      sink: this.#sink,
      onEtag: (etag) => this.#note(catalogue.noteEtag(etag)),
    });
  }

  /** Prepares the next attempt, or throws what the caller shall see. */
  async #afterFailure(outcome: FailedAttempt): Promise<void> {
    const { failure, shown, silent } = outcome;
    const { error, accountWide } = failure;
    const { resetsAt } = error;
    if (accountWide && resetsAt !== undefined && Date.parse(resetsAt) > this.#deps.clock.now()) {
      this.#note(this.#deps.catalogue.noteLimit(resetsAt));
    }
    if (shown || silent) throw error;
    if (error.status === 401 && !this.#renewed) {
      this.#renewed = true;
      const { session } = this.#deps;
      const rejected = this.#authorization;
      this.#authorization = await session.authorize({ signal: this.#signal, rejected });
    } else if (failure.otherShape && this.#swappedFor === undefined) {
      this.#swappedFor = error;
      this.#shape = this.#shape === "lite" ? "classic" : "lite";
    } else {
      await this.#again({ ...failure, error: this.#inWords(error) });
    }
  }

  /** Waits for the next attempt, or throws the error when there shall be none. */
  async #again(failure: Failure): Promise<void> {
    const { clock, session } = this.#deps;
    const retry = this.#policy.next(failure, clock.now());
    if (retry === undefined) throw failure.error;
    this.#sink.push([{ type: "retry", ...retry }], 0);
    await sleep(clock, retry.delayMs, this.#signal);
    // A wait for a reset may outlast an access token.
    this.#authorization = await session.authorize({ signal: this.#signal });
  }

  /** A refused model is told with those that work; what the other shape was refused for is the same. */
  #inWords(error: CodexError): CodexError {
    const { slug, models } = this.#choice;
    const refused = error.code === "model_unavailable" ||
      (this.#swappedFor !== undefined && error.code === "invalid_request");
    return refused ? unavailable(slug, models, this.#swappedFor ?? error) : error;
  }

  #rememberShape(): void {
    if (this.#swappedFor === undefined) return;
    this.#note(this.#deps.catalogue.rememberShape(this.#choice.slug, this.#shape));
  }

  /** Notes are only hints: they cost the answer nothing but the wait for the disk. */
  #note(work: Promise<void>): void {
    this.#notes.push(work.catch(() => {}));
  }
}

/** What another process was told a little while ago. */
function noted(until: string, now: number): Failure {
  const when = formatWhen(Date.parse(until), now);
  const error = new CodexError(
    "usage_limit",
    `The usage limit of this account was reached a few minutes ago; it resets at ${when}`,
    {
      resetsAt: until,
      hint: "Wait until then, or see whether there is room again with: codex usage",
    },
  );
  return { error, otherShape: false, accountWide: false };
}
