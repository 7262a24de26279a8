import assert from "node:assert/strict";
import {
  browserCommands,
  type Command,
  type Desktop,
  detectDesktop,
  displayLikely,
  openBrowser,
  thisDesktop,
} from "../../src/cli/open_browser.ts";
import { TempDir } from "../support/temp_dir.ts";

const PAGE = new URL("https://auth.openai.com/oauth/authorize?a=1&b=%24(touch%20x)");

function desktop(
  variables: Readonly<Record<string, string>>,
  rest: Partial<Omit<Desktop, "env">> = {},
): Desktop {
  return { os: "linux", wsl: false, container: false, ...rest, env: (name) => variables[name] };
}

/** The programs with their arguments, each as one list. */
const lines = (commands: readonly Command[]) =>
  commands.map(({ program, args }) => [program, ...args]);

const commands = (where: Desktop) => lines(browserCommands(PAGE, where));

Deno.test("browserCommands() asks xdg-open where Linux has a display", () => {
  for (const name of ["DISPLAY", "WAYLAND_DISPLAY"]) {
    assert.deepEqual(commands(desktop({ [name]: ":0" })), [["xdg-open", PAGE.href]]);
  }
  assert.deepEqual(commands(desktop({ DISPLAY: ":0" }, { os: "freebsd" })), [
    ["xdg-open", PAGE.href],
  ]);
});

Deno.test("browserCommands() starts no text browser where Linux has no display", () => {
  assert.deepEqual(commands(desktop({})), []);
});

Deno.test("browserCommands() asks open on macOS", () => {
  assert.deepEqual(commands(desktop({}, { os: "darwin" })), [["open", PAGE.href]]);
});

Deno.test("browserCommands() asks the file handler on Windows, and no shell", () => {
  const windows = { os: "windows" };
  assert.deepEqual(commands(desktop({ SystemRoot: "C:\\Windows" }, windows)), [
    ["C:\\Windows\\System32\\rundll32.exe", "url.dll,FileProtocolHandler", PAGE.href],
  ]);
  assert.deepEqual(commands(desktop({}, windows)), [
    ["rundll32.exe", "url.dll,FileProtocolHandler", PAGE.href],
  ]);
});

Deno.test("browserCommands() asks the Windows side of WSL", () => {
  const handler = ["url.dll,FileProtocolHandler", PAGE.href];
  const expected = [
    ["wslview", PAGE.href],
    ["rundll32.exe", ...handler],
    ["/mnt/c/Windows/System32/rundll32.exe", ...handler],
  ];
  assert.deepEqual(commands(desktop({}, { wsl: true })), expected);
  assert.deepEqual(commands(desktop({ DISPLAY: ":0" }, { wsl: true })), [
    ...expected,
    ["xdg-open", PAGE.href],
  ]);
});

Deno.test("browserCommands() tries what BROWSER names first, in its order", () => {
  const browser = (value: string, rest?: Partial<Omit<Desktop, "env">>) =>
    commands(desktop({ BROWSER: value }, rest));
  assert.deepEqual(browser("firefox"), [["firefox", PAGE.href]]);
  assert.deepEqual(browser("firefox --new-tab:: chromium "), [
    ["firefox", "--new-tab", PAGE.href],
    ["chromium", PAGE.href],
  ]);
  assert.deepEqual(browser("firefox", { os: "darwin" }), [
    ["firefox", PAGE.href],
    ["open", PAGE.href],
  ]);
});

Deno.test("browserCommands() puts the address where BROWSER wants it", () => {
  const first = (value: string) => commands(desktop({ BROWSER: value }))[0];
  assert.deepEqual(first("tool --url=%s --wait"), ["tool", `--url=${PAGE.href}`, "--wait"]);
  assert.deepEqual(first("tool 100%% %s"), ["tool", "100%", PAGE.href]);
  assert.deepEqual(first("tool %%s"), ["tool", "%s", PAGE.href]);
});

Deno.test("browserCommands() reads quotes in BROWSER, and paths with a drive on Windows", () => {
  assert.deepEqual(
    commands(desktop({ BROWSER: `"/opt/My Browser/run" 'two words' a" b"` }))[0],
    ["/opt/My Browser/run", "two words", "a b", PAGE.href],
  );
  assert.deepEqual(
    commands(desktop({ BROWSER: `"C:\\Program Files\\b.exe" -x;other` }, { os: "windows" }))
      .slice(0, 2),
    [["C:\\Program Files\\b.exe", "-x", PAGE.href], ["other", PAGE.href]],
  );
});

Deno.test("browserCommands() gives the address as one argument, whatever it holds", () => {
  const url = new URL(`https://auth.openai.com/?x=%s&y=';reboot;"&z=$(id)`);
  for (const [, ...args] of lines(browserCommands(url, desktop({ BROWSER: "tool %s" })))) {
    assert.deepEqual(args, [url.href]);
  }
});

Deno.test("browserCommands() opens nothing for BROWSER=none", () => {
  assert.deepEqual(commands(desktop({ BROWSER: "none", DISPLAY: ":0" })), []);
  assert.deepEqual(commands(desktop({ BROWSER: "none" }, { os: "darwin" })), []);
});

Deno.test("browserCommands() opens web addresses only", () => {
  for (const url of ["file:///etc/passwd", "javascript:alert(1)", "ms-settings:network"]) {
    assert.deepEqual(browserCommands(new URL(url), desktop({ DISPLAY: ":0" })), [], url);
  }
});

