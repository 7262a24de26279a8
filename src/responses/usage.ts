/** Asks how much of a plan's allowance is used. */
import type { Session } from "../auth/session.ts";
import type { Clock } from "../base/clock.ts";
import { CodexError } from "../base/errors.ts";
import { exchange, type Fetch, hostOf } from "../base/http.ts";
import { parseJson } from "../base/json.ts";
import type { Catalogue } from "../models/catalogue.ts";
import { usageUrl } from "../protocol/endpoints.ts";
import { readUsageAnswer } from "../protocol/limits.ts";
import { failureOfAnswer } from "./failure.ts";
import { type RateLimits, rateLimits } from "./limits.ts";

/** What a question about the limits needs. */
export interface LimitsDeps {
  /** Whose limits. */
  readonly session: Pick<Session, "authorize">;
  /** Sends the request. */
  readonly fetch: Fetch;
  /** Measures time. */
  readonly clock: Clock;
  /** Headers that say who we are. */
  readonly identity: Readonly<Record<string, string>>;
  /** Told when the limits show room again, as other runs may think that there is none. */
  readonly catalogue?: Pick<Catalogue, "noteLimit"> | undefined;
}

/** How long the service may take to answer, in milliseconds. */
const TIMEOUT_MS = 15_000;

/**
 * Asks how much of the plan's allowance is used, without using any of it.
 *
 * @param deps Whose, and how to ask.
 * @param options A signal.
 * @returns The limits.
 * @throws CodexError `invalid_usage` with an API key, which has no plan; `not_signed_in` and its
 * like; `network`; whatever the service answers.
 */
export async function fetchLimits(
  deps: LimitsDeps,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RateLimits> {
  const { session, fetch, clock, identity } = deps;
  const { signal } = options;
  let authorization = await session.authorize({ signal });
  for (let again = false;; again = true) {
    const { kind, baseUrl, headers, plan, secrets } = authorization;
    if (kind === "api") {
      throw new CodexError("invalid_usage", "An API key has no plan, so there are no plan limits", {
        hint: "See the key's limits at https://platform.openai.com/settings/organization/limits",
      });
    }
    const init = { headers: { ...identity, ...headers, accept: "application/json" } };
    const answer = await exchange(usageUrl(baseUrl), init, {
      fetch,
      clock,
      signal,
      timeoutMs: TIMEOUT_MS,
    });
    if (answer.status === 401 && !again) {
      authorization = await session.authorize({ signal, rejected: authorization });
      continue;
    }
    const now = clock.now();
    if (answer.status >= 300) throw failureOfAnswer(answer, { kind, plan, secrets, now }).error;
    const limits = readUsageAnswer(parseJson(answer.text), now);
    if (limits === undefined) {
      throw new CodexError("overloaded", `${hostOf(baseUrl)} did not tell the limits`, {
        status: answer.status,
        hint: "Try again in a minute",
      });
    }
    const shown = rateLimits(limits);
    if (hasRoom(shown)) await deps.catalogue?.noteLimit(undefined);
    return shown;
  }
}

function hasRoom({ primary, secondary }: RateLimits): boolean {
  return [primary, secondary].every((window) => (window?.usedPercent ?? 0) < 100);
}
