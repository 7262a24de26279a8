/** What the runtime says about itself, in Deno and, as far as the library goes, in Node. */

import { CodexError } from "./errors.ts";

/** Reads an environment variable; empty ones and ones that may not be read count as absent. */
export type Env = (name: string) => string | undefined;

/** The environment of this process. */
export function processEnv(name: string): string | undefined {
  try {
    return readVariable(name) || undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "NotCapable") return undefined;
    throw error;
  }
}

function readVariable(name: string): string | undefined {
  if ("Deno" in globalThis) return Deno.env.get(name);
  const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
  return process?.env[name];
}

/** Whether a variable counts as absent because Deno does not let this process read it. */
export function isHidden(name: string): boolean {
  if (!("Deno" in globalThis)) return false;
  return Deno.permissions.querySync({ name: "env", variable: name }).state !== "granted";
}

/** The machine that this runs on, in Deno's names. */
export function machine(): { readonly os: string; readonly arch: string } {
  if ("Deno" in globalThis) return { os: Deno.build.os, arch: Deno.build.arch };
  const { process } = globalThis as { process?: { platform: string; arch: string } };
  return { os: process?.platform ?? "unknown", arch: process?.arch ?? "unknown" };
}

/**
 * Refuses what only Deno can do, before it fails with words that say nothing.
 *
 * @param what What needs it.
 * @param hint What to do without it.
 * @throws CodexError `invalid_usage`.
 */
export function needDeno(what: string, hint: string): void {
  if (!("Deno" in globalThis)) {
    throw new CodexError("invalid_usage", `${what} needs Deno`, { hint });
  }
}

/**
 * Whether the mode of a file says who may use it. Windows shows one that is made up of the read-only
 * mark, as if it were open to everybody; there the folder's access list decides.
 *
 * @param os The operating system, in Deno's names.
 */
export function hasModes(os: string = machine().os): boolean {
  return os !== "windows";
}

/** Files that Docker and Podman put into a container. */
export const CONTAINER_FILES: readonly string[] = ["/.dockerenv", "/run/.containerenv"];
