/** `codex refresh`. */
import { describeAccount } from "../../auth/account.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { openContext } from "../context.ts";
import type { SourceFlags } from "../place.ts";
import { goodUntil } from "../sign_in_text.ts";

/** The options of `codex refresh`. */
export interface RefreshFlags extends SourceFlags {
  /** Renews a good token too. */
  readonly force?: boolean;
}

/** Gets a new access token when it is due, or always. */
export async function refresh(cli: Cli, flags: RefreshFlags & GlobalFlags): Promise<void> {
  const { session, store, profile } = openContext(cli, flags);
  const { credentials, renewed } = await session.refresh({
    force: flags.force ?? false,
    signal: cli.signal,
  });
  const now = cli.clock.now();
  const account = await describeAccount(credentials, now, store.renewable ?? true);
  if (flags.json) {
    const record = { type: "account", profile, ...account, renewed };
    await cli.stdout.write(`${JSON.stringify(record)}\n`);
  } else if (!flags.quiet) {
    const good = goodUntil(account.expiresAt, now);
    cli.stderr.line(renewed ? `Renewed: ${good}.` : `Not due: ${good}. See --force.`);
  }
}
