/** Links that decide where a secret is, or what Git runs: a command that replaces one gains nothing. */
import assert from "node:assert/strict";
import { folderOf } from "../../../src/agent/sandbox/paths.ts";
import type { Sandbox } from "../../../src/agent/sandbox/sandbox.ts";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { placeFor } from "./escape_world.ts";
import { run, sandboxIn } from "./support.ts";

const SECRET = "stand-in-of-a-secret";

/** A sandbox in a folder of the home folder, and what it warns of. */
function sandboxBeside(dir: TempDir, workspace: string) {
  const warnings: string[] = [];
  const make = (): Sandbox =>
    sandboxIn(dir.join(workspace), {}, {
      host: { environment: { PATH: Deno.env.get("PATH") ?? "", HOME: dir.path }, cwd: "/" },
      onWarning: (message) => warnings.push(message),
    });
  return { make, warnings };
}

/** A link in the home folder, with another link on its way: `from -> dots/more/link -> real`. */
async function chain(dir: TempDir, from: string, file: string): Promise<void> {
  await dir.write(`dots/real${file}`, `${SECRET}\n`);
  await dir.write("dots/more/file", "");
  await Deno.mkdir(folderOf(dir.join(from)), { recursive: true });
  await Deno.symlink("../real", dir.join("dots/more/link"));
  await Deno.symlink(dir.join("dots/more/link"), dir.join(from));
}

for (
  const [from, file] of [[".ssh", "/id"], [".config/gh", "/hosts.yml"], [".netrc", ""]] as const
) {
  testWith(["bwrap"], `createSandbox() keeps the links on the way to ~/${from}`, async () => {
    await using dir = await TempDir.make();
    await chain(dir, from, file);
    const { make, warnings } = sandboxBeside(dir, "dots");
    const first = await run(make(), "rm more/link; mv more other; ln -s x more/link; echo done");
    assert.match(first.output, /Read-only.*busy.*(exists|Read-only).*done\n$/s);
    assert.equal(await Deno.readLink(dir.join("dots/more/link")), "../real");
    // Another sandbox, as of another run of the tool.
    const { output } = await run(make(), `cat real${file}; mkdir x && rmdir x && echo done`);
    assert.ok(!output.includes(SECRET) && output.endsWith("done\n"), output);
    assert.deepEqual(
      new Set(warnings),
      new Set([
        `"${
          dir.join("dots/more/link")
        }" is a symbolic link, which could be replaced: commands can ` +
        `only read "${dir.join("dots/more")}"`,
      ]),
    );
  });

  testWith(
    ["bwrap"],
    `createSandbox() refuses a link at the top on the way to ~/${from}`,
    async () => {
      await using dir = await TempDir.make();
      await dir.write(`dots/real${file}`, SECRET);
      await Deno.symlink("real", dir.join("dots/link"));
      await Deno.mkdir(folderOf(dir.join(from)), { recursive: true });
      await Deno.symlink(dir.join("dots/link"), dir.join(from));
      const { make } = sandboxBeside(dir, "dots");
      await assert.rejects(run(make(), "rm link"), {
        name: "SandboxError",
        message: `"${dir.join("dots/link")}" is a symbolic link, which cannot be kept from being ` +
          "replaced; use the read-only sandbox, or put what it leads to in its place",
      });
      assert.equal(await Deno.readLink(dir.join("dots/link")), "real");
    },
  );
}

