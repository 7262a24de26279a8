import assert from "node:assert/strict";
import { commitPlan } from "../../../../src/agent/tools/patch/commit.ts";
import { type PatchFiles, platformFiles } from "../../../../src/agent/tools/patch/files.ts";
import { parsePatch } from "../../../../src/agent/tools/patch/parse.ts";
import { type Plan, planPatch } from "../../../../src/agent/tools/patch/plan.ts";
import { TempDir } from "../../../support/temp_dir.ts";
import { MemoryFiles } from "./memory_files.ts";

const PATCH = `*** Begin Patch
*** Add File: new/deep/a
+added
*** Update File: b
@@
-b
+B
*** Update File: c
*** Move to: moved/c
@@
-c
+C
*** Delete File: d
*** Add File: e
+overwritten
*** End Patch`;

async function planned(root: string, files: PatchFiles, patch: string = PATCH): Promise<Plan> {
  const policy = { workspace: root, writable: [], hidden: [] };
  return await planPatch(parsePatch(patch), { policy, cwd: root, environment: {}, files });
}

function memory(): MemoryFiles {
  const files = new MemoryFiles("/ws");
  files.file("/ws/b", "b\n", 0o755);
  files.file("/ws/c", "c\n", 0o600);
  files.file("/ws/d", "d\n", 0o644);
  files.file("/ws/e", "e\n", 0o640);
  return files;
}

const AFTER = {
  "/": "folder ",
  "/ws": "folder ",
  "/ws/b": "755 B\n",
  "/ws/e": "640 overwritten\n",
  "/ws/moved": "folder ",
  "/ws/moved/c": "600 C\n",
  "/ws/new": "folder ",
  "/ws/new/deep": "folder ",
  "/ws/new/deep/a": "644 added\n",
};

Deno.test("commitPlan() does all of it, with each file's permissions, and leaves nothing beside", async () => {
  const files = memory();
  await commitPlan(await planned("/ws", files), { files });
  assert.deepEqual(files.snapshot(), AFTER);
});

Deno.test("commitPlan() does the same where a file has one name only", async () => {
  const files = memory();
  files.linksFiles = false;
  await commitPlan(await planned("/ws", files), { files });
  assert.deepEqual(files.snapshot(), AFTER);
});

Deno.test("commitPlan() leaves everything as it was, whichever step fails", async () => {
  for (const linksFiles of [true, false]) {
    let failures = 0;
    for (let failing = 1;; failing++) {
      const files = memory();
      files.linksFiles = linksFiles;
      const before = files.snapshot();
      const plan = await planned("/ws", files);
      let calls = 0;
      let failed = "";
      files.onCall = (call, path) => {
        // Linking is tried only, and what is removed at the end is in nobody's way.
        if (call === "link" || call === "remove" || ++calls !== failing) return;
        failed = `${call} ${path}`;
        throw new Error("no space left");
      };
      const outcome = commitPlan(plan, { files });
      if (failing > 20) assert.fail("there is no end of steps");
      const error = await outcome.then(() => undefined, (error) => error);
      if (failed === "") {
        assert.equal(error, undefined);
        break;
      }
      failures++;
      assert.ok(error instanceof Error, failed);
      assert.match(error.message, /^Failed to change ".+": no space left$/);
      assert.deepEqual(files.snapshot(), before, failed);
    }
    // Three folders, four files to write, four to put in place, two to set aside; more without links.
    assert.equal(failures, linksFiles ? 13 : 15);
  }
});

Deno.test("commitPlan() says what it could not undo, and where the content is", async () => {
  const files = memory();
  const plan = await planned("/ws", files);
  let broken = false;
  files.onCall = (call, path) => {
    if (call === "rename" && path === "/ws/moved/c") broken = true;
    if (broken && call === "rename") throw new Error("the disk is gone");
  };
  const error: unknown = await commitPlan(plan, { files }).catch((error) => error);
  assert.ok(error instanceof Error && "unchanged" in error);
  assert.equal(error.unchanged, false);
  const kept = /could not be undone: "\/ws\/b" \(kept as "(.+\.tmp)"\)$/.exec(error.message)?.[1];
  assert.equal(files.text(kept ?? ""), "b\n");
});

