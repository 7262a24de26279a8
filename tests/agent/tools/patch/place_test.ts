import assert from "node:assert/strict";
import {
  findPlace,
  type Place,
  type PlaceOptions,
} from "../../../../src/agent/tools/patch/place.ts";
import { TempDir } from "../../../support/temp_dir.ts";
import { MemoryFiles } from "./memory_files.ts";

/** A workspace in memory: `/home/me/work`, with `/extra` writable beside it. */
function workspace(files: MemoryFiles = new MemoryFiles()): PlaceOptions & { files: MemoryFiles } {
  files.folder("/home/me/work/sub");
  files.folder("/extra");
  files.folder("/outside");
  return {
    policy: { workspace: "/home/me/work", writable: ["/extra"], hidden: [] },
    cwd: "/home/me/work",
    environment: {},
    files,
  };
}

function assertRefused(path: string, expected: RegExp, options: PlaceOptions = workspace()): void {
  assert.throws(() => findPlace(path, options, "write"), (error) => {
    assert.ok(error instanceof Error && error.name === "PatchError", String(error));
    assert.match(error.message, expected);
    return true;
  });
}

Deno.test("findPlace() takes relative and absolute paths, and ones with dots", () => {
  const options = { ...workspace(), cwd: "/home/me/work/sub" };
  const path = (given: string) => findPlace(given, options, "write").path;
  assert.equal(path("a.ts"), "/home/me/work/sub/a.ts");
  assert.equal(path("./x//y/../a.ts"), "/home/me/work/sub/x/a.ts");
  assert.equal(path("../a.ts"), "/home/me/work/a.ts");
  assert.equal(path("/home/me/work/a.ts"), "/home/me/work/a.ts");
  assert.equal(path("/extra/deep/a.ts"), "/extra/deep/a.ts");
  assert.equal(path("..a/...b"), "/home/me/work/sub/..a/...b");
});

Deno.test("findPlace() tells where the file is and what has to be made for it", () => {
  const options = workspace();
  options.files.file("/home/me/work/sub/a", "x");
  const { facts, ...place }: Place = findPlace("sub/a", options, "write");
  assert.equal(facts?.kind, "file");
  assert.deepEqual(place, {
    given: "sub/a",
    path: "/home/me/work/sub/a",
    shown: "sub/a",
    folder: "/home/me/work/sub",
    missingFolders: [],
  });
  const made = findPlace("/home/me/work/sub/b/c/d", { ...options, cwd: "/extra" }, "write");
  assert.equal(made.facts, undefined);
  assert.equal(made.shown, "/home/me/work/sub/b/c/d");
  assert.deepEqual(made.missingFolders, ["/home/me/work/sub/b", "/home/me/work/sub/b/c"]);
});

Deno.test("findPlace() refuses what is outside the workspace", () => {
  for (
    const path of [
      "../a",
      "../work2/a",
      "../../../etc/passwd",
      "/etc/passwd",
      "/outside/a",
      "/home/me/workspace/a",
      "/extra2/a",
      "sub/../../a",
      "//outside/a",
    ]
  ) {
    assertRefused(path, /^".*" is outside the workspace$/);
  }
});

Deno.test("findPlace() follows a link in the way, and refuses where that leads out", () => {
  const options = workspace();
  options.files.symlink("/home/me/work/in", "sub");
  options.files.symlink("/home/me/work/out", "/outside");
  options.files.symlink("/home/me/work/up", "..");
  options.files.symlink("/home/me/work/round", "round");
  options.files.symlink("/home/me/work/lost", "/outside/nothing");
  options.files.symlink("/home/me/work/sub/again", "../out");
  assert.equal(findPlace("in/new/a", options, "write").path, "/home/me/work/sub/new/a");
  assertRefused("out/a", /is outside the workspace$/, options);
  assertRefused("out/new/deep/a", /is outside the workspace$/, options);
  assertRefused("up/a", /is outside the workspace$/, options);
  assertRefused("in/again/a", /is outside the workspace$/, options);
  assertRefused("lost/a", /lies behind a symbolic link that leads nowhere$/, options);
  assertRefused("round/a", /cannot be looked at: too many links$/, options);
});

Deno.test("findPlace() refuses a path that is a link itself, wherever it leads", () => {
  const options = workspace();
  options.files.file("/home/me/work/sub/a", "x");
  for (const target of ["sub/a", "/outside/a", "/etc/passwd", "sub", "nowhere"]) {
    options.files.symlink("/home/me/work/link", target);
    assertRefused("link", /is a symbolic link; name the file that it leads to$/, options);
  }
});

Deno.test("findPlace() takes dots in a path as text, so that no link changes what they mean", () => {
  const options = workspace();
  options.files.folder("/home/me/work/far/below");
  options.files.symlink("/home/me/work/link", "far/below");
  // By way of the link this would be far/a.
  assert.equal(findPlace("link/../a", options, "write").path, "/home/me/work/a");
});

Deno.test("findPlace() refuses protected names in the path as given, and where it really is", () => {
  const options = workspace();
  options.files.folder("/home/me/work/.git/hooks");
  options.files.symlink("/home/me/work/innocent", ".git/hooks");
  assertRefused(".git/config", /^"\.git\/config" is protected: nothing named "\.git"/, options);
  assertRefused("sub/.GIT/x", /is protected/, options);
  assertRefused(".git/../a", /is protected/, options);
  assertRefused("/home/me/work/a/.envrc", /is protected/, options);
  assertRefused("/outside/.git/x", /is protected/, options);
  assertRefused("innocent/pre-commit", /is protected/, options);
});

