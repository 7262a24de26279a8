/**
 * Answers what an SDK fetches with the sign-in in use. The whole of a request is looked at before
 * anything is sent, and it is only ever sent to the sign-in's own base URL.
 */
import type { Authorization } from "../../auth/session.ts";
import { timeLimit } from "../../base/clock.ts";
import { CodexError, isCodexError } from "../../base/errors.ts";
import { hostOf, readText, send } from "../../base/http.ts";
import { parseJson } from "../../base/json.ts";
import { responsesUrl } from "../../protocol/endpoints.ts";
import { readWireFailure, type WireFailure } from "../../protocol/failures.ts";
import { LITE_HEADER, MODELS_ETAG_HEADER, SESSION_HEADER } from "../../protocol/headers.ts";
import type { RequestShape } from "../../models/catalogue.ts";
import type { StreamDeps } from "../call.ts";
import { type Failure, failureOfAnswer, failureOfEvent } from "../failure.ts";
import { isPage, noStream } from "../no_stream.ts";
import { requestIdOf } from "../request_id.ts";
import { formatWhen } from "../../base/instant.ts";
import { CONNECT_MS, connectMs } from "../patience.ts";
import { errorAnswer } from "./error_answer.ts";
import type { Incoming } from "./incoming.ts";
import { ItemMemory } from "./item_memory.ts";
import { collected, relayed, type RelayOptions, type WholeAnswer } from "./relay.ts";
import { rewriteBody, type Rewritten } from "./rewrite.ts";

/** Names the members of a request that were not sent on. */
const DROPPED_HEADER = "x-codex-dropped";

/** Headers of the service that an SDK or its user may look at. */
const PASSED = /^(?:x-request-id|x-oai-request-id|cf-ray|openai-|x-codex-|x-ratelimit-)/;

/** Answers requests, and remembers what the model said for those that only refer to it. */
export class Server {
  readonly #deps: StreamDeps;
  readonly #memory: ItemMemory = new ItemMemory();

  /** @param deps What it works with. */
  constructor(deps: StreamDeps) {
    this.#deps = deps;
  }

