/**
 * Places for the caches of people's tools, in the sandbox's own temporary folder: the home folder
 * cannot be written to there. They are gone with the command.
 *
 * What tools have downloaded before is public code: it is shown read-only at the place where the
 * tool looks for it, or left where it is when the tool takes a folder that it cannot write to.
 * Tried without a network: Deno, npm, pip, pytest and cargo. Go was not tried.
 */
import type { Environment } from "./environment.ts";
import { isFolder, lookAt, mayExist, realPathOf } from "./files.ts";
import { homeOf } from "./hidden.ts";
import { plainPath } from "./paths.ts";
import type { SandboxMode } from "./sandbox.ts";

/** Where caches go for one command. */
export interface CachePlan {
  /** Variables to be set. */
  readonly environment: Environment;
  /** Empty folders to be made in the temporary folder. */
  readonly folders: readonly string[];
  /** Folders of the user's that are shown in them, read-only: from where, to where. */
  readonly shown: readonly (readonly [from: string, to: string])[];
}

/** What decides where caches go. */
export interface CacheWorld {
  /** The environment of this process. */
  readonly environment: Environment;
  /** The sandbox's temporary folder; none when the work is done in all of them. */
  readonly temp: string | undefined;
  /** Read-only workspaces cannot take what tools leave there. */
  readonly mode: SandboxMode;
  /** With a network, tools download, and want to write where their downloads are. */
  readonly network: boolean;
}

/** Plans the caches of one command. */
export function planCaches({ environment, temp, mode, network }: CacheWorld): CachePlan {
  if (temp === undefined) return { environment: {}, folders: [], shown: [] };
  const base = `${temp}/.cache`;
  return {
    environment: {
      TMPDIR: temp,
      XDG_CACHE_HOME: base,
      DENO_DIR: `${base}/deno`,
      npm_config_cache: `${base}/npm`,
      npm_config_update_notifier: "false",
      YARN_CACHE_FOLDER: `${base}/yarn`,
      PIP_CACHE_DIR: `${base}/pip`,
      UV_CACHE_DIR: `${base}/uv`,
      GOCACHE: `${base}/go-build`,
      // Python takes byte code for current by the second and the size (3.13): a file that is patched
      // within the second in which it was compiled would be run as it was before.
      PYTHONDONTWRITEBYTECODE: "1",
      ...stays(environment),
      ...(mode === "read-only"
        ? {
          CARGO_TARGET_DIR: `${base}/cargo-target`,
          PYTEST_ADDOPTS: `-o cache_dir=${base}/pytest`,
        }
        : {}),
    },
    folders: [base],
    shown: network ? [] : downloads(environment, base),
  };
}

/** What tools have downloaded, and where it is shown. */
function downloads(environment: Environment, base: string): CachePlan["shown"] {
  const deno = userCache(environment, "DENO_DIR", "deno");
  const npm = environment["npm_config_cache"] || at(homeOf(environment), ".npm");
  const places = [
    [at(deno, "npm"), `${base}/deno/npm`],
    [at(deno, "remote"), `${base}/deno/remote`],
    [at(npm, "_cacache"), `${base}/npm/_cacache`],
  ] as const;
  const there = mayBe(environment, places.map(([from]) => from));
  return places.flatMap(([from, to]) => {
    const real = from !== undefined && there.includes(from) ? realPathOf(from) : undefined;
    return real !== undefined && lookAt(real)?.isDirectory === true ? [[real, to] as const] : [];
  });
}

/** Of some folders, those that may be there: a look at the home folder tells of most that they are not. */
function mayBe(
  environment: Environment,
  paths: readonly (string | undefined)[],
): readonly string[] {
  const isSure = (path: string | undefined) => path?.startsWith("/") === true;
  const named = paths.filter((path) => path !== undefined);
  const there = mayExist([cachesOf(environment) ?? "", ...named].filter(isSure).map(plainPath));
  return named.filter((path) => !isSure(path) || there.includes(plainPath(path)));
}

function at(folder: string | undefined, name: string): string | undefined {
  return folder && `${folder}/${name}`;
}

/** Programs that their owners keep among caches, and modules: found where they are. */
function stays(environment: Environment): Environment {
  const found: Record<string, string> = {};
  const places = [
    ["COREPACK_HOME", userCache(environment, "COREPACK_HOME", "node/corepack")],
    [
      "PLAYWRIGHT_BROWSERS_PATH",
      userCache(environment, "PLAYWRIGHT_BROWSERS_PATH", "ms-playwright"),
    ],
  ] as const;
  const there = mayBe(environment, places.map(([, path]) => path));
  for (const [name, path] of places) {
    if (path !== undefined && there.includes(path) && isFolder(path)) found[name] = path;
  }
  return found;
}

/** A tool's cache: where its variable says, else below the user's caches. */
function userCache(environment: Environment, variable: string, name: string): string | undefined {
  const named = environment[variable];
  return named || at(cachesOf(environment), name);
}

function cachesOf(environment: Environment): string | undefined {
  return environment["XDG_CACHE_HOME"] || at(homeOf(environment), ".cache");
}
