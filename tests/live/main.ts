/**
 * The live check: does the main job with a real sign-in at the real service, and settles with yes
 * or no what this project only knows from reports. It costs some thirty short answers.
 *
 *     codex login
 *     CODEX_LIVE=1 deno task live [--reuse]
 *
 * `--reuse` also sends a spent refresh token once more, which may end the sign-in.
 */
import { print } from "../../tools/process.ts";

async function main(args: readonly string[]): Promise<number> {
  if (Deno.env.get("CODEX_LIVE") !== "1") {
    print(
      "This asks the real service with your own sign-in, so it wants to be told: " +
        "run codex login, then CODEX_LIVE=1 deno task live.",
    );
    return 2;
  }
  const { liveCheck } = await import("./check.ts");
  return await liveCheck({ reuse: args.includes("--reuse"), print });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
