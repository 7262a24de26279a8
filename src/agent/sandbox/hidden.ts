/**
 * What commands cannot read: sign-ins of this tool and of others, keys, and what a caller names.
 *
 * Folders are hidden, not files, wherever there is a choice: a mount over a file is lost as soon
 * as somebody renames a new file over it, which is how this tool saves a sign-in.
 */
import type { Environment } from "./environment.ts";
import { lookAt, realPathOf } from "./files.ts";
import { folderOf, inFolder, isWithin, plainPath } from "./paths.ts";
import { SandboxError } from "./sandbox.ts";

/** In the home folder; folders and files. */
const IN_HOME = [
  ".codex",
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".password-store",
  ".netrc",
  ".npmrc",
  ".pypirc",
  ".git-credentials",
  ".cargo/credentials",
  ".cargo/credentials.toml",
];
/** Where users' data is: `XDG_DATA_HOME`, and where it is without that. */
const IN_DATA = ["codex", "opencode", "keyrings"];
/** Where users' settings are: `XDG_CONFIG_HOME`, and where they are without that. */
const IN_CONFIG = [
  "gcloud",
  "gh",
  "glab-cli",
  "hub",
  "op",
  "git/credentials",
  "containers/auth.json",
];
/** Variables that name such a place. */
const NAMED_BY = [
  ..."CODEX_HOME GNUPGHOME DOCKER_CONFIG CLOUDSDK_CONFIG GH_CONFIG_DIR AZURE_CONFIG_DIR".split(" "),
  ..."AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE KUBECONFIG NETRC".split(" "),
  // Sockets of the session.
  "XDG_RUNTIME_DIR",
  ..."NPM_CONFIG_USERCONFIG npm_config_userconfig GOOGLE_APPLICATION_CREDENTIALS".split(" "),
];
/** Folders that a command cannot do without, or that hold everything. */
const NEEDED = ["/", "/bin", "/dev", "/etc", "/home", "/lib", "/lib64", "/opt", "/proc", "/sbin"]
  .concat("/sys", "/usr", "/var", "/Users", "/Library", "/System", "/private");

/** What is to be hidden. Real paths that exist, none of them in another one. */
export interface HiddenPaths {
  /** Folders. */
  readonly folders: readonly string[];
  /** Files that have no folder of their own. */
  readonly files: readonly string[];
}

/** Where the sandbox lets commands look. */
export interface View {
  /** The folders of the work: real paths. */
  readonly roots: readonly string[];
  /** Folders that are empty in the sandbox but for the roots. */
  readonly emptied: readonly string[];
  /** What a caller hides. */
  readonly hidden: readonly string[];
}

/**
 * The usual places of secrets, whether they exist or not.
 *
 * @param environment The environment of this process.
 */
export function usualSecrets(environment: Environment): readonly string[] {
  const home = homeOf(environment);
  const below = (folders: readonly (string | undefined)[], names: readonly string[]) =>
    folders.filter(isAbsolute).flatMap((folder) => names.map((name) => inFolder(folder, name)));
  const { XDG_DATA_HOME, XDG_CONFIG_HOME } = environment;
  return [
    ...below([home], IN_HOME),
    ...below([XDG_DATA_HOME, home && `${home}/.local/share`], IN_DATA),
    ...below([XDG_CONFIG_HOME, home && `${home}/.config`], IN_CONFIG),
    // One of them is a list.
    ...NAMED_BY.flatMap((name) => environment[name]?.split(":") ?? []).filter(isAbsolute),
  ].map(plainPath);
}

/** The folder of the sign-in that the environment names, if it names one. */
export function namedSignInFolder(environment: Environment, cwd: string): string | undefined {
  const named = environment["CODEX_AUTH_FILE"];
  return named ? folderOf(inFolder(cwd, named)) : undefined;
}

/**
 * Finds what is to be hidden.
 *
 * @param environment The environment of this process.
 * @param cwd Where this process is, for a relative `CODEX_AUTH_FILE`.
 * @param view Where commands can look.
 * @throws SandboxError when a folder cannot be hidden because commands need it.
 */
export function findHidden(
  environment: Environment,
  cwd: string,
  view: View,
): HiddenPaths {
  const signIn = namedSignInFolder(environment, cwd);
  const wanted = [
    ...(signIn === undefined ? [] : [signIn]),
    ...usualSecrets(environment),
    ...view.hidden,
  ];
  const named = homeOf(environment);
  const home = named === undefined ? undefined : realPathOf(named);
  const found = new Set<string>();
  for (const path of wanted) {
    const real = visible(path, view, home);
    if (real !== undefined) found.add(real);
  }
  const folders: string[] = [];
  const files: string[] = [];
  for (const path of found) {
    if (isCovered(path, [...found], view.roots)) continue;
    (lookAt(path)?.isDirectory ? folders : files).push(path);
  }
  return { folders, files };
}

/** Whether a path is hidden with a folder above it, in which no root brings it back. */
function isCovered(path: string, hidden: readonly string[], roots: readonly string[]): boolean {
  return hidden.some((above) =>
    above !== path && isWithin(path, above) &&
    !roots.some((root) => isWithin(root, above) && isWithin(path, root))
  );
}

/** Where a path leads, if it is something that commands would see. */
function visible(
  path: string,
  view: View,
  home: string | undefined,
): string | undefined {
  // The platform lets nobody look there without every permission, and the sandbox has its own.
  if (["/dev", "/proc", "/sys"].some((own) => isWithin(path, own))) return undefined;
  const real = realPathOf(path);
  if (real === undefined) return undefined;
  const inRoot = view.roots.some((root) => isWithin(real, root));
  if (!inRoot && view.emptied.some((folder) => isWithin(real, folder))) return undefined;
  const needed = [...NEEDED, ...view.roots, ...(home === undefined ? [] : [home])];
  if (needed.includes(real) || (home !== undefined && isWithin(home, real))) {
    throw new SandboxError(
      `"${real}" holds a sign-in or is to be hidden, and commands cannot do without it; ` +
        "put the secret into a folder of its own, such as ~/.local/share/codex",
    );
  }
  return real;
}

/** The home folder, where the environment names one. */
export function homeOf(environment: Environment): string | undefined {
  const home = environment["HOME"];
  return isAbsolute(home) && plainPath(home) !== "/" ? plainPath(home) : undefined;
}

function isAbsolute(path: string | undefined): path is string {
  return path !== undefined && path.startsWith("/");
}
