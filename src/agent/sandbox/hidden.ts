/**
 * What commands cannot read: sign-ins of this tool and of others, keys, and what a caller names.
 *
 * Folders are hidden, not files, wherever there is a choice: a mount over a file is lost as soon
 * as somebody renames a new file over it, which is how this tool saves a sign-in.
 */
import type { Environment } from "./environment.ts";
import { lookAt, mayExist, realPathOf } from "./files.ts";
import { wayOf } from "./links.ts";
import { folderOf, inFolder, isInOne, isWithin, nameOf, plainPath } from "./paths.ts";
import { SandboxError } from "./sandbox.ts";

/** In the home folder. */
const HOME_FOLDERS = [
  ...".codex .claude .gemini .cursor .continue .codeium .copilot .qwen .factory .windsurf".split(
    " ",
  ),
  ...".ssh .gnupg .password-store .aws .azure .oci .kube .docker .terraform.d .fly".split(" "),
  ...".railway .pulumi .supabase .cloudflared .kaggle .huggingface .snowsql .dbt".split(" "),
  // Settings of pip and NuGet; what they have downloaded is elsewhere.
  ...".pip .nuget/NuGet .mozilla .thunderbird .mutt".split(" "),
];
const HOME_FILES = [
  ...".claude.json .git-credentials .netrc _netrc .authinfo .authinfo.gpg .vault-token".split(" "),
  ...".npmrc .yarnrc .yarnrc.yml .bunfig.toml .pypirc .gem/credentials .m2/settings.xml".split(" "),
  ...".gradle/gradle.properties .composer/auth.json .cargo/credentials".split(" "),
  ...".cargo/credentials.toml .cache/huggingface/token .cache/huggingface/stored_tokens".split(" "),
  ...".dockercfg .s3cfg .boto .terraformrc .rclone.conf .sentryclirc .databrickscfg".split(" "),
  ...".pgpass .my.cnf .mylogin.cnf .smbcredentials .msmtprc .fetchmailrc".split(" "),
  // People type secrets.
  ...".bash_history .zsh_history .python_history .node_repl_history .psql_history".split(" "),
  ...".mysql_history .sqlite_history .rediscli_history .lesshst".split(" "),
];
/** Where users' data is: `XDG_DATA_HOME`, and where it is without that. */
const DATA_FOLDERS = "codex opencode amp crush keyrings kwalletd uv/credentials com.vercel.cli"
  .split(" ");
const DATA_FILES = ["fish/fish_history"];
/** Where users' settings are: `XDG_CONFIG_HOME`, and where they are without that. */
const CONFIG_FOLDERS = [
  ..."gcloud gh glab-cli hub github-copilot op opencode rclone sops age 1Password".split(" "),
  ..."cursor Cursor Code goose io.datasette.llm pip NuGet doctl hcloud heroku stripe".split(" "),
  ..."netlify .wrangler ngrok google-chrome chromium BraveSoftware microsoft-edge".split(" "),
  "vivaldi",
];
const CONFIG_FILES = ["git/credentials", "containers/auth.json", "composer/auth.json"];
/** Variables that name such a place. */
const FOLDERS_NAMED_BY =
  "CODEX_HOME GNUPGHOME DOCKER_CONFIG CLOUDSDK_CONFIG GH_CONFIG_DIR AZURE_CONFIG_DIR CLAUDE_CONFIG_DIR"
    .split(" ");
const NAMED_BY = [
  ..."AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE KUBECONFIG NETRC PGPASSFILE BOTO_CONFIG".split(
    " ",
  ),
  ..."HISTFILE PIP_CONFIG_FILE TF_CLI_CONFIG_FILE SOPS_AGE_KEY_FILE".split(" "),
  // Sockets of the session.
  "XDG_RUNTIME_DIR",
  ..."NPM_CONFIG_USERCONFIG npm_config_userconfig GOOGLE_APPLICATION_CREDENTIALS".split(" "),
];
/** Variables that name a folder with such files among others. */
const FILES_BELOW: Readonly<Record<string, readonly string[]>> = {
  CARGO_HOME: ["credentials", "credentials.toml"],
  COMPOSER_HOME: ["auth.json"],
  GRADLE_USER_HOME: ["gradle.properties"],
  HF_HOME: ["token", "stored_tokens"],
};
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

/** What is to be hidden, and what must not change so that it stays so. */
export interface FoundHidden extends HiddenPaths {
  /** The links on the ways to it, where they truly are. */
  readonly links: readonly string[];
  /** Folders that such a way enters and leaves again. */
  readonly left: readonly string[];
  /** Folders that we may not go through, so that nobody knows what of it is in them. */
  readonly closed: readonly string[];
}

/** Where the sandbox lets commands look. */
export interface View {
  /** The folders of the work: real paths. */
  readonly roots: readonly string[];
  /** Folders that are shown in the emptied ones, beside the roots. */
  readonly shown?: readonly string[];
  /** Folders that are empty in the sandbox but for these. */
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
  return [
    ...secretFolders(environment),
    ...places(environment, HOME_FILES, DATA_FILES, CONFIG_FILES),
    ...Object.entries(FILES_BELOW).flatMap(([name, files]) => {
      const folder = environment[name];
      return isAbsolute(folder) ? files.map((file) => inFolder(folder, file)) : [];
    }),
    // One of them is a list.
    ...NAMED_BY.flatMap((name) => environment[name]?.split(":") ?? []).filter(isAbsolute)
      .map(plainPath),
  ];
}