Deno.test("openBrowser() goes on to the next program when one is missing", () => {
  const tried: string[] = [];
  const started = openBrowser(PAGE, desktop({ BROWSER: "gone:here:unneeded" }), ({ program }) => {
    tried.push(program);
    if (program === "gone") throw new Deno.errors.NotFound("gone");
  });
  assert.equal(started, true);
  assert.deepEqual(tried, ["gone", "here"]);
});

Deno.test("openBrowser() never throws", () => {
  const where = desktop({ DISPLAY: ":0" });
  for (const error of [new Deno.errors.NotFound(), new Deno.errors.NotCapable(), "anything"]) {
    const launch = () => {
      throw error;
    };
    assert.equal(openBrowser(PAGE, where, launch), false);
  }
  assert.equal(openBrowser(PAGE, desktop({}), () => assert.fail("launched")), false);
});

// Waits for leave to go on, so that it is still there when the program that started it has ended.
// The fifth field of `stat` is the process group: its own number when it is apart from the terminal.
const BROWSER_SCRIPT = `#!/bin/sh
cd "$(dirname "$0")" || exit
tries=0
while [ ! -e leave ] && [ $tries -lt 300 ]; do sleep 0.01; tries=$((tries + 1)); done
[ -e leave ] || exit
if [ -e /proc/$$/stat ]; then read -r _ _ _ _ group _ </proc/$$/stat; else group=$$; fi
[ "$group" = $$ ] && echo apart >part
printf '%s\\n' "$#" "$@" >>part
mv part told
`;

Deno.test({
  name: "openBrowser() starts a program of its own that outlives this one",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using dir = await TempDir.make();
    const browser = await dir.write("browser.sh", BROWSER_SCRIPT, 0o755);
    const module = new URL("../../src/cli/open_browser.ts", import.meta.url);
    const main = await dir.write(
      "main.ts",
      `import { openBrowser } from ${JSON.stringify(module.href)};
      console.log(openBrowser(new URL(${JSON.stringify(PAGE.href)})));`,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "-A", "--no-lock", main],
      env: { BROWSER: `${dir.join("missing")}:${browser} --new`, NO_COLOR: "1" },
      stdin: "null",
    }).output();
    assert.equal(new TextDecoder().decode(stdout), "true\n");
    await dir.write("leave", "");
    const until = Date.now() + 10_000;
    while (!(await dir.list()).includes("told")) {
      assert.ok(Date.now() < until, "the browser ended with the program that started it");
      await new Promise((done) => setTimeout(done, 5));
    }
    assert.equal(await dir.read("told"), `apart\n2\n--new\n${PAGE.href}\n`);
  },
});

Deno.test("displayLikely() is true on a desktop", () => {
  for (const os of ["windows", "darwin"]) assert.equal(displayLikely(desktop({}, { os })), true);
  assert.equal(displayLikely(desktop({ DISPLAY: ":0" })), true);
  assert.equal(displayLikely(desktop({ WAYLAND_DISPLAY: "wayland-0" })), true);
  assert.equal(displayLikely(desktop({}, { wsl: true })), true);
});

Deno.test("displayLikely() is false over SSH, forwarded display or not", () => {
  for (const name of ["SSH_CONNECTION", "SSH_TTY"]) {
    for (const os of ["linux", "darwin", "windows"]) {
      assert.equal(displayLikely(desktop({ [name]: "x", DISPLAY: ":10" }, { os })), false);
    }
    assert.equal(displayLikely(desktop({ [name]: "x" }, { wsl: true })), false);
  }
});

Deno.test("displayLikely() is false in a container and without a display", () => {
  assert.equal(displayLikely(desktop({ DISPLAY: ":0" }, { container: true })), false);
  assert.equal(displayLikely(desktop({})), false);
  assert.equal(displayLikely(desktop({}, { os: "freebsd" })), false);
});

/** What is found out of these files and variables. */
function detected(
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
  os = "linux",
) {
  const { wsl, container } = detectDesktop(os, (name) => variables[name], (path) => files[path]);
  return { wsl, container };
}

const WSL_KERNEL = "Linux version 5.15.153.1-microsoft-standard-WSL2 (root@host)";

Deno.test("detectDesktop() knows WSL by its variable or its kernel", () => {
  const wsl = { wsl: true, container: false };
  assert.deepEqual(detected({}, { WSL_DISTRO_NAME: "Debian" }), wsl);
  assert.deepEqual(detected({ "/proc/version": WSL_KERNEL }), wsl);
  assert.deepEqual(detected({ "/proc/version": "Linux version 6.1.0-18-amd64" }), {
    wsl: false,
    container: false,
  });
});

Deno.test("detectDesktop() knows a container by its files or its variables", () => {
  for (const file of ["/.dockerenv", "/run/.containerenv"]) {
    assert.deepEqual(detected({ [file]: "" }), { wsl: false, container: true }, file);
  }
  for (
    const name of ["container", "KUBERNETES_SERVICE_HOST", "REMOTE_CONTAINERS", "CODESPACES"]
  ) {
    assert.deepEqual(detected({}, { [name]: "x" }), { wsl: false, container: true }, name);
  }
});

Deno.test("detectDesktop() looks for neither outside Linux", () => {
  const files = { "/.dockerenv": "", "/proc/version": WSL_KERNEL };
  for (const os of ["darwin", "windows"]) {
    assert.deepEqual(detected(files, { WSL_DISTRO_NAME: "x", container: "x" }, os), {
      wsl: false,
      container: false,
    });
  }
});

Deno.test("thisDesktop() is that of this machine", () => {
  assert.equal(thisDesktop().os, Deno.build.os);
});
