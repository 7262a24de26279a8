/** The environment of what is measured. */

/**
 * Nothing of this machine's user, but for what Deno has fetched.
 *
 * @param home The folder that stands for the user's own.
 */
export function measuredEnv(home: string): Readonly<Record<string, string>> {
  return {
    HOME: home,
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    TERM: "dumb",
    TZ: "UTC",
    NO_COLOR: "1",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    DENO_NO_UPDATE_CHECK: "1",
  };
}
