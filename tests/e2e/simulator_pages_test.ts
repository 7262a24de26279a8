import assert from "node:assert/strict";
import { testOnPorts } from "../support/callback_ports.ts";
import { Chromium } from "../support/chromium.ts";
import { testWith } from "../support/need.ts";
import { runCli, type RunningCli, startCli } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

/** Its own folder lies in that of the test, which is gone in the end. */
async function startInteractive(dir: TempDir): Promise<RunningCli> {
  return await startCli(["simulator", "--interactive", "--json"], {
    home: dir.path,
    env: { TMPDIR: dir.path },
  });
}

/** What the simulator says first. */
async function addressesOf(cli: RunningCli): Promise<{
  readonly devicePage: string;
  readonly env: Readonly<Record<string, string>>;
}> {
  return JSON.parse(await cli.waitForStdout("}\n"));
}

testWith(["chromium"], "codex simulator --interactive waits for the device page", async () => {
  await using dir = await TempDir.make();
  await using cli = await startInteractive(dir);
  const { env, devicePage } = await addressesOf(cli);
  await using login = await startCli(["login", "--headless"], { home: dir.path, env });
  const code = /SIMU-\d+/.exec(await login.waitForStderr(/SIMU-\d+/))?.[0] ?? "";
  // Closed in the other order: the program ends when the browser was told to.
  await using ends = new AsyncDisposableStack();
  const browser = await Chromium.prepare();
  ends.use(open(browser, devicePage));
  ends.use(browser);
  const page = await browser.page();
  await page.waitForHeading("Sign in with a code");
  const type = (text: string) =>
    page.evaluate(`document.querySelector("input").value = ${JSON.stringify(text)};
      [...document.querySelectorAll("button")].find((one) => one.textContent === "Approve").click()`);
  // A wrong code is told, and can be mended on the spot.
  await type("SIMU-WRONG");
  assert.match(await page.waitForHeading("Unknown code"), /There is no code SIMU-WRONG/);
  await type(` ${code.toLowerCase()} `);
  await page.waitForHeading("Approved");
  assert.deepEqual(page.complaints.filter((text) => !/400|favicon/.test(text)), []);
  const { code: status, stderr } = await login.ended;
  assert.equal(status, 0, stderr);
  assert.match(stderr, /Signed in as ada@example\.com/);
});

testOnPorts(
  ["chromium"],
  "codex simulator --interactive waits for the authorize page",
  async () => {
    await using dir = await TempDir.make();
    await using cli = await startInteractive(dir);
    const { env } = await addressesOf(cli);
    await using browser = await Chromium.prepare();
    await using login = await startCli(["login", "--browser"], {
      home: dir.path,
      env: { ...env, BROWSER: browser.variable },
    });
    const page = await browser.page();
    assert.match(await page.waitForHeading("Sign in"), /No account is involved/);
    await page.click("Deny");
    const { code, stderr } = await login.ended;
    assert.equal(code, 3);
    assert.match(stderr, /denied/i);
    // The sign-in from before is still there.
    const { stdout } = await runCli(["status", "--json"], { home: dir.path, env });
    assert.equal(JSON.parse(stdout).email, "ada@example.com");
  },
);

/** Opens an address, as a person does; settled when the browser has been closed. */
function open(browser: Chromium, url: string): AsyncDisposable {
  const child = new Deno.Command(browser.variable, {
    args: [url],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return { [Symbol.asyncDispose]: async () => void await child.status };
}