Deno.test("commitPlan() changes nothing when a file changed after it was read", async () => {
  const changes: readonly ((files: MemoryFiles) => void)[] = [
    (files) => files.file("/ws/b", "b\n", 0o755),
    (files) => files.file("/ws/d", "other\n"),
    (files) => files.remove("/ws/e"),
    (files) => files.symlink("/ws/b", "/ws/c"),
  ];
  for (const change of changes) {
    const files = memory();
    const plan = await planned("/ws", files);
    change(files);
    const before = files.snapshot();
    await assert.rejects(
      commitPlan(plan, { files }),
      /^PatchError: Failed to change "\w": it changed after it was read$/,
    );
    assert.deepEqual(files.snapshot(), before);
  }
});

Deno.test("commitPlan() does not overwrite a file that came after the plan", async () => {
  const files = memory();
  const patch = "*** Begin Patch\n*** Add File: late\n+x\n*** End Patch";
  const plan = await planned("/ws", files, patch);
  files.file("/ws/late", "somebody's\n");
  const before = files.snapshot();
  await assert.rejects(commitPlan(plan, { files }), /it changed after it was read/);
  assert.deepEqual(files.snapshot(), before);
});

/** Puts a link to a folder outside in a folder's place: an empty one, or the very folder. */
const SWAPS: readonly ((files: MemoryFiles) => void)[] = [
  (files) => {
    files.rename("/ws/sub", "/ws/away");
    files.symlink("/ws/sub", "/outside");
  },
  (files) => {
    files.rename("/ws/sub", "/outside/sub");
    files.symlink("/ws/sub", "/outside/sub");
  },
];

Deno.test("commitPlan() changes nothing through a folder that became a link", async () => {
  const patch = `*** Begin Patch
*** Update File: sub/f
@@
-a
+b
*** Add File: sub/g
+x
*** End Patch`;
  for (const swap of SWAPS) {
    for (const moment of ["before", "after the first", "after the last"]) {
      const files = memory();
      files.file("/ws/sub/f", "a\n");
      files.folder("/outside");
      const plan = await planned("/ws", files, patch);
      const created: string[] = [];
      const watched: PatchFiles = {
        facts: (path) => files.facts(path),
        realPath: (path) => files.realPath(path),
        read: (path) => files.read(path),
        checkWritable: (path) => files.checkWritable(path),
        makeFolder: (path) => files.makeFolder(path),
        link: (from, to) => files.link(from, to),
        rename: (from, to) => files.rename(from, to),
        remove: (path) => files.remove(path),
        async create(path, content, like) {
          await files.create(path, content, like);
          created.push(files.realPath(path));
          if (created.length === (moment === "after the first" ? 1 : 2)) swap(files);
        },
      };
      if (moment === "before") swap(files);
      const texts = () => Object.values(files.snapshot()).filter((text) => /^\d/.test(text)).sort();
      const before = texts();
      await assert.rejects(
        commitPlan(plan, { files: watched }),
        /^PatchError: Failed to change "sub\/.": its folder was replaced after it was read$/,
        moment,
      );
      // What was written beside the first file may have gone with the folder.
      const left = texts().filter((text) => text !== "644 b\n" && text !== "644 x\n");
      assert.deepEqual(left, before, moment);
      assert.deepEqual(created.filter((path) => !path.startsWith("/ws/sub/")), [], moment);
      const outside = Object.keys(files.snapshot()).filter((path) => path.startsWith("/outside/"));
      const moved = ["/outside/sub", "/outside/sub/f"];
      assert.deepEqual(outside.filter((path) => !moved.includes(path)), [], moment);
    }
  }
});

