/** Asks the service what an account may use. */
import type { Authorization, Session } from "../auth/session.ts";
import type { Clock } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";
import { type Answer, exchange, type Fetch, hostOf } from "../base/http.ts";
import { arrayAt, parseJson, stringAt } from "../base/json.ts";
import { modelsUrl } from "../protocol/endpoints.ts";
import { meaningOfStatus } from "../protocol/failures.ts";
import { readModels, type WireModel } from "../protocol/models.ts";

/** What the question is asked with. */
export interface FetchModelsOptions {
  /** Whose models. */
  readonly session: Session;
  /** Sends the request. */
  readonly fetch: Fetch;
  /** Measures time. */
  readonly clock: Clock;
  /** Headers that say who we are. */
  readonly identity: Readonly<Record<string, string>>;
  /** The version that decides what the backend lists. */
  readonly clientVersion: string;
}

/** A list as it was received. */
export interface FetchedModels {
  /** The models. */
  readonly models: readonly WireModel[];
  /** The service's mark of this list. */
  readonly etag?: string;
  /** When it was received, in milliseconds since the epoch. */
  readonly fetchedAt: number;
}

/** How long the service may take to list the models; the official client's figure. */
const TIMEOUT_MS = 5_000;

/**
 * Asks for the models, and once more with a renewed sign-in after a 401.
 *
 * @param first What to ask with.
 * @param options How.
 * @param signal Ends it.
 * @throws CodexError for every answer that is no list.
 */
export async function fetchModels(
  first: Authorization,
  options: FetchModelsOptions,
  signal: AbortSignal | undefined,
): Promise<FetchedModels> {
  let authorization = first;
  let answer = await askModels(authorization, options, signal);
  if (answer.status === 401) {
    authorization = await options.session.authorize({ signal, rejected: authorization });
    answer = await askModels(authorization, options, signal);
  }
  const etag = answer.headers.get("etag");
  return {
    models: readAnswer(answer, authorization),
    fetchedAt: options.clock.now(),
    ...(etag === null ? {} : { etag }),
  };
}

function askModels(
  { kind, baseUrl, headers }: Authorization,
  { fetch, clock, identity, clientVersion }: FetchModelsOptions,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const url = kind === "api" ? `${baseUrl}/models` : modelsUrl(baseUrl, clientVersion);
  const init = { headers: { ...identity, ...headers, accept: "application/json" } };
  return exchange(url, init, { fetch, clock, signal, timeoutMs: TIMEOUT_MS });
}

function readAnswer(answer: Answer, { kind, baseUrl }: Authorization): readonly WireModel[] {
  const { status } = answer;
  if (status === 401) {
    throw new CodexError("sign_in_rejected", "The service did not accept the sign-in", {
      status,
      hint: "Sign in again with: codex login",
    });
  }
  const body = status < 300 ? parseJson(answer.text) : undefined;
  const models = kind === "api" ? readApiModels(body) : readModels(body);
  if (models === undefined || models.length === 0) {
    const { code, hint } = meaningOfStatus(status < 400 ? 500 : status);
    throw new CodexError(
      code,
      `${hostOf(baseUrl)} did not list the models (status ${status})`,
      { status, hint },
    );
  }
  return models;
}

/** The public API lists ids alone, so nothing else is known and nothing is checked. */
function readApiModels(body: unknown): readonly WireModel[] | undefined {
  const ids = arrayAt(body, "data").flatMap((entry) => stringAt(entry, "id") ?? []);
  return ids.toSorted().map((id, index) => ({
    slug: id,
    display_name: id,
    priority: index,
    visibility: "list",
    supported_reasoning_levels: [],
  }));
}
