import assert from "node:assert/strict";
import { hasModes, isHidden, machine, processEnv } from "../../src/base/platform.ts";
import { TempDir } from "../support/temp_dir.ts";

const PLATFORM = new URL("../../src/base/platform.ts", import.meta.url).href;

/** Runs a few lines in a process of their own, and gives what they write as JSON. */
async function inProcess(
  lines: readonly string[],
  options: { env?: Record<string, string>; permissions?: string[] } = {},
): Promise<unknown> {
  await using dir = await TempDir.make();
  const script = await dir.write("script.ts", lines.join("\n"));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-config", ...options.permissions ?? [], script],
    clearEnv: true,
    env: { NO_COLOR: "1", DENO_DIR: dir.join("deno"), ...options.env },
    stdin: "null",
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("processEnv() reads this process", () => {
  assert.equal(processEnv("PATH"), Deno.env.get("PATH"));
  assert.ok(processEnv("PATH"));
  assert.equal(processEnv("CODEX_TEST_SURELY_ABSENT"), undefined);
});

Deno.test("processEnv() takes an empty variable for an absent one", async () => {
  const seen = await inProcess([
    `import { processEnv } from "${PLATFORM}";`,
    `console.log(JSON.stringify([processEnv("FULL"), processEnv("EMPTY") ?? "absent"]));`,
  ], { env: { FULL: " x ", EMPTY: "" }, permissions: ["--allow-env"] });
  assert.deepEqual(seen, [" x ", "absent"]);
});

Deno.test({
  name: "processEnv() takes a variable that may not be read for an absent one",
  permissions: { env: ["PATH"] },
  fn() {
    assert.ok(processEnv("PATH"));
    assert.throws(() => Deno.env.get("HOME"), Deno.errors.NotCapable);
    assert.equal(processEnv("HOME"), undefined);
  },
});

Deno.test("processEnv() does not hide a name that no variable can have", () => {
  assert.throws(() => processEnv("a\0b"), TypeError);
});

Deno.test("machine() names the system in Deno's words", () => {
  assert.deepEqual(machine(), { os: Deno.build.os, arch: Deno.build.arch });
});

Deno.test("processEnv() and machine() do without Deno where there is none, as in Node", async () => {
  const seen = await inProcess([
    `const { log } = console;`,
    `Object.defineProperty(globalThis, "process", {`,
    `  value: { env: { FULL: "x", EMPTY: "" }, platform: "linux", arch: "x64" },`,
    `});`,
    `Reflect.deleteProperty(globalThis, "Deno");`,
    `const { machine, processEnv } = await import("${PLATFORM}");`,
    `log(JSON.stringify([processEnv("FULL"), processEnv("EMPTY") ?? "absent", machine()]));`,
    `Object.defineProperty(globalThis, "process", { value: undefined });`,
  ], { permissions: ["--allow-read"] });
  assert.deepEqual(seen, ["x", "absent", { os: "linux", arch: "x64" }]);
});

Deno.test("hasModes() is false on Windows alone", () => {
  assert.deepEqual(["linux", "darwin", "freebsd", "windows"].map(hasModes), [
    true,
    true,
    true,
    false,
  ]);
});

Deno.test("isHidden() tells a variable that may not be read from one that is not set", async () => {
  assert.equal(isHidden("PATH"), false);
  assert.equal(isHidden("CODEX_TEST_SURELY_ABSENT"), false);
  const seen = await inProcess([
    `import { isHidden } from "${PLATFORM}";`,
    `console.log(JSON.stringify([isHidden("ONE"), isHidden("OTHER")]));`,
  ], { env: { ONE: "x", OTHER: "x" }, permissions: ["--allow-env=ONE"] });
  assert.deepEqual(seen, [false, true]);
});