/** Those of them that are folders. */
function secretFolders(environment: Environment): readonly string[] {
  return [
    ...places(environment, HOME_FOLDERS, DATA_FOLDERS, CONFIG_FOLDERS),
    ...FOLDERS_NAMED_BY.map((name) => environment[name]).filter(isAbsolute).map(plainPath),
  ];
}

function places(
  environment: Environment,
  inHome: readonly string[],
  inData: readonly string[],
  inConfig: readonly string[],
): readonly string[] {
  const home = homeOf(environment);
  const below = (folders: readonly (string | undefined)[], names: readonly string[]) =>
    folders.filter(isAbsolute).map(plainPath).flatMap((folder) =>
      names.map((name) => folder === "/" ? `/${name}` : `${folder}/${name}`)
    );
  const { XDG_DATA_HOME, XDG_CONFIG_HOME } = environment;
  return [
    ...below([home], inHome),
    ...below([XDG_DATA_HOME, home && `${home}/.local/share`], inData),
    ...below([XDG_CONFIG_HOME, home && `${home}/.config`], inConfig),
  ];
}

/**
 * The folders of usual secrets that commands could make or find in folders that they may write to:
 * whoever makes `~/.ssh` decides who signs in. One whose parent is not there is not among them.
 *
 * @param environment The environment of this process.
 * @param writable The folders that commands may write to.
 */
export function secretFoldersIn(
  environment: Environment,
  writable: readonly string[],
): readonly string[] {
  if (writable.length === 0) return [];
  const wanted = secretFolders(environment);
  const parents = new Map<string, string>();
  for (const folder of mayExist([...new Set(wanted.map(folderOf))])) {
    const real = realPathOf(folder);
    // What lies in a writable folder, and is not one itself, is in a folder that lies in it, too.
    if (real !== undefined && isInOne(real, writable)) parents.set(folder, real);
  }
  if (parents.size === 0) return [];
  return wanted.flatMap((path) => {
    const parent = parents.get(folderOf(path));
    const real = parent === undefined ? undefined : inFolder(parent, nameOf(path));
    return real === undefined || writable.includes(real) ? [] : [real];
  });
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
): FoundHidden {
  const signIn = namedSignInFolder(environment, cwd);
  const wanted = [
    ...(signIn === undefined ? [] : [signIn]),
    ...mayExist(usualSecrets(environment)),
    ...view.hidden,
  ];
  const named = homeOf(environment);
  const home = named === undefined ? undefined : realPathOf(named);
  const found = new Set<string>();
  const links = new Set<string>();
  const left = new Set<string>();
  const closed = new Set<string>();
  for (const path of wanted) {
    // The platform lets nobody look there without every permission, and the sandbox has its own.
    if (isInOne(path, ["/dev", "/proc", "/sys"])) continue;
    const real = realPathOf(path);
    const way = real === path ? undefined : wayOf(path);
    if (real === undefined) {
      if (way?.closed === undefined) continue;
      closed.add(way.closed);
    } else {
      if (!isVisible(real, view)) continue;
      refuseNeeded(real, view, home);
      found.add(real);
    }
    for (const link of way?.links ?? []) links.add(link);
    for (const folder of way?.left ?? []) left.add(folder);
  }
  const folders: string[] = [];
  const files: string[] = [];
  for (const path of found) {
    if (isCovered(path, [...found], view.roots)) continue;
    (lookAt(path)?.isDirectory ? folders : files).push(path);
  }
  return { folders, files, links: [...links], left: [...left], closed: [...closed] };
}

/** Whether a path is hidden with a folder above it, in which no root brings it back. */
function isCovered(path: string, hidden: readonly string[], roots: readonly string[]): boolean {
  return hidden.some((above) =>
    above !== path && isWithin(path, above) &&
    !roots.some((root) => isWithin(root, above) && isWithin(path, root))
  );
}

/** Whether commands would see what is at a real path. */
function isVisible(real: string, view: View): boolean {
  return isInOne(real, [...view.roots, ...view.shown ?? []]) || !isInOne(real, view.emptied);
}

/** Throws where commands cannot do without what is to be hidden. */
function refuseNeeded(real: string, view: View, home: string | undefined): void {
  const needed = [...NEEDED, ...view.roots, ...(home === undefined ? [] : [home])];
  if (needed.includes(real) || (home !== undefined && isWithin(home, real))) {
    throw new SandboxError(
      `"${real}" holds a sign-in or is to be hidden, and commands cannot do without it; ` +
        "put the secret into a folder of its own, such as ~/.local/share/codex",
    );
  }
}

/** The home folder, where the environment names one. */
export function homeOf(environment: Environment): string | undefined {
  const home = environment["HOME"];
  return isAbsolute(home) && plainPath(home) !== "/" ? plainPath(home) : undefined;
}

function isAbsolute(path: string | undefined): path is string {
  return path !== undefined && path.startsWith("/");
}
