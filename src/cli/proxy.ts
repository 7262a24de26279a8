/** The proxy that requests go through, as far as the environment tells. */
import { isCodexError } from "../base/errors.ts";
import { hostOf } from "../base/http.ts";
import type { Env } from "../base/platform.ts";
import { withNote } from "./error_note.ts";

/** The variables that Deno heeds, with their small spellings. */
const VARIABLES = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * Names the proxy in the hint of a connection that failed: a stale variable is a common cause, and
 * the message can only name the host that was wanted.
 *
 * @param error What ended the command.
 * @param env Reads the environment.
 * @returns The error, or one like it with a longer hint. A proxy's user and password stay out.
 */
export function withProxyHint(error: unknown, env: Env): unknown {
  const name = VARIABLES.find((variable) => env(variable) !== undefined);
  if (name === undefined || !isCodexError(error, "network")) return error;
  return withNote(
    error,
    `requests go through the proxy ${hostOf(env(name) ?? "")} (${name})`,
  );
}
