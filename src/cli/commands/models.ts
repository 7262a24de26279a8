/** `codex models`. */
import { defaultModel } from "../../models/catalogue.ts";
import type { Model } from "../../models/model.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { openContext } from "../context.ts";
import type { SourceFlags } from "../place.ts";
import { table } from "../table.ts";

/** The options of `codex models`. */
export interface ModelsFlags extends SourceFlags {
  /** Those too that are not meant to be shown. */
  readonly all?: boolean;
  /** Asks whatever is cached. */
  readonly refresh?: boolean;
}

/** Lists what the account may use. */
export async function models(cli: Cli, flags: ModelsFlags & GlobalFlags): Promise<void> {
  const { catalogue, session } = openContext(cli, flags);
  const { kind } = await session.authorize({ signal: cli.signal });
  const all = await catalogue.list({
    refresh: flags.refresh,
    // Who asks the account wants its answer, and no other list in the place of a refusal.
    fallback: !flags.refresh,
    signal: cli.signal,
  });
  const shown = flags.all ? all : all.filter((model) => model.listed);
  // A run with a key has to name its model, so none of them is the default.
  const first = kind === "api" ? undefined : defaultModel(all)?.slug;
  await cli.stdout.write(
    flags.json
      ? shown.map((model) => `${JSON.stringify({ ...model, default: model.slug === first })}\n`)
        .join("")
      : table(shown.map((model) => row(model, first))),
  );
}

function row(model: Model, first: string | undefined): readonly string[] {
  return [
    model.slug,
    model.slug === first ? "default" : "",
    model.efforts.map((effort) => effort === model.defaultEffort ? `[${effort}]` : effort)
      .join(" "),
    model.contextWindow === undefined ? "" : `${Math.round(model.contextWindow / 1000)}k tokens`,
  ];
}
