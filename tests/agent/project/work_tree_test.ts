import assert from "node:assert/strict";
import { defaultMode, findWorkTree, type UserFacts } from "../../../src/agent/project/work_tree.ts";
import { testWith } from "../../support/need.ts";
import { sparse } from "../../support/sparse.ts";
import { TempDir } from "../../support/temp_dir.ts";

const HEAD = "ref: refs/heads/main\n";
const ME: UserFacts = { home: "/nowhere/at/all" };

/** A folder with a repository in it, as far as anybody looks. */
async function repository(): Promise<TempDir> {
  const dir = await TempDir.make();
  await dir.write("p/.git/HEAD", HEAD);
  await dir.write("p/a/b/c.txt", "");
  return dir;
}

Deno.test("findWorkTree() finds the root from any folder below it", async () => {
  await using dir = await repository();
  for (const cwd of ["p", "p/a", "p/a/b", "p/a/../a/b"]) {
    const tree = await findWorkTree(dir.join(cwd), ME);
    assert.deepEqual(tree, { root: dir.join("p"), trusted: true, branch: "main" });
    assert.equal(defaultMode(tree), "workspace-write");
  }
});

Deno.test("findWorkTree() follows a link to the working directory", async () => {
  await using dir = await repository();
  await Deno.symlink(dir.join("p/a"), dir.join("link"));
  assert.equal((await findWorkTree(dir.join("link"), ME))?.root, dir.join("p"));
});

Deno.test("findWorkTree() takes the nearest one", async () => {
  await using dir = await repository();
  await dir.write("p/a/.git/HEAD", "ref: refs/heads/feat/x-1\n");
  const tree = await findWorkTree(dir.join("p/a/b"), ME);
  assert.deepEqual([tree?.root, tree?.branch], [dir.join("p/a"), "feat/x-1"]);
});

Deno.test("findWorkTree() passes over a .git without a HEAD, as git does", async () => {
  await using dir = await repository();
  await Deno.mkdir(dir.join("p/a/.git"));
  assert.equal((await findWorkTree(dir.join("p/a/b"), ME))?.root, dir.join("p"));
});

Deno.test("findWorkTree() finds nothing where there is nothing", async () => {
  await using dir = await TempDir.make();
  const tree = await findWorkTree(dir.path, ME);
  assert.equal(tree, undefined);
  assert.equal(defaultMode(tree), "read-only");
});

Deno.test("findWorkTree() trusts no .git of somebody else, nor where users have no numbers", async () => {
  await using dir = await repository();
  for (const uid of [4_000_000, null]) {
    const tree = await findWorkTree(dir.join("p"), { ...ME, uid });
    assert.equal(tree?.trusted, false);
    assert.match(tree?.why ?? "", /not known to belong to this user/);
    assert.equal(tree?.branch, "main");
    assert.equal(defaultMode(tree), "read-only");
  }
});

Deno.test("findWorkTree() trusts neither the home folder nor one above it", async () => {
  await using dir = await repository();
  await Deno.symlink(dir.join("p"), dir.join("home"));
  for (const home of ["p", "p/a", "home", "p/gone"]) {
    const tree = await findWorkTree(dir.join("p/a"), { home: dir.join(home) });
    assert.equal(tree?.trusted, false, home);
    assert.match(tree?.why ?? "", /home/);
  }
  // A folder beside it whose name begins alike is another one.
  const beside = await findWorkTree(dir.join("p"), { home: dir.join("p2") });
  assert.equal(beside?.trusted, true);
});

Deno.test("findWorkTree() does not trust a .git that is a link", async () => {
  await using dir = await repository();
  await dir.write("q/x", "");
  await Deno.symlink("../p/.git", dir.join("q/.git"));
  const tree = await findWorkTree(dir.join("q"), ME);
  assert.deepEqual([tree?.root, tree?.trusted], [dir.join("q"), false]);
});

Deno.test("findWorkTree() reads the HEAD that a .git file names", async () => {
  await using dir = await repository();
  await dir.write("p/.git/worktrees/w/HEAD", "ref: refs/heads/side\n");
  for (const named of ["../p/.git/worktrees/w", dir.join("p/.git/worktrees/w")]) {
    await dir.write("w/.git", `gitdir: ${named}\n`);
    const tree = await findWorkTree(dir.join("w"), ME);
    assert.deepEqual(tree, { root: dir.join("w"), trusted: true, branch: "side" });
    const other = await findWorkTree(dir.join("w"), { ...ME, uid: 4_000_000 });
    assert.equal(other?.trusted, false);
  }
});

