import assert from "node:assert/strict";
import { checkInstallation } from "../../../src/cli/doctor/installation.ts";
import { TempDir } from "../../support/temp_dir.ts";

/** Looks at a path on which programs called codex are. */
async function check(files: Readonly<Record<string, string>>, program = "/usr/bin/deno") {
  await using dir = await TempDir.make();
  for (const [name, text] of Object.entries(files)) await dir.write(name, text, 0o755);
  const findings = await checkInstallation({
    env: () => `${dir.join("first")}:relative:${dir.join("second")}`,
    os: "linux",
    self: { program, main: "/opt/x/cli.ts" },
    realPath: (path) => Deno.realPath(path).catch(() => undefined),
  });
  return findings.map(({ severity, text }) => `${severity} ${text.replace(dir.path, "")}`);
}

Deno.test("checkInstallation() says what this process is", async () => {
  assert.deepEqual(await check({}), ["ok run by deno from /opt/x/cli.ts"]);
  assert.deepEqual(await check({}, "/home/me/bin/codex"), [
    "ok the compiled command, /home/me/bin/codex",
  ]);
});

Deno.test("checkInstallation() names each other codex of the path, the one that is meant first", async () => {
  assert.deepEqual(
    await check({ "first/codex": "x", "second/codex": "y", "relative/codex": "z" }),
    [
      "ok run by deno from /opt/x/cli.ts",
      'note "codex" on the PATH is another program: /first/codex',
      'note one more "codex" is at /second/codex',
    ],
  );
});

Deno.test("checkInstallation() knows the official client behind a link", async () => {
  await using dir = await TempDir.make();
  const real = await dir.write(
    "lib/node_modules/@openai/codex/bin/codex.js",
    "#!/usr/bin/env node\n",
  );
  await Deno.mkdir(dir.join("bin"));
  await Deno.symlink(real, dir.join("bin/codex"));
  const [, official] = await checkInstallation({
    env: () => dir.join("bin"),
    os: "linux",
    self: { program: "/usr/bin/deno", main: "/opt/x/cli.ts" },
    realPath: (path) => Deno.realPath(path).catch(() => undefined),
  });
  assert.match(official?.text ?? "", /is the official client/);
  assert.match(official?.hint ?? "", /--name/);
});

Deno.test("checkInstallation() passes over itself, and over scripts that start it", async () => {
  await using dir = await TempDir.make();
  const self = await dir.write("bin/codex", "\x7fELF");
  await dir.write("shim/codex", "#!/bin/sh\nexec deno run -A 'jsr:@x/codex/cli' \"$@\"\n");
  await dir.write("global/codex", "#!/bin/sh\nexec deno run 'file:///opt/x/cli.ts' \"$@\"\n");
  const findings = await checkInstallation({
    env: () => ["bin", "shim", "global"].map((name) => dir.join(name)).join(":"),
    os: "linux",
    self: { program: self, main: "/opt/x/cli.ts" },
    realPath: (path) => Deno.realPath(path).catch(() => undefined),
  });
  assert.equal(findings.length, 1);
});
