/** `codex refresh`. */
import { describeAccount } from "../../auth/account.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { openContext } from "../context.ts";
import type { SourceFlags } from "../place.ts";
import { formatWhen } from "../time.ts";

/** The options of `codex refresh`. */
export interface RefreshFlags extends SourceFlags {
  /** Renews a good token too. */
  readonly force?: boolean;
}

/** Gets a new access token when it is due, or always. */
export async function refresh(cli: Cli, flags: RefreshFlags & GlobalFlags): Promise<void> {
  const { session, store } = openContext(cli, flags);
  const { credentials, renewed } = await session.refresh({
    force: flags.force ?? false,
    signal: cli.signal,
  });
  const now = cli.clock.now();
  if (flags.json) {
    const account = await describeAccount(credentials, now, store.renewable ?? true);
    await cli.stdout.write(`${JSON.stringify({ renewed, ...account })}\n`);
  } else if (!flags.quiet) {
    const until = formatWhen(credentials.expires, now);
    cli.stderr.line(
      renewed ? `Renewed: good until ${until}.` : `Not due: good until ${until}. See --force.`,
    );
  }
}