  /**
   * Answers a request.
   *
   * @param incoming The request.
   * @param signal Ends it.
   * @returns The answer: a failure of the service or of the sign-in too, as an SDK expects it.
   * @throws TypeError as `fetch` does where the service cannot be reached, with the error of ours
   * as its cause; the signal's reason.
   */
  async answer(incoming: Incoming, signal: AbortSignal): Promise<Response> {
    try {
      const authorization = await this.#deps.session.authorize({ signal });
      if (authorization.kind === "api") return await this.#passOn(incoming, authorization, signal);
      if (incoming.route === "models") return await this.#models(signal);
      const rewritten = rewriteBody(await incoming.body(), this.#memory);
      return await new Exchange(this.#deps, this.#memory, rewritten, authorization, signal).run();
    } catch (error) {
      if (signal.aborted || !isCodexError(error)) throw error;
      if (error.code === "network" && error.status === undefined) {
        throw new TypeError("fetch failed", { cause: error });
      }
      return errorAnswer(error, { now: this.#deps.clock.now() });
    }
  }

  /** With a key the public API's own rules hold: nothing is rewritten but where and whose it is. */
  async #passOn(
    { route, search, accept, body }: Incoming,
    { baseUrl, headers }: Authorization,
    signal: AbortSignal,
  ): Promise<Response> {
    const { fetch, clock, identity } = this.#deps;
    const all = { ...identity, ...headers, ...(accept === undefined ? {} : { accept }) };
    const init = route === "models" ? { headers: all } : {
      method: "POST",
      headers: { ...all, "content-type": "application/json" },
      body: await body(),
    };
    return await send(`${baseUrl}/${route}${search}`, init, { fetch, clock, signal });
  }

  /** The account's models, in the shape of the public API. */
  async #models(signal: AbortSignal): Promise<Response> {
    const models = await this.#deps.catalogue.list({ signal });
    const data = models.filter(({ listed }) => listed).map(({ slug, asOf }) => ({
      id: slug,
      object: "model",
      created: asOf === undefined ? 0 : Math.floor(Date.parse(asOf) / 1000),
      owned_by: "openai",
    }));
    return Response.json({ object: "list", data });
  }
}

/** One request to the backend, made again where its answer says how. */
class Exchange {
  readonly #deps: StreamDeps;
  readonly #memory: ItemMemory;
  readonly #rewritten: Rewritten;
  readonly #signal: AbortSignal;
  #authorization: Authorization;

  constructor(
    deps: StreamDeps,
    memory: ItemMemory,
    rewritten: Rewritten,
    authorization: Authorization,
    signal: AbortSignal,
  ) {
    this.#deps = deps;
    this.#memory = memory;
    this.#rewritten = rewritten;
    this.#authorization = authorization;
    this.#signal = signal;
  }

  async run(): Promise<Response> {
    const { catalogue, session } = this.#deps;
    const { model } = this.#rewritten;
    await this.#checkLimit();
    const known = await catalogue.shapeOf(model);
    const key = await this.#sessionKey();
    let shape = known;
    for (let renewed = false;;) {
      const answer = await this.#send(shape, key);
      this.#noteEtag(answer.headers);
      if (answer.ok) {
        if (shape !== known) await catalogue.rememberShape(model, shape);
        return await this.#taken(answer);
      }
      const { status, headers } = answer;
      // The status tells the most. What the body says is worth a wait, but none without an end.
      const late = () => new CodexError("network", "The service did not say why it refused");
      using moment = timeLimit(this.#deps.clock, CONNECT_MS, late, this.#signal);
      const text = await readText(answer, moment.signal).catch(() => "");
      this.#signal.throwIfAborted();
      const context = { ...this.#context, requestId: undefined };
      const failure = failureOfAnswer({ status, headers, text }, context);
      if (status === 401 && !renewed) {
        renewed = true;
        const rejected = this.#authorization;
        this.#authorization = await session.authorize({ signal: this.#signal, rejected });
      } else if (failure.otherShape && shape === known) {
        shape = shape === "lite" ? "classic" : "lite";
      } else {
        return await this.#refusal(failure, readWireFailure(parseJson(text), context.now), headers);
      }
    }
  }

  /** A used-up plan that another request was told of is not asked again. */
  async #checkLimit(): Promise<void> {
    const { catalogue, clock } = this.#deps;
    const resetsAt = await catalogue.limitedUntil();
    if (resetsAt === undefined) return;
    const when = formatWhen(Date.parse(resetsAt), clock.now());
    throw new CodexError(
      "usage_limit",
      `The usage limit of this account is reached, as another request was told; it resets at ${when}`,
      { resetsAt, hint: "Wait until then, or see: codex usage" },
    );
  }

  /** One name for each conversation keeps it on one prompt cache. */
  async #sessionKey(): Promise<string> {
    const { cacheKey, beginning } = this.#rewritten;
    if (cacheKey !== undefined && /^[\x21-\x7e]{1,128}$/.test(cacheKey)) return cacheKey;
    const bytes = new TextEncoder().encode(cacheKey ?? beginning);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, 16);
    return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async #send(shape: RequestShape, key: string): Promise<Response> {
    const { fetch, clock, identity } = this.#deps;
    const { baseUrl, headers } = this.#authorization;
    const url = responsesUrl(baseUrl);
    const body = JSON.stringify(this.#rewritten.body(shape, key));
    const ms = connectMs(body.length);
    const late = () =>
      new CodexError("network", `No answer from ${hostOf(url)} within ${ms / 1000} s`, {
        hint: "Check the connection, then try again",
      });
    using limit = timeLimit(clock, ms, late, this.#signal);
    return await send(url, {
      method: "POST",
      headers: {
        ...identity,
        ...headers,
        "content-type": "application/json",
        accept: "text/event-stream",
        [SESSION_HEADER]: key,
        ...(shape === "lite" ? { [LITE_HEADER]: "true" } : {}),
      },
      body,
    }, { fetch, clock, signal: limit.signal });
  }

  /** What an SDK is given of an answer that has begun. */
  async #taken(answer: Response): Promise<Response> {
    if (isPage(answer.headers)) {
      answer.body?.cancel().catch(() => {});
      const requestId = requestIdOf(answer.headers, this.#authorization.secrets);
      throw noStream(hostOf(this.#authorization.baseUrl), answer.status, requestId);
    }
    const headers = { ...this.#headers(answer.headers) };
    const options: RelayOptions = {
      url: this.#authorization.baseUrl,
      clock: this.#deps.clock,
      signal: this.#signal,
      onItem: (item) => this.#memory.keep(item),
    };
    if (this.#rewritten.stream) {
      const type = { "content-type": "text/event-stream; charset=utf-8" };
      return new Response(relayed(answer, options), { headers: { ...headers, ...type } });
    }
    return await this.#whole(await collected(answer, options), headers, answer.headers);
  }

  /** The answer for whoever wants no stream: a failure within it is an answer with a bad status. */
  async #whole(
    whole: WholeAnswer,
    headers: Record<string, string>,
    from: Headers,
  ): Promise<Response> {
    const { last } = whole;
    if (last.type === "response.completed" || last.type === "response.incomplete") {
      const created = Math.floor(this.#deps.clock.now() / 1000);
      const { model } = this.#rewritten;
      return Response.json(whole.response({ model, created_at: created, usage: null }), {
        headers,
      });
    }
    const requestId = requestIdOf(from, this.#authorization.secrets);
    const context = { ...this.#context, requestId };
    const told: unknown = last.type === "response.failed" ? last["response"] : last;
    const failure = failureOfEvent(last, context);
    return await this.#refusal(failure, readWireFailure(told, context.now), from);
  }

  async #refusal(failure: Failure, wire: WireFailure, from: Headers): Promise<Response> {
    const { catalogue, clock } = this.#deps;
    const { error, retryAfterMs, accountWide } = failure;
    const now = clock.now();
    if (accountWide && error.resetsAt !== undefined && Date.parse(error.resetsAt) > now) {
      await catalogue.noteLimit(error.resetsAt);
    }
    return errorAnswer(error, { failure: wire, retryAfterMs, headers: this.#headers(from), now });
  }

  #headers(from: Headers): Record<string, string> {
    const { dropped } = this.#rewritten;
    return {
      ...Object.fromEntries([...from].filter(([name]) => PASSED.test(name))),
      ...(dropped.length === 0 ? {} : { [DROPPED_HEADER]: dropped.join(", ") }),
    };
  }

  #noteEtag(headers: Headers): void {
    const etag = headers.get(MODELS_ETAG_HEADER);
    if (etag !== null) this.#deps.catalogue.noteEtag(etag).catch(() => {});
  }

  get #context() {
    const { kind, plan, secrets } = this.#authorization;
    return { kind, plan, secrets, now: this.#deps.clock.now() };
  }
}
