/**
 * Opens an address in the user's browser, where there is one. The address is an argument of its
 * own to a program and never goes through a shell: it holds `&`, and comes in part from elsewhere.
 */
import { CONTAINER_FILES, type Env, machine, processEnv } from "../base/platform.ts";

/** What decides how a browser is opened; a test gives its own. */
export interface Desktop {
  /** The operating system, in Deno's names. */
  readonly os: string;
  /** Reads an environment variable. */
  readonly env: Env;
  /** Linux inside Windows: the browser is on the Windows side. */
  readonly wsl: boolean;
  /** Inside a container: the browser is outside, and so is the loopback that it can reach. */
  readonly container: boolean;
}

/** A program with its arguments. */
export interface Command {
  /** Its name or path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
}

/** Starts a program and does not wait for it; throws when it cannot be started. */
export type Launch = (command: Command) => void;

/** The desktop of this process. */
export function thisDesktop(): Desktop {
  return detectDesktop(machine().os, processEnv, readFile);
}

/**
 * Finds out what kind of desktop this is.
 *
 * @param os The operating system, in Deno's names.
 * @param env Reads an environment variable.
 * @param read Reads a file; `undefined` when there is none.
 */
export function detectDesktop(
  os: string,
  env: Env,
  read: (path: string) => string | undefined,
): Desktop {
  if (os !== "linux") return { os, env, wsl: false, container: false };
  const wsl = env("WSL_DISTRO_NAME") !== undefined ||
    /microsoft/i.test(read("/proc/version") ?? "");
  // The marks of systemd, LXC and Podman, of Kubernetes, of two editors' containers, of Docker.
  const container = CONTAINER_VARIABLES.some((name) => env(name) !== undefined) ||
    CONTAINER_FILES.some((path) => read(path) !== undefined);
  return { os, env, wsl, container };
}

const CONTAINER_VARIABLES = [
  "container",
  "KUBERNETES_SERVICE_HOST",
  "REMOTE_CONTAINERS",
  "CODESPACES",
];

/**
 * Opens an address.
 *
 * @param url The address; only http and https are opened.
 * @param desktop Where.
 * @param launch Starts a program.
 * @returns Whether a program was started; whether a page came up cannot be known. Never throws.
 */
export function openBrowser(
  url: URL,
  desktop: Desktop = thisDesktop(),
  launch: Launch = launchDetached,
): boolean {
  return browserCommands(url, desktop).some((command) => {
    try {
      launch(command);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The programs to try, in this order.
 *
 * @param url The address to open.
 * @param desktop Where.
 * @returns None when there is no browser to be expected, or `BROWSER` is `none`.
 */
export function browserCommands(url: URL, desktop: Desktop): readonly Command[] {
  const { os, env, wsl } = desktop;
  if (!/^https?:$/.test(url.protocol)) return [];
  const wanted = env("BROWSER");
  if (wanted === "none") return [];
  const chosen = wanted === undefined ? [] : fromVariable(wanted, url.href, os);
  if (os === "windows") return [...chosen, fileHandler(system32(env), url)];
  if (os === "darwin") return [...chosen, { program: "open", args: [url.href] }];
  const windows = wsl
    ? [
      { program: "wslview", args: [url.href] },
      fileHandler("", url),
      fileHandler("/mnt/c/Windows/System32/", url),
    ]
    : [];
  // Without a display xdg-open would start a text browser, on a terminal that is not its own.
  const display = hasDisplay(env) ? [{ program: "xdg-open", args: [url.href] }] : [];
  return [...chosen, ...windows, ...display];
}

/**
 * Whether somebody is likely to see a browser that is started here. Where not, signing in with a
 * code on another device is the better proposal.
 *
 * @param desktop Where.
 * @returns `false` over SSH, in a container, and on Linux and its like without a display.
 */
export function displayLikely(desktop: Desktop = thisDesktop()): boolean {
  const { os, env, wsl, container } = desktop;
  if (env("SSH_CONNECTION") !== undefined || env("SSH_TTY") !== undefined) return false;
  if (container) return false;
  return os === "windows" || os === "darwin" || wsl || hasDisplay(env);
}

function hasDisplay(env: Env): boolean {
  return env("DISPLAY") !== undefined || env("WAYLAND_DISPLAY") !== undefined;
}

function system32(env: Env): string {
  const root = env("SystemRoot");
  return root === undefined ? "" : `${root}\\System32\\`;
}

function fileHandler(folder: string, url: URL): Command {
  return { program: `${folder}rundll32.exe`, args: ["url.dll,FileProtocolHandler", url.href] };
}

/**
 * Reads `BROWSER`: commands to try one after the other, between colons (semicolons on Windows,
 * whose paths have colons). `%s` is where the address goes, and without one it goes to the end;
 * `%%` is a percent sign. Words may stand in quotes.
 */
function fromVariable(value: string, url: string, os: string): Command[] {
  return value.split(os === "windows" ? ";" : ":").flatMap((entry) => {
    const [program, ...rest] = words(entry);
    if (program === undefined) return [];
    const args = rest.map((word) => word.replace(/%[s%]/g, (mark) => mark === "%s" ? url : "%"));
    const placed = rest.some((word) => word.replaceAll("%%", "").includes("%s"));
    return [{ program, args: placed ? args : [...args, url] }];
  });
}

function words(text: string): string[] {
  const parts = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return parts.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

/** Apart from our terminal, so that Ctrl-C here does not end a browser that was just started. */
function launchDetached({ program, args }: Command): void {
  new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn().unref();
}

function readFile(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
