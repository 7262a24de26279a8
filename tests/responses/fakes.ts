/** What a model call needs from outside, in memory. */
import type { Authorization, AuthorizeOptions } from "../../src/auth/session.ts";
import type { Clock } from "../../src/base/clock.ts";
import { type CodexError, isCodexError } from "../../src/base/errors.ts";
import type { Fetch } from "../../src/base/http.ts";
import type { Catalogue, RequestShape } from "../../src/models/catalogue.ts";
import type { Model } from "../../src/models/model.ts";
import type { StreamDeps } from "../../src/responses/call.ts";
import type { StreamEvent } from "../../src/responses/events.ts";
import { ManualClock } from "../support/manual_clock.ts";

export const TOKEN = "access-token-of-the-fake";
export const NOW: number = Date.parse("2027-01-15T08:00:00Z");

export const CHATGPT: Authorization = {
  kind: "chatgpt",
  baseUrl: "https://chat.test/backend-api/codex",
  headers: { authorization: `Bearer ${TOKEN}`, "chatgpt-account-id": "acct-1" },
  accountId: "acct-1",
  plan: "plus",
  secrets: [TOKEN],
};

export const API_KEY: Authorization = {
  kind: "api",
  baseUrl: "https://api.test/v1",
  headers: { authorization: "Bearer sk-key-of-the-fake" },
  accountId: undefined,
  plan: undefined,
  secrets: ["sk-key-of-the-fake"],
};

/** A session that hands out authorizations in turn, and the last one for ever. */
export class FakeSession {
  readonly asked: AuthorizeOptions[] = [];
  #left: readonly (Authorization | Error)[];

  constructor(...authorizations: (Authorization | Error)[]) {
    this.#left = authorizations.length === 0 ? [CHATGPT] : authorizations;
  }

  authorize(options: AuthorizeOptions = {}): Promise<Authorization> {
    this.asked.push(options);
    const [first, ...others] = this.#left;
    if (others.length > 0) this.#left = others;
    return first === undefined || first instanceof Error
      ? Promise.reject(first)
      : Promise.resolve(first);
  }
}

/** A model with the usual abilities. */
export function model(slug: string, priority = 1, others: Partial<Model> = {}): Model {
  return {
    slug,
    displayName: slug.toUpperCase(),
    priority,
    listed: true,
    contextWindow: 272_000,
    efforts: ["low", "medium", "high", "xhigh"],
    defaultEffort: "medium",
    effortForUltra: "max",
    inputs: ["text", "image"],
    verbosity: true,
    tiers: ["priority"],
    freeformPatch: true,
    source: "account",
    asOf: "2027-01-15T07:59:00.000Z",
    ...others,
  };
}

/** A catalogue of some models, with a memory. */
export class FakeCatalogue implements Catalogue {
  readonly shapes: Map<string, RequestShape> = new Map();
  readonly etags: string[] = [];
  readonly limits: (string | undefined)[] = [];
  lists = 0;
  limited: string | undefined;
  models: readonly Model[];

  constructor(...models: Model[]) {
    this.models = models.length === 0 ? [model("gpt-5.5")] : models;
  }

  list(): Promise<readonly Model[]> {
    this.lists++;
    return Promise.resolve(this.models);
  }

  shapeOf(slug: string): Promise<RequestShape> {
    return Promise.resolve(this.shapes.get(slug) ?? "classic");
  }

  rememberShape(slug: string, shape: RequestShape): Promise<void> {
    this.shapes.set(slug, shape);
    return Promise.resolve();
  }

  noteEtag(etag: string): Promise<void> {
    this.etags.push(etag);
    return Promise.resolve();
  }

  limitedUntil(): Promise<string | undefined> {
    return Promise.resolve(this.limited);
  }

  noteLimit(until: string | undefined): Promise<void> {
    this.limits.push(until);
    return Promise.resolve();
  }
}

/** Everything at once; the clock stands still until a test moves it. */
export function fakeDeps(fetch: Fetch, others: Partial<StreamDeps> = {}): StreamDeps {
  return {
    session: new FakeSession(),
    catalogue: new FakeCatalogue(),
    fetch,
    clock: new ManualClock(NOW),
    identity: { originator: "codex_test", "user-agent": "codex_test/0.1.0" },
    random: () => 0.5,
    newId: () => "00000000-0000-4000-8000-000000000001",
    ...others,
  };
}

/** A clock whose waits are over at once, for tests of what comes after them. */
export class HastyClock implements Clock {
  readonly waits: number[] = [];
  #now: number;

  constructor(now: number = NOW) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Limits of a minute and more are taken for limits, shorter times for waits. */
  after(ms: number, fire: () => void): () => void {
    if (ms >= 60_000) return () => {};
    let live = true;
    this.waits.push(ms);
    queueMicrotask(() => {
      if (!live) return;
      this.#now += ms;
      fire();
    });
    return () => {
      live = false;
    };
  }
}

/** A stream of server-sent events, one for each value. */
export function wire(...events: readonly unknown[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
}

/** The usual beginning. */
export const CREATED: unknown = {
  type: "response.created",
  response: { id: "resp_1", model: "gpt-5.5" },
};

/** The usual end. */
export const COMPLETED: unknown = {
  type: "response.completed",
  response: {
    id: "resp_1",
    output: [],
    usage: { input_tokens: 3, output_tokens: 2, total_tokens: 5 },
  },
};

/** A piece of text. */
export function delta(text: string, itemId = "msg_1", outputIndex = 0): unknown {
  return {
    type: "response.output_text.delta",
    item_id: itemId,
    output_index: outputIndex,
    content_index: 0,
    delta: text,
  };
}

/** A finished message. */
export function message(text: string, others: Record<string, unknown> = {}): unknown {
  return {
    type: "response.output_item.done",
    output_index: 0,
    item: {
      id: "msg_1",
      type: "message",
      role: "assistant",
      content: [{ type: "output_text", text }],
      ...others,
    },
  };
}

/** A whole answer. */
export function answer(text: string): string {
  return wire(CREATED, delta(text), message(text), COMPLETED);
}

/** All events of a stream. */
export async function collect(stream: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

/** The error that a promise rejects with, which has to be one of ours. */
export async function codexErrorOf(promise: Promise<unknown>): Promise<CodexError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  if (isCodexError(error)) return error;
  throw new Error("it did not reject with a CodexError", { cause: error });
}
