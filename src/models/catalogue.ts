/** What an account may use: the interface that a model call asks. */
import type { Authorization } from "../auth/session.ts";
import type { Model } from "./model.ts";

/** The two shapes of a model request; see docs/protocol.md. */
export type RequestShape = "classic" | "lite";

/** How to ask for the models. */
export interface ListOptions {
  /** Asks the service whatever the cache holds. */
  readonly refresh?: boolean | undefined;
  /**
   * Whether another list may take the place of one that the service does not give; `false` makes
   * that an error. It may unless told.
   */
  readonly fallback?: boolean | undefined;
  /**
   * What the caller has been given for its request. What is read for it is read once, as long as
   * nothing is changed here.
   */
  readonly authorization?: Authorization | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
}

/** What an account may use, and what was learnt about it. */
export interface Catalogue {
  /**
   * The account's models, by priority: cached for an hour, else asked for, else the cached ones
   * whatever their age, else the bundled ones.
   *
   * @param options Whether to ask anyway, and a signal.
   */
  list(options?: ListOptions): Promise<readonly Model[]>;
  /**
   * The shape that worked last for a model; `classic` when nothing is known.
   *
   * @param slug The model.
   * @param authorization As in {@linkcode ListOptions}.
   */
  shapeOf(slug: string, authorization?: Authorization): Promise<RequestShape>;
  /** Remembers the shape that worked, beside the list. Never fails: it is only a hint. */
  rememberShape(slug: string, shape: RequestShape): Promise<void>;
  /** Takes note of the list's mark on an answer: a new one means that the list has changed. */
  noteEtag(etag: string): Promise<void>;
  /**
   * Until when the account's allowance is known to be used up, as an ISO 8601 instant.
   *
   * @param authorization As in {@linkcode ListOptions}.
   */
  limitedUntil(authorization?: Authorization): Promise<string | undefined>;
  /** Notes that for other processes; `undefined` takes the note back. Never fails. */
  noteLimit(until: string | undefined): Promise<void>;
}

/**
 * The model for a run that names none: the first listed one by priority.
 *
 * @param models By priority.
 * @returns It, or `undefined` when nothing is listed.
 */
export function defaultModel(models: readonly Model[]): Model | undefined {
  return models.find((model) => model.listed);
}