testWith(
  ["bwrap"],
  "createSandbox() refuses a link to a secret at the top of a home folder",
  async () => {
    await using dir = await TempDir.make();
    await dir.write("dots/ssh/id", SECRET);
    await Deno.symlink("dots/ssh", dir.join(".ssh"));
    const home = sandboxIn(dir.path, {}, { host: { environment: { HOME: dir.path }, cwd: "/" } });
    await assert.rejects(run(home, "rm .ssh"), /\.ssh" is a symbolic link, which cannot be kept/);
  },
);

testWith(["bwrap"], "createSandbox() keeps a folder that a link passes by", async () => {
  await using dir = await TempDir.make();
  await dir.write("dots/real/id", SECRET);
  await dir.write("dots/by/file", "");
  await Deno.symlink("dots/by/../real", dir.join(".ssh"));
  const { make } = sandboxBeside(dir, "dots");
  const { output } = await run(make(), "mv by other; rm -r by; ls real; true");
  assert.match(output, /busy.*Read-only/s);
  assert.deepEqual(await dir.list("dots"), ["by", "real"]);
});

testWith(["bwrap"], "createSandbox() hides for its life what it has hidden once", async () => {
  await using dir = await TempDir.make();
  await dir.write("work/keys/id", SECRET);
  await Deno.symlink("work/keys", dir.join(".ssh"));
  const { make } = sandboxBeside(dir, "work");
  const sandbox = make();
  assert.ok(!(await run(sandbox, "cat keys/id; true")).output.includes(SECRET));
  // By somebody outside, as the user's own program does it.
  await Deno.remove(dir.join(".ssh"));
  assert.ok(!(await run(sandbox, "cat keys/id; true")).output.includes(SECRET));
  assert.ok((await run(make(), "cat keys/id")).output.includes(SECRET));
});

testWith(
  ["bwrap"],
  "createSandbox() protects .git also where the work lies in a hidden folder",
  async () => {
    await using dir = await TempDir.make(await placeFor());
    await dir.write(".codex/auth.json", SECRET);
    await dir.write(".codex/worktrees/x/.git/config", "as it was\n");
    const { make } = sandboxBeside(dir, ".codex/worktrees/x");
    const { output } = await run(make(), "echo x >>.git/config; cat ../../auth.json; echo y >new");
    assert.match(output, /Read-only/);
    assert.ok(!output.includes(SECRET));
    assert.deepEqual(await dir.list(".codex/worktrees/x"), [".git", "new"]);
    assert.equal(await dir.read(".codex/worktrees/x/.git/config"), "as it was\n");
  },
);

/** A repository in a folder below whose `.git` file names a link, maybe by way of `commondir`. */
async function linkedGit(dir: TempDir, place: string, common: boolean): Promise<void> {
  for (const name of ["evil", "good"]) await dir.write(`gits/${name}/config`, `${name}\n`);
  await dir.write(`${place}/file`, "");
  await Deno.symlink(dir.join("gits/good"), dir.join(place, "L"));
  await dir.write("tree/.git", `gitdir: ${common ? "own" : dir.join(place, "L")}\n`);
  if (common) await dir.write("tree/own/commondir", `${dir.join(place, "L")}\n`);
}

for (const common of [false, true]) {
  const by = common ? "commondir" : "gitdir";
  testWith(["bwrap"], `createSandbox() keeps a link that ${by} names`, async () => {
    await using dir = await TempDir.make();
    await linkedGit(dir, "sub", common);
    const { output } = await run(
      sandboxIn(dir.path),
      "ln -sfn ../gits/evil sub/L; mv sub other; echo x >>sub/L/config; echo y >new",
    );
    assert.match(output, /Read-only.*busy.*Read-only/s);
    assert.equal(await Deno.readLink(dir.join("sub/L")), dir.join("gits/good"));
    assert.equal(await dir.read("gits/good/config"), "good\n");
    assert.equal(await dir.read("new"), "y\n");
  });

  testWith(["bwrap"], `createSandbox() refuses a link at the top that ${by} names`, async () => {
    await using dir = await TempDir.make();
    await linkedGit(dir, ".", common);
    await assert.rejects(run(sandboxIn(dir.path), "rm L"), /L" is a symbolic link, which cannot/);
  });
}

testWith(["bwrap"], "createSandbox() keeps the links that a .git leads over", async () => {
  await using dir = await TempDir.make();
  for (const name of ["evil", "good"]) await dir.write(`gits/${name}/config`, "");
  await Deno.mkdir(dir.join("sub"));
  await Deno.symlink("good", dir.join("gits/now"));
  await Deno.symlink("../gits/now", dir.join("sub/.git"));
  const { output } = await run(sandboxIn(dir.path), "ln -sfn evil gits/now; true");
  assert.match(output, /Read-only/);
  assert.equal(await Deno.readLink(dir.join("gits/now")), "good");
});
