/** The id under which the service knows a request. */
import { redact } from "../base/redact.ts";
import { REQUEST_ID_HEADERS } from "../protocol/headers.ts";

/**
 * The id under which the service knows a request.
 *
 * @param headers The headers of its answer.
 * @param secrets What must not appear, should an answer repeat what we sent.
 */
export function requestIdOf(
  headers: Headers,
  secrets: readonly string[] = [],
): string | undefined {
  for (const name of REQUEST_ID_HEADERS) {
    const id = headers.get(name)?.trim();
    if (id) return redact(id, secrets).slice(0, 200);
  }
  return undefined;
}
