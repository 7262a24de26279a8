/** What a command leaves so that the next one's sandbox does not see it: seen, or read-only. */
import assert from "node:assert/strict";
import { PROTECTED_NAMES } from "../../../src/agent/sandbox/protected.ts";
import { type Program, testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { asUser, NOBODY, placeFor } from "./escape_world.ts";
import { run, sandboxIn } from "./support.ts";

const ALL = { recursive: true };

const root = Deno.uid() === 0;
const NEEDED: readonly Program[] = root ? ["bwrap", "setpriv"] : ["bwrap"];

/** Runs commands by turns, all of it as an ordinary user. */
async function turnsOf(
  workspace: string,
  ...commands: readonly string[]
): Promise<{ turns: readonly string[]; warnings: readonly string[] }> {
  const child = [Deno.execPath(), "run", "-A", "-q", "--no-check", "--no-lock"];
  const script = new URL("sandbox_turns.ts", import.meta.url).pathname;
  const line = [...root ? ["setpriv", ...asUser(NOBODY)] : [], ...child, script, workspace];
  const [program = "", ...args] = [...line, ...commands];
  await using cache = await TempDir.make();
  await Deno.chmod(cache.path, 0o777);
  const { stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { DENO_DIR: cache.path, HOME: cache.path },
    cwd: "/",
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  return JSON.parse(text);
}

/** A folder of that user's. */
async function foldersOf(...files: readonly string[]): Promise<TempDir> {
  const dir = await TempDir.make(await placeFor(root ? NOBODY : undefined));
  for (const file of files) await dir.write(file, "as it was\n");
  if (root) await new Deno.Command("chown", { args: ["-R", `${NOBODY}`, dir.path] }).output();
  return dir;
}

testWith(NEEDED, "createSandbox() withholds a folder that was made unreadable", async () => {
  await using dir = await foldersOf("vendor/lib/.git/config", "half/.git/config", "file");
  const { turns, warnings } = await turnsOf(
    dir.path,
    "chmod 300 vendor; chmod 400 half; echo done",
    "echo x >>vendor/lib/.git/config; chmod 700 vendor half; mv vendor other; echo y >>file; true",
    "cat file",
  );
  assert.equal(turns[0], "done\n");
  assert.match(turns[1] ?? "", /Read-only.*Read-only.*busy/s);
  assert.equal(turns[2], "as it was\ny\n");
  assert.equal(await dir.read("vendor/lib/.git/config"), "as it was\n");
  for (const name of ["vendor", "half"]) await Deno.chmod(dir.join(name), 0o700);
  assert.equal(warnings.length, 1, `${warnings}`);
  assert.match(warnings[0] ?? "", /vendor".* could not be searched.*can only read them$/);
});

testWith(NEEDED, "createSandbox() hides a file in a folder that was closed", async () => {
  for (const mode of ["400", "000"]) {
    await using dir = await foldersOf("home/.config/git/credentials", "home/.netrc", "file");
    const { turns, warnings } = await turnsOf(
      dir.path,
      `chmod ${mode} home/.config/git; echo done`,
      "chmod 700 home/.config/git; mv home/.config/git away; cat */.config/git/credentials away/*; true",
      "cat file home/.netrc",
    );
    assert.equal(turns[0], "done\n");
    assert.match(turns[1] ?? "", /^chmod: .*Read-only.*mv: .*denied.*cat: .*denied\n$/s);
    assert.equal(turns[2], "as it was\n");
    assert.match(warnings.join(), /git" could not be searched .*can only read it$/);
    await Deno.chmod(dir.join("home/.config/git"), 0o700);
    assert.equal(await dir.read("home/.config/git/credentials"), "as it was\n");
  }
});

testWith(NEEDED, "createSandbox() refuses commands when their home was closed", async () => {
  await using dir = await foldersOf("home/.netrc", "file");
  const { turns } = await turnsOf(
    dir.path,
    "chmod 400 home; echo done",
    "chmod 700 home; cat home/.netrc",
  );
  assert.equal(turns[0], "done\n");
  assert.match(turns[1] ?? "", /^SandboxError: "[^"]*home" cannot be written to/);
  await Deno.chmod(dir.join("home"), 0o700);
});

testWith(NEEDED, "createSandbox() refuses a workspace that cannot be read", async () => {
  await using dir = await foldersOf("file");
  const { turns, warnings } = await turnsOf(dir.path, "chmod 300 .; echo done", "echo x >file");
  assert.equal(turns[0], "done\n");
  const said = /^(SandboxError: )?"[^"]*" cannot be searched, so that nothing in it .*UTF-8$/;
  assert.match(turns[1] ?? "", said);
  assert.deepEqual(warnings.map((text) => said.test(text)), [true]);
  await Deno.chmod(dir.path, 0o700);
  assert.equal(await dir.read("file"), "as it was\n");
});

testWith(NEEDED, "createSandbox() refuses a workspace that its owner cannot write to", async () => {
  await using dir = await foldersOf("file");
  await Deno.chmod(dir.path, 0o555);
  const { turns } = await turnsOf(dir.path, "chmod 755 .; mkdir .codex");
  assert.match(turns[0] ?? "", /SandboxError: "[^"]*" cannot be written to.*read-only sandbox$/);
  await Deno.chmod(dir.path, 0o700);
  assert.deepEqual(await dir.list(), ["file"]);
});

testWith(
  NEEDED,
  "createSandbox() keeps names unmade when a command closes the workspace",
  async () => {
    await using dir = await foldersOf("file");
    const { turns } = await turnsOf(
      dir.path,
      "chmod 555 .; echo done",
      "chmod 755 .; mkdir .codex/x; rmdir .codex; mv .codex old; true",
    );
    assert.equal(turns[0], "done\n");
    assert.match(turns[1] ?? "", /Read-only.*busy.*busy/s);
    assert.deepEqual(await dir.list(), ["file"]);
  },
);

testWith(
  ["bwrap", "perl"],
  "createSandbox() survives a path that is too long to be named",
  async () => {
    await using dir = await TempDir.make();
    const warnings: string[] = [];
    const sandbox = sandboxIn(dir.path, {}, { onWarning: (message) => warnings.push(message) });
    const digs =
      `perl -e 'my $d = "d" x 200; for (1 .. 40) { mkdir($d); chdir($d) or die } mkdir(".git")'`;
    await run(sandbox, `mkdir -p deep/inner; cd deep/inner; ${digs}`);
    const { exitCode, output } = await run(sandbox, "echo x >file; cat file");
    assert.deepEqual({ exitCode, output }, { exitCode: 0, output: "x\n" });
    assert.equal(warnings.length, 1);
    assert.ok((warnings[0] ?? "").length < 400, warnings[0]);
    assert.match(warnings[0] ?? "", /could not be searched.*can only read it$/);
  },
);

testWith(["bwrap"], "createSandbox() keeps a .git that is a link, and says why", async () => {
  await using dir = await TempDir.make();
  await dir.write("gits/one/config", "as it was\n");
  await dir.write("gits/two/config", "as it was\n");
  await dir.write("sub/file", "");
  await Deno.symlink("../gits/one", dir.join("sub/.git"));
  const warnings: string[] = [];
  const sandbox = sandboxIn(dir.path, {}, { onWarning: (message) => warnings.push(message) });
  const { output } = await run(sandbox, "ln -sfn ../gits/two sub/.git; echo x >>sub/.git/config");
  assert.match(output, /Read-only.*Read-only/s);
  assert.equal(await Deno.readLink(dir.join("sub/.git")), "../gits/one");
  await run(sandbox, "true");
  assert.deepEqual(warnings, [
    `"${dir.join("sub/.git")}" is a symbolic link, which could be replaced: commands can only ` +
    `read "${dir.join("sub")}"`,
  ]);
});

testWith(["bwrap"], "createSandbox() tells of a new .git in a package", async () => {
  await using dir = await TempDir.make();
  await dir.write("node_modules/dep/index.js", "");
  const warnings: string[] = [];
  const sandbox = sandboxIn(dir.path, {}, { onWarning: (message) => warnings.push(message) });
  await run(sandbox, "mkdir node_modules/dep/.git");
  assert.deepEqual(warnings.map((text) => text.includes("node_modules/dep/.git")), [true]);
});

testWith(["bwrap"], "createSandbox() lets nobody make folders of secrets", async () => {
  await using dir = await TempDir.make();
  await dir.write("home/file", "");
  const { output } = await run(
    sandboxIn(dir.path),
    "mkdir ~/.ssh; echo k >~/.ssh/authorized_keys; rmdir ~/.aws; mv ~ other; echo x >~/file",
  );
  assert.match(output, /Read-only.*(busy|Read-only).*busy/s);
  assert.deepEqual(await dir.list("home"), ["file"]);
  assert.deepEqual(await dir.list(), ["home"]);
});

testWith(["bwrap"], "createSandbox() protects a few hundred names", async () => {
  await using dir = await TempDir.make();
  // More than that many names, in few folders, as each folder takes a mount, too.
  const long = "l".repeat(240);
  for (let index = 0; index < 70; index++) {
    const folder = `p/${index}${long}`;
    for (const name of PROTECTED_NAMES) Deno.mkdirSync(dir.join(folder, name, "x"), ALL);
  }
  const { output } = await run(
    sandboxIn(dir.path),
    "for f in p/*/.*/x; do echo x >>$f/y; done 2>&1 | grep -c Read-only; echo x >p/new",
  );
  assert.equal(output, "420\n");
});

testWith(
  ["bwrap", "git"],
  "createSandbox() shows git the repository of a work tree in /tmp",
  async () => {
    await using dir = await TempDir.make("/tmp");
    await dir.write("main/sub/file", "one\n");
    const git = async (...args: string[]) => {
      const { success } = await new Deno.Command("git", {
        args: ["-c", "user.name=x", "-c", "user.email=x@example.test", ...args],
        cwd: dir.join("main"),
        env: { HOME: dir.path },
        stdout: "null",
        stderr: "null",
      }).output();
      assert.ok(success, args.join(" "));
    };
    await git("init");
    await git("add", ".");
    await git("commit", "-m", "x");
    await git("worktree", "add", "-b", "other", "../other");
    const status = "git status --porcelain && echo well; touch ../new";
    const inSub = sandboxIn(dir.join("main/sub"), {}, { shown: [dir.join("main")] });
    assert.match((await run(inSub, status)).output, /^well\n.*Read-only/);
    assert.match((await run(sandboxIn(dir.join("other")), status)).output, /^well\n/);
    assert.deepEqual(await dir.list(), ["main", "other"]);
  },
);
