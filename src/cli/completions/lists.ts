/**
 * The names that are completed and not known beforehand: models, efforts, profiles. They come from
 * this machine alone. Whoever presses the tab key waits, and wants no request made for it.
 */
import { fileStore } from "../../auth/store/file_store.ts";
import { authFilePath } from "../../auth/store/path.ts";
import { DEFAULT_PROFILE } from "../../auth/store/auth_file.ts";
import { machine } from "../../base/platform.ts";
import { cachedModels } from "../../models/cached_models.ts";
import { cacheFileBeside } from "../../models/cache_file.ts";
import { defaultModel } from "../../models/catalogue.ts";
import type { Model } from "../../models/model.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import type { ListName } from "./table.ts";

/**
 * A name that a shell can put into a line as it is. What a file says is not trusted to be one: a
 * name with a `$(…)` in it would be run with the line.
 */
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.:/-]*$/;

/**
 * Lists names.
 *
 * @param list Which ones.
 * @param words What stands on the command line so far: a profile, a file, a model.
 * @param cli The command's world.
 * @param flags Its own options, which the words come before.
 */
export async function namesOf(
  list: ListName,
  words: readonly string[],
  cli: Cli,
  flags: GlobalFlags,
): Promise<readonly string[]> {
  const { env, clock } = cli;
  const named = lastValue(words, ["--auth-file"]) ?? flags.authFile;
  const path = authFilePath({ authFile: inHome(named, cli), env, os: machine().os });
  if (list === "profiles") return plain(await fileStore({ path, clock, env }).profiles());
  const profile = lastValue(words, ["--profile"]) ?? flags.profile ?? env("CODEX_PROFILE") ??
    DEFAULT_PROFILE;
  const models = await cachedModels(cacheFileBeside(path), profile);
  if (list === "efforts") {
    return plain(effortsOf(models, lastValue(words, ["--model", "-m"]) ?? env("CODEX_MODEL")));
  }
  return plain(models.filter(({ listed }) => listed).map(({ slug }) => slug));
}

/** The efforts of the model that is meant; of all of them when it is none that is known. */
function effortsOf(models: readonly Model[], slug: string | undefined): readonly string[] {
  const meant = slug === undefined
    ? defaultModel(models)
    : models.find((model) => model.slug === slug);
  return meant === undefined ? models.flatMap(({ efforts }) => efforts) : meant.efforts;
}

function plain(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => PLAIN.test(name));
}

/** The value that an option has in words; bash gives `--model=x` as three of them. */
function lastValue(words: readonly string[], names: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => names.some((name) => isOption(word, name)));
  const word = words[at];
  if (word === undefined) return undefined;
  const sign = word.indexOf("=");
  const given = sign >= 0
    ? word.slice(sign + 1)
    : words[at + 1] === "="
    ? words[at + 2]
    : words[at + 1];
  return given || undefined;
}

function isOption(word: string, name: string): boolean {
  return word === name || word.startsWith(`${name}=`);
}

/** A shell hands the words on as they were typed, the tilde too. */
function inHome(path: string | undefined, { env }: Cli): string | undefined {
  return path?.replace(/^~(?=\/)/, env("HOME") ?? "~");
}