Deno.test("commitPlan() heeds a signal until the first file is moved", async () => {
  const reason = new Error("stopped");
  for (const after of [0, 1, 4]) {
    const files = memory();
    const before = files.snapshot();
    const plan = await planned("/ws", files);
    const ending = new AbortController();
    let created = 0;
    files.onCall = (call) => {
      if (call === "create" && ++created === after) ending.abort(reason);
    };
    if (after === 0) ending.abort(reason);
    await assert.rejects(commitPlan(plan, { files, signal: ending.signal }), reason);
    assert.deepEqual(files.snapshot(), before);
  }
});

/** Every file below a folder: mode and text. */
async function onDisk(folder: string, prefix: string = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) Object.assign(found, await onDisk(path, `${prefix}${name}/`));
    else if (isSymlink) found[prefix + name] = `link ${await Deno.readLink(path)}`;
    else {
      const { mode } = await Deno.lstat(path);
      found[prefix + name] = `${((mode ?? 0) & 0o7777).toString(8)} ${await Deno.readTextFile(
        path,
      )}`;
    }
  }
  return found;
}

async function onRealDisk(): Promise<TempDir> {
  const dir = await TempDir.make();
  for (const [name, mode] of [["b", 0o755], ["c", 0o600], ["d", 0o644], ["e", 0o640]] as const) {
    const path = await dir.write(name, `${name}\n`);
    await Deno.chmod(path, mode);
  }
  return dir;
}

Deno.test("commitPlan() does all of it on a real disk, with permissions and the umask", async () => {
  await using dir = await onRealDisk();
  const umask = Deno.umask(0o027);
  try {
    await commitPlan(await planned(dir.path, platformFiles));
  } finally {
    Deno.umask(umask);
  }
  assert.deepEqual(await onDisk(dir.path), {
    b: "755 B\n",
    e: "640 overwritten\n",
    "moved/c": "600 C\n",
    "new/deep/a": "640 added\n",
  });
});

Deno.test("commitPlan() puts back what it changed on a real disk, byte for byte and mode for mode", async () => {
  await using dir = await onRealDisk();
  const before = await onDisk(dir.path);
  const facts = platformFiles.facts(dir.join("b"));
  // The third file in the order of the patch cannot be put in its place.
  const files: PatchFiles = {
    ...platformFiles,
    rename(from, to) {
      if (to.endsWith("moved/c")) throw new Error("no");
      platformFiles.rename(from, to);
    },
  };
  const plan = await planned(dir.path, files);
  await assert.rejects(
    commitPlan(plan, { files }),
    /^PatchError: Failed to change "moved\/c": no$/,
  );
  assert.deepEqual(await onDisk(dir.path), before);
  // The very file that was there, not one like it.
  assert.deepEqual(platformFiles.facts(dir.join("b")), facts);
});

Deno.test("commitPlan() changes one name of a file that has two", async () => {
  await using dir = await TempDir.make();
  await dir.write("store/f", "a\n");
  await Deno.mkdir(dir.join("work"));
  await Deno.link(dir.join("store/f"), dir.join("work/f"));
  const patch = "*** Begin Patch\n*** Update File: f\n@@\n-a\n+b\n*** End Patch";
  await commitPlan(await planned(dir.join("work"), platformFiles, patch));
  assert.equal(await dir.read("store/f"), "a\n");
  assert.equal(await dir.read("work/f"), "b\n");
});

Deno.test("commitPlan() patches two names of one file, each for itself", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  await Deno.link(dir.join("f"), dir.join("g"));
  const patch = `*** Begin Patch
*** Update File: f
@@
-a
+F
*** Update File: g
@@
-a
+G
*** End Patch`;
  await commitPlan(await planned(dir.path, platformFiles, patch));
  assert.deepEqual(await onDisk(dir.path), { f: "644 F\n", g: "644 G\n" });
});

Deno.test("commitPlan() writes a file whose name is as long as names can be", async () => {
  await using dir = await TempDir.make();
  const name = "x".repeat(255);
  const patch = `*** Begin Patch\n*** Add File: ${name}\n+x\n*** End Patch`;
  await commitPlan(await planned(dir.path, platformFiles, patch));
  assert.deepEqual(await dir.list(), [name]);
});
