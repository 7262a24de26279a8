import assert from "node:assert/strict";
import { platformSpawn, type Spawn } from "../../../src/agent/sandbox/bubblewrap_run.ts";
import type { SandboxOptions } from "../../../src/agent/sandbox/create_sandbox.ts";
import type { Confinement } from "../../../src/agent/sandbox/sandbox.ts";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { run, sandboxIn } from "./support.ts";

/** A bubblewrap that does what a shell script says before it does the rest. */
async function withBubblewrap(
  dir: TempDir,
  script: string,
  options: SandboxOptions = {},
): Promise<{ confinement: Confinement; log: string }> {
  const program = await dir.write(
    "bin/bwrap",
    `#!/bin/sh\necho "$*" >>'${dir.join("log")}'\n${script}\nexec /usr/bin/env bwrap "$@"\n`,
    0o755,
  );
  await dir.write("log", "");
  await Deno.mkdir(dir.join("work"), { recursive: true });
  const sandbox = sandboxIn(dir.join("work"), {}, { places: [program], ...options });
  return { confinement: await sandbox.confinement(), log: await dir.read("log") };
}

const when = (pattern: string, then: string) => `case " $* " in ${pattern}) ${then} ;; esac`;
const fails = (text: string) => `echo "bwrap: ${text}" >&2; exit 1`;

Deno.test("probeBubblewrap() names the package where bubblewrap is missing", async () => {
  await using dir = await TempDir.make();
  const sandbox = sandboxIn(dir.path, {}, {
    places: [],
    host: { environment: { PATH: "/nowhere:relative" }, cwd: "/" },
  });
  const { mechanism, missing, hint } = await sandbox.confinement();
  assert.equal(mechanism, "none");
  assert.match(missing ?? "", /bubblewrap is not installed/);
  assert.match(hint ?? "", /bubblewrap$/);
  await assert.rejects(run(sandbox, "true"), {
    name: "SandboxError",
    message: /not installed.*; /,
  });
});

testWith(["bwrap"], "probeBubblewrap() looks once, and at nothing but the first way", async () => {
  await using dir = await TempDir.make();
  const { confinement, log } = await withBubblewrap(dir, "");
  assert.deepEqual(confinement, { mechanism: "bubblewrap" });
  assert.equal(log.trim().split("\n").length, 1);
});

testWith(["bwrap"], "probeBubblewrap() does without options that an old one lacks", async () => {
  await using dir = await TempDir.make();
  const old = when("*' --disable-userns '*|*' --size '*", fails("Unknown option --disable-userns"));
  const help = when(
    "*' --help '*",
    "echo --die-with-parent --new-session --cap-drop --json-status-fd --remount-ro --seccomp; exit 0",
  );
  const { confinement } = await withBubblewrap(dir, `${help}\n${old}`);
  assert.deepEqual(confinement, { mechanism: "bubblewrap" });
});

Deno.test("probeBubblewrap() refuses one that is too old", async () => {
  await using dir = await TempDir.make();
  const script = `${when("*' --help '*", "echo --bind; exit 0")}\n${fails("Unknown option --x")}`;
  const { mechanism, missing } = (await withBubblewrap(dir, script)).confinement;
  assert.equal(mechanism, "none");
  assert.match(missing ?? "", /too old: it does not know --die-with-parent/);
});

testWith(["bwrap"], "probeBubblewrap() takes the machine's /proc where it must", async () => {
  await using dir = await TempDir.make();
  const masked = when("*' --proc '*", fails("Can't mount proc on /newroot/proc: not permitted"));
  const { confinement, log } = await withBubblewrap(dir, masked);
  assert.deepEqual(confinement, { mechanism: "bubblewrap" });
  assert.equal(log.trim().split("\n").length, 2);
});

testWith(["bwrap"], "probeBubblewrap() lets only root do without a user namespace", async () => {
  await using dir = await TempDir.make();
  const off = when("*' --unshare-user '*", fails("Creating new namespace failed: No space left"));
  const user = await withBubblewrap(dir, off, { root: false });
  assert.equal(user.confinement.mechanism, "none");
  assert.match(user.confinement.missing ?? "", /user namespaces/);
  assert.match(user.confinement.hint ?? "", /sysctl|container/);
  if (Deno.uid() !== 0) return;
  const root = await withBubblewrap(dir, off, { root: true });
  assert.deepEqual(root.confinement, { mechanism: "bubblewrap" });
  assert.match(root.log.trim().split("\n").at(-1) ?? "", /--cap-drop ALL/);
});

Deno.test("probeBubblewrap() repeats what else is complained of", async () => {
  await using dir = await TempDir.make();
  const { confinement } = await withBubblewrap(dir, fails("strange"));
  assert.match(confinement.missing ?? "", /does not work here: .*strange/);
});

Deno.test("probeBubblewrap() never takes a program of the workspace", async () => {
  await using dir = await TempDir.make();
  const ran = dir.join("ran");
  await dir.write("bin/bwrap", `#!/bin/sh\n: >'${ran}'\n`, 0o755);
  const spawned: string[] = [];
  const spawn: Spawn = (program, options) => {
    spawned.push(program, ...options.args ?? []);
    return platformSpawn(program, options);
  };
  const environment = { PATH: `${dir.join("bin")}:.` };
  const sandbox = sandboxIn(dir.path, {}, {
    places: [],
    host: { environment, cwd: dir.path },
    spawn,
  });
  assert.equal((await sandbox.confinement()).mechanism, "none");
  assert.deepEqual(spawned, []);
});
