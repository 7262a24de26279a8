/** The environment of what is measured. */

/**
 * Nothing of this machine's user, but for the packages that Deno has fetched. The cache of compiled
 * code is one of its own: that of somebody who develops has a hundred megabytes, and to look
 * something up in it takes a millisecond longer.
 *
 * @param home The folder that stands for the user's own.
 */
export function measuredEnv(home: string): Readonly<Record<string, string>> {
  const cache = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  Deno.mkdirSync(`${home}/deno`, { recursive: true });
  Deno.symlinkSync(`${cache}/npm`, `${home}/deno/npm`);
  return {
    HOME: home,
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    TERM: "dumb",
    TZ: "UTC",
    NO_COLOR: "1",
    DENO_DIR: `${home}/deno`,
    DENO_NO_UPDATE_CHECK: "1",
  };
}
