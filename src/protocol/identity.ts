/** Who we say we are: ourselves. */
import { VERSION } from "../base/version.ts";

/** The value of the `originator` header and parameter; `CODEX_ORIGINATOR` replaces it. */
export const ORIGINATOR = "codex_deno";

/**
 * The version that the model query names. It is a constant of the protocol and not our own: with
 * an unknown one such as `0.1.0` the backend listed no models at all (reported), and each model
 * appears from its own minimum on. `CODEX_CLIENT_VERSION` replaces it.
 */
export const CLIENT_VERSION = "0.169.0";

/** What a `User-Agent` names besides the program. */
export interface Machine {
  /** The operating system, such as `linux`. */
  readonly os: string;
  /** The processor, such as `x86_64`. */
  readonly arch: string;
}

/**
 * The `User-Agent` of every request.
 *
 * @param machine What it runs on.
 * @param originator The program's name.
 * @returns Such as `codex_deno/0.1.0 (linux; x86_64)`.
 */
export function userAgent(machine: Machine, originator: string = ORIGINATOR): string {
  return `${originator}/${VERSION} (${machine.os}; ${machine.arch})`;
}

/**
 * Whether a text can be the value of `originator`: visible ASCII without a blank, as it also
 * stands in the `User-Agent`.
 */
export function isOriginator(text: string): boolean {
  return /^[\x21-\x7e]{1,64}$/.test(text);
}