Deno.test("findPlace() lets a workspace lie below a protected name, and writable folders not", () => {
  const files = new MemoryFiles("/home/me/.codex/work", "/repo/.git");
  const below = { workspace: "/home/me/.codex/work", writable: [], hidden: [] };
  const at = { policy: below, cwd: "/home/me/.codex/work", environment: {}, files };
  assert.equal(findPlace("a", at, "write").shown, "a");
  assert.equal(findPlace("/home/me/.codex/work/a", at, "write").shown, "a");
  // A writable folder within the workspace makes nothing of it less protected.
  const within = { workspace: "/repo", writable: ["/repo/.git"], hidden: [] };
  const options = { policy: within, cwd: "/repo/.git", environment: {}, files };
  assertRefused("config", /is protected/, options);
  assertRefused("/repo/.git/config", /is protected/, options);
});

Deno.test("findPlace() lets protected names be read, and nothing else more", () => {
  const options = workspace();
  options.files.file("/home/me/work/.vscode/a.png", "x");
  assert.equal(findPlace(".vscode/a.png", options, "read").shown, ".vscode/a.png");
  assert.throws(() => findPlace("/outside/a.png", options, "read"), /is outside the workspace/);
});

Deno.test("findPlace() refuses what the policy hides and where secrets usually are", () => {
  const files = new MemoryFiles("/home/me/.ssh", "/home/me/keys", "/home/me/real/data/codex");
  files.symlink("/home/me/data", "/home/me/real/data");
  const options = {
    policy: { workspace: "/home/me", writable: [], hidden: ["/home/me/keys"] },
    cwd: "/home/me",
    environment: { HOME: "/home/me", XDG_DATA_HOME: "/home/me/data", CODEX_AUTH_FILE: "auth.json" },
    files,
  };
  for (
    const path of [
      ".ssh/authorized_keys",
      "keys/new",
      "real/data/codex/auth.json",
      "data/codex/auth.json",
      ".config/gh/hosts.yml",
      ".netrc",
      "auth.json",
    ]
  ) {
    assertRefused(path, /is kept from tools$/, options);
    assert.throws(() => findPlace(path, options, "read"), /is kept from tools/);
  }
  assert.equal(findPlace("a.json", options, "write").shown, "a.json");
});

Deno.test("findPlace() lets who works in a usual place of secrets work there", () => {
  const files = new MemoryFiles("/home/me/.config/gh/extension");
  const policy = { workspace: "/home/me/.config/gh/extension", writable: [], hidden: [] };
  const options = { policy, cwd: policy.workspace, environment: { HOME: "/home/me" }, files };
  assert.equal(findPlace("a", options, "write").shown, "a");
});

Deno.test("findPlace() refuses folders and what is no file", () => {
  const options = workspace();
  options.files.device("/home/me/work/pipe");
  options.files.file("/home/me/work/file", "x");
  assertRefused("sub", /^"sub" is a folder$/, options);
  for (const path of [".", "..", "sub/", "sub/.", "new/", "sub/.."]) {
    assertRefused(path, /is a folder$/, options);
  }
  assertRefused("/home/me/work", /is outside the workspace$|is a folder$/, options);
  assertRefused("pipe", /^"pipe" is no regular file$/, options);
  assertRefused(
    "file/a",
    /^"file\/a" cannot be there: ".*file" is no folder$/,
    options,
  );
  assertRefused("pipe/a/b", /cannot be there/, options);
});

Deno.test("findPlace() refuses what is no path", () => {
  assertRefused("", /^A path is empty$/);
  assertRefused("a\0b", /has a control character in it$/);
  assertRefused("a\x1b[2Jb", /has a control character in it$/);
  assertRefused("a\ud800", /is not well-formed Unicode$/);
  assertRefused("x".repeat(256), /is too long for a path$/);
  assertRefused("\u00e9".repeat(128), /is too long for a path$/);
  assertRefused("x/".repeat(2048) + "x", /is too long for a path$/);
});

Deno.test("findPlace() says when there is no working directory", () => {
  assertRefused("a", /^The working directory "\/gone" is not there$/, {
    ...workspace(),
    cwd: "/gone",
  });
});

Deno.test("findPlace() follows a working directory that is a link", () => {
  const options = workspace();
  options.files.symlink("/short", "/home/me/work/sub");
  assert.equal(findPlace("a", { ...options, cwd: "/short" }, "write").path, "/home/me/work/sub/a");
  assert.equal(findPlace("../a", { ...options, cwd: "/short" }, "write").shown, "/home/me/work/a");
});

Deno.test("findPlace() sees links, pipes and folders of a real file system as they are", async () => {
  await using dir = await TempDir.make();
  const root = dir.join("work");
  await dir.write("work/sub/a", "x");
  await dir.write("secret/a", "x");
  await Deno.symlink(dir.join("secret"), `${root}/out`);
  await Deno.symlink("sub", `${root}/in`);
  await Deno.symlink("round", `${root}/round`);
  await Deno.symlink(dir.join("secret/a"), `${root}/a`);
  const policy = { workspace: root, writable: [], hidden: [] };
  const options = { policy, cwd: root, environment: {} };
  assert.equal(findPlace("in/a", options, "write").path, `${root}/sub/a`);
  assert.equal(findPlace("in/new/b", options, "write").path, `${root}/sub/new/b`);
  assertRefused("out/a", /is outside the workspace$/, options);
  assertRefused("out/new", /is outside the workspace$/, options);
  assertRefused("a", /is a symbolic link/, options);
  assertRefused("round", /is a symbolic link/, options);
  assertRefused("round/x", /cannot be looked at: /, options);
  assertRefused("in", /is a symbolic link/, options);
  assertRefused("sub/a/b", /cannot be there/, options);
  if (Deno.build.os !== "windows") {
    await new Deno.Command("mkfifo", { args: [`${root}/pipe`] }).output();
    assertRefused("pipe", /is no regular file$/, options);
  }
});