Deno.test({
  name: "findWorkTree() does not trust a .git file that names somebody else's repository",
  // Nobody else can give a folder away.
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using dir = await repository();
    await dir.write("w/.git", "gitdir: ../p/.git\n");
    await Deno.chown(dir.join("p/.git"), 65534, 65534);
    const tree = await findWorkTree(dir.join("w"), { ...ME, uid: 0 });
    assert.deepEqual([tree?.root, tree?.trusted], [dir.join("w"), false]);
  },
});

Deno.test("findWorkTree() finds nothing where a .git file says nothing that git understands", async () => {
  await using dir = await repository();
  const texts = [
    "",
    "nonsense",
    "gitdir: ",
    "gitdir: gone",
    "gitdir: ..",
    "gitdir: ../../etc\0",
    "gitdir: a\ngitdir: b\n",
    `gitdir: ${"x".repeat(5000)}`,
    "gitdir: /dev/zero",
    "gitdir: /proc/self",
  ];
  for (const text of texts) {
    await dir.write("p/a/.git", text);
    assert.equal(await findWorkTree(dir.join("p/a/b"), ME), undefined, text.slice(0, 40));
  }
});

Deno.test("findWorkTree() takes a branch only of a HEAD that names a harmless one", async () => {
  await using dir = await repository();
  const heads = [
    "3c2b8d3f5a1e4c6d7b8a9f0e1d2c3b4a5f6e7d8c\n",
    "ref: refs/heads/.invalid\n",
    "ref: refs/tags/v1\n",
    "ref: refs/heads/\n",
    "ref: refs/heads/a</git_branch>\n",
    "ref: refs/heads/two words\n",
    "ref: refs/heads/a\u202eb\n",
    "ref: refs/heads/a\x1b[2Jb\n",
    `ref: refs/heads/${"x".repeat(201)}\n`,
    "ref: refs/heads/main\nand more\n",
    "",
  ];
  for (const head of heads) {
    await dir.write("p/.git/HEAD", head);
    assert.deepEqual(await findWorkTree(dir.join("p"), ME), { root: dir.join("p"), trusted: true });
  }
});

Deno.test("findWorkTree() neither waits for nor swallows a HEAD that is no small file", async () => {
  await using dir = await repository();
  const head = dir.join("p/.git/HEAD");
  const found = () => findWorkTree(dir.join("p"), ME);
  await sparse(head, 2 ** 30, HEAD);
  assert.equal(await found(), undefined);

  await Deno.remove(head);
  assert.ok((await new Deno.Command("mkfifo", { args: [head] }).output()).success);
  assert.equal(await found(), undefined);

  await Deno.remove(head);
  await Deno.symlink("/dev/zero", head);
  assert.equal(await found(), undefined);

  await Deno.remove(head);
  await Deno.mkdir(head);
  assert.equal(await found(), undefined);
});

Deno.test("findWorkTree() does not take a .git for one that is a pipe", async () => {
  await using dir = await repository();
  const { success } = await new Deno.Command("mkfifo", { args: [dir.join("p/a/.git")] }).output();
  assert.ok(success);
  assert.equal((await findWorkTree(dir.join("p/a"), ME))?.root, dir.join("p"));
});

testWith(["git"], "findWorkTree() agrees with git about a work tree and its branch", async () => {
  await using dir = await TempDir.make();
  const git = async (...args: string[]) => {
    const { success, stderr } = await new Deno.Command("git", {
      args: ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args],
      cwd: dir.path,
      env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
  };
  await git("init", "-q", "-b", "trunk", "p");
  await git("-C", "p", "commit", "-q", "--allow-empty", "-m", "a");
  await git("-C", "p", "worktree", "add", "-q", "-b", "side", "../w");
  const main = await findWorkTree(dir.join("p"), ME);
  assert.deepEqual(main, { root: dir.join("p"), trusted: true, branch: "trunk" });
  const side = await findWorkTree(dir.join("w"), ME);
  assert.deepEqual(side, { root: dir.join("w"), trusted: true, branch: "side" });
});
