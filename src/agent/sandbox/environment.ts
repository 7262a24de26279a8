/**
 * Which variables reach a command, inside a sandbox and outside of one.
 *
 * A list of what may, not of what may not: nobody knows the names of all tokens. What may is what
 * people's tools need to be found and to speak, and none of it holds a secret by its purpose.
 */

/** The variables of a process, by name. */
export type Environment = Readonly<Record<string, string>>;

/** Who and where, language, terminal. */
const GENERAL = [
  ..."PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TZDIR TMPDIR CI".split(" "),
  // Not all that begins with LC_: ssh hands on whatever a user puts there.
  ..."LC_ALL LC_ADDRESS LC_COLLATE LC_CTYPE LC_IDENTIFICATION LC_MEASUREMENT".split(" "),
  ..."LC_MESSAGES LC_MONETARY LC_NAME LC_NUMERIC LC_PAPER LC_TELEPHONE LC_TIME".split(" "),
  ..."TERM COLORTERM NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE COLUMNS LINES".split(" "),
  ..."EDITOR VISUAL PAGER LOCALE_ARCHIVE SOURCE_DATE_EPOCH".split(" "),
];

/** Where languages and their tools are. `NODE_OPTIONS` is not here: it loads code and opens ports. */
const TOOLS = [
  ..."JAVA_HOME JDK_HOME MAVEN_HOME GRADLE_HOME ANDROID_HOME DOTNET_ROOT".split(" "),
  ..."GOROOT GOPATH GOBIN GOMODCACHE GOFLAGS GOTOOLCHAIN GO111MODULE CGO_ENABLED".split(" "),
  ..."CARGO_HOME RUSTUP_HOME RUSTUP_TOOLCHAIN RUST_BACKTRACE".split(" "),
  ..."NVM_DIR NVM_BIN VOLTA_HOME FNM_DIR ASDF_DIR ASDF_DATA_DIR MISE_DATA_DIR".split(" "),
  ..."PNPM_HOME BUN_INSTALL COREPACK_HOME PLAYWRIGHT_BROWSERS_PATH".split(" "),
  ..."NODE_ENV NODE_PATH NODE_EXTRA_CA_CERTS NODE_NO_WARNINGS".split(" "),
  ..."DENO_DIR DENO_INSTALL DENO_NO_UPDATE_CHECK DENO_NO_PROMPT DENO_JOBS".split(" "),
  ..."VIRTUAL_ENV PYENV_ROOT PYENV_VERSION CONDA_PREFIX CONDA_DEFAULT_ENV".split(" "),
  ..."PYTHONPATH PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE PYTHONIOENCODING".split(" "),
  ..."RBENV_ROOT RBENV_VERSION GEM_HOME GEM_PATH".split(" "),
  ..."CC CXX CFLAGS CXXFLAGS LDFLAGS MAKEFLAGS PKG_CONFIG_PATH".split(" "),
  ..."SSL_CERT_FILE SSL_CERT_DIR NIX_SSL_CERT_FILE NIX_PATH NIX_PROFILES".split(" "),
];

const PROXIES = "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY".split(" ")
  .flatMap((name) => [name, name.toLowerCase()]);

/** Without these, Windows starts little. */
const WINDOWS = [
  ..."SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT TEMP TMP USERPROFILE USERNAME".split(" "),
  ..."APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES PROGRAMFILES(X86)".split(" "),
  ..."NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE".split(" "),
];

/** The names that may pass; on Windows any spelling of one. */
const ALLOWED: ReadonlySet<string> = new Set([...GENERAL, ...TOOLS, ...PROXIES]);
const ALLOWED_ON_WINDOWS: ReadonlySet<string> = new Set([...ALLOWED, ...WINDOWS]);

/**
 * What of an environment reaches a command.
 *
 * @param environment All of it.
 * @param os The operating system, in Deno's names.
 */
export function allowedEnvironment(environment: Environment, os: string): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name, value]) =>
      mayPass(name, os) && !hasPassword(value) && !value.includes("\0")
    ),
  );
}

function mayPass(name: string, os: string): boolean {
  if (os === "windows") return ALLOWED_ON_WINDOWS.has(name.toUpperCase());
  return ALLOWED.has(name);
}

/** Whether a value holds an address with a user's name or password in it, as a proxy's may. */
function hasPassword(value: string): boolean {
  return /:\/\/[^/\s]*@/.test(value) || /^[^/\s:]+:[^/\s@]+@/.test(value);
}
