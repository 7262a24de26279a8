import assert from "node:assert/strict";
import { type MakeSandboxOptions, sandbox } from "../../../src/agent/sandbox/make_sandbox.ts";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { run } from "./support.ts";

Deno.test("sandbox() takes paths and addresses, and little is allowed unless it is said", async () => {
  await using dir = await TempDir.make();
  await dir.write("work/file", "");
  await Deno.symlink("work", dir.join("link"));
  const { policy } = sandbox({
    workspace: dir.join("link"),
    writable: [new URL(`file://${dir.path}`)],
    hidden: [dir.join("x", "..", "key")],
  });
  assert.deepEqual(policy, {
    mode: "workspace-write",
    workspace: dir.join("work"),
    writable: [dir.path],
    network: false,
    hidden: [dir.join("key")],
  });
});

Deno.test("sandbox() refuses what it does not know, and what is not what it has to be", async () => {
  await using dir = await TempDir.make();
  await dir.write("file", "");
  const workspace = dir.path;
  const WRONG: readonly (readonly [options: unknown, message: RegExp])[] = [
    [null, /^options has to be an object, and is null$/],
    [workspace, /^options has to be an object, and is other text$/],
    [{ worksapce: workspace }, /^options\.worksapce is not known here$/],
    [{ workspace, mod: "read-only" }, /^options\.mod is not known here$/],
    [{ workspace, mode: "readonly" }, /^options\.mode has to be one of "read-only", /],
    [{ workspace, mode: null }, /^options\.mode has to be one of/],
    [{ workspace, network: "false" }, /^options\.network has to be true or false/],
    [{ workspace, network: 0 }, /^options\.network has to be true or false/],
    [{ workspace, hidden: "keys" }, /^options\.hidden has to be a list/],
    [{ workspace, hidden: [""] }, /^options\.hidden\[0\] has to be a path/],
    [{ workspace, writable: workspace }, /^options\.writable has to be a list/],
    [{ workspace, writable: [dir.join("no")] }, /^options\.writable\[0\] is not there: "/],
    [{ workspace: dir.join("no") }, /^options\.workspace is not there: "/],
    [{ workspace: dir.join("file") }, /^options\.workspace is no folder: "/],
    [{ workspace: new URL("https://example.test/") }, /^options\.workspace has to be a path/],
    [{ workspace, onWarning: "x" }, /^options\.onWarning has to be a function/],
  ];
  for (const [options, message] of WRONG) {
    assert.throws(() => sandbox(options as MakeSandboxOptions), { code: "invalid_usage", message });
  }
});

Deno.test("sandbox() names the option that was meant", () => {
  const options = { worksapce: "/" } as MakeSandboxOptions;
  assert.throws(() => sandbox(options), { hint: /nearest that there is: options\.workspace$/ });
});

Deno.test("sandbox() has a policy that cannot be changed", async () => {
  await using dir = await TempDir.make();
  const writable = [dir.path];
  const { policy } = sandbox({ workspace: dir.path, mode: "read-only", writable });
  writable.push("/");
  assert.throws(() => Object.assign(policy, { mode: "danger-full-access" }), TypeError);
  assert.throws(() => Array.prototype.push.call(policy.writable, "/"), TypeError);
  assert.equal(policy.mode, "read-only");
  assert.deepEqual(policy.writable, [dir.path]);
});

Deno.test("sandbox() refuses a command that is not what it has to be, before it runs", async () => {
  await using dir = await TempDir.make();
  const made = sandbox({ workspace: dir.path, mode: "danger-full-access" });
  const right = { command: "touch made", cwd: dir.path, timeoutMs: 10_000 };
  const WRONG: readonly (readonly [command: object, message: RegExp])[] = [
    [{ command: undefined }, /^command\.command has to be text/],
    [{ command: "a\0b" }, /^command\.command has to be text without NUL/],
    [{ cwd: "." }, /^command\.cwd has to be an absolute path/],
    [{ cwd: undefined }, /^command\.cwd has to be an absolute path, and is missing$/],
    [{ timeoutMs: undefined }, /^command\.timeoutMs has to be a number of milliseconds/],
    [{ timeoutMs: NaN }, /^command\.timeoutMs has to be/],
    [{ timeoutMs: 0 }, /^command\.timeoutMs has to be/],
    [{ timeout: 5 }, /^command\.timeout is not known here$/],
    [{ unconfined: "false" }, /^command\.unconfined has to be true or false/],
  ];
  for (const [wrong, message] of WRONG) {
    const command = { ...right, ...wrong };
    await assert.rejects(made.run(command), { code: "invalid_usage", message });
  }
  await assert.rejects(Deno.lstat(dir.join("made")), Deno.errors.NotFound);
});

testWith(["bwrap"], "sandbox() runs commands, taken apart too", async () => {
  await using dir = await TempDir.make();
  const made = sandbox({ workspace: dir.path, mode: "read-only" });
  const { run: runIt, confinement } = made;
  assert.equal((await confinement()).mechanism, "bubblewrap");
  const { exitCode } = await runIt({ command: "exit 4", cwd: dir.path, timeoutMs: 10_000 });
  assert.equal(exitCode, 4);
  assert.match((await run(made, "touch x")).output, /Read-only/);
});
