import assert from "node:assert/strict";
import { diffOfChanges } from "../../../../src/agent/tools/patch/changes.ts";
import type { PatchFiles } from "../../../../src/agent/tools/patch/files.ts";
import { parsePatch } from "../../../../src/agent/tools/patch/parse.ts";
import { type Plan, planPatch } from "../../../../src/agent/tools/patch/plan.ts";
import { MemoryFiles } from "./memory_files.ts";

const WORK = "/ws";

/** A workspace in memory with some files. */
function filesWith(contents: Record<string, string | Uint8Array>): MemoryFiles {
  const files = new MemoryFiles(WORK);
  for (const [name, content] of Object.entries(contents)) files.file(`${WORK}/${name}`, content);
  return files;
}

/** Plans a patch of some lines. */
async function planned(files: MemoryFiles, ...lines: string[]): Promise<Plan> {
  const hunks = parsePatch(["*** Begin Patch", ...lines, "*** End Patch"].join("\n"));
  const policy = { workspace: WORK, writable: [], hidden: [] };
  return await planPatch(hunks, { policy, cwd: WORK, environment: {}, files });
}

/** A plan in short: what is written, what is removed, what is told. */
function short({ writes, removals, changes }: Plan): unknown {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    writes: writes.map(({ place, content }) => [place.shown, decoder.decode(content)]),
    removals: removals.map(({ shown }) => shown),
    changes: changes.map(({ kind, path, from }) =>
      `${kind} ${from === undefined ? "" : `${from} > `}${path}`
    ),
  };
}

async function assertFails(
  files: MemoryFiles,
  lines: readonly string[],
  expected: RegExp,
): Promise<void> {
  const before = files.snapshot();
  await assert.rejects(planned(files, ...lines), (error) => {
    assert.ok(error instanceof Error && error.name === "PatchError", String(error));
    assert.match(error.message, expected);
    return true;
  });
  assert.deepEqual(files.snapshot(), before);
}

const UPDATE = ["@@", "-a", "+b"] as const;

Deno.test("planPatch() plans files that are added, changed, deleted and moved, and changes none", async () => {
  const files = filesWith({ change: "a\n", delete: "d\n", move: "a\n" });
  const before = files.snapshot();
  const plan = await planned(
    files,
    "*** Add File: sub/new",
    "+x",
    "*** Update File: change",
    ...UPDATE,
    "*** Delete File: delete",
    "*** Update File: move",
    "*** Move to: sub/moved",
    ...UPDATE,
  );
  assert.deepEqual(short(plan), {
    writes: [["sub/new", "x\n"], ["change", "b\n"], ["sub/moved", "b\n"]],
    removals: ["delete", "move"],
    changes: ["added sub/new", "changed change", "deleted delete", "moved move > sub/moved"],
  });
  assert.deepEqual(files.snapshot(), before);
});

Deno.test("planPatch() gives the texts and permissions before and after", async () => {
  const files = filesWith({ old: "a\n" });
  files.file(`${WORK}/run`, "a\n", 0o755);
  const { changes } = await planned(
    files,
    "*** Delete File: old",
    "*** Update File: run",
    "*** Move to: go",
    ...UPDATE,
    "*** Add File: new",
  );
  assert.deepEqual(changes, [
    { path: "old", kind: "deleted", before: "a\n", modeBefore: 0o644 },
    {
      path: "go",
      kind: "moved",
      from: "run",
      before: "a\n",
      after: "b\n",
      modeBefore: 0o755,
      mode: 0o755,
    },
    { path: "new", kind: "added", after: "" },
  ]);
  assert.match(diffOfChanges(changes), /rename from run\nrename to go\n--- a\/run\n\+\+\+ b\/go\n/);
});

Deno.test("planPatch() lets a hunk see what the ones before it have made", async () => {
  assert.deepEqual(
    short(
      await planned(
        filesWith({ f: "a\n" }),
        ...["*** Update File: f", "@@", "-a", "+b"],
        ...["*** Update File: f", "@@", "-b", "+c"],
      ),
    ),
    { writes: [["f", "c\n"]], removals: [], changes: ["changed f"] },
  );
  assert.deepEqual(
    short(
      await planned(
        filesWith({}),
        ...["*** Add File: f", "+a", "*** Update File: f", ...UPDATE],
      ),
    ),
    { writes: [["f", "b\n"]], removals: [], changes: ["added f"] },
  );
  assert.deepEqual(
    short(
      await planned(
        filesWith({ f: "a\n" }),
        ...["*** Update File: f", "*** Move to: g", ...UPDATE],
        ...["*** Update File: ./g", "*** Move to: h", "@@", "-b", "+c"],
      ),
    ),
    { writes: [["h", "c\n"]], removals: ["f"], changes: ["moved f > h"] },
  );
  assert.deepEqual(
    short(
      await planned(filesWith({ f: "a\n" }), "*** Delete File: f", "*** Add File: f", "+z"),
    ),
    { writes: [["f", "z\n"]], removals: [], changes: ["changed f"] },
  );
  await assertFails(
    filesWith({ f: "a\n" }),
    ["*** Delete File: f", "*** Update File: f", ...UPDATE],
    /^Failed to read file to update f: there is no such file\n\(file header on line 3/,
  );
  await assertFails(
    filesWith({ f: "a\n" }),
    ["*** Update File: f", "*** Move to: g", ...UPDATE, "*** Delete File: f"],
    /^Failed to delete file f: there is no such file/,
  );
});

Deno.test("planPatch() tells a move onto a file as what becomes of both", async () => {
  const plan = await planned(
    filesWith({ f: "a\n", g: "old\n" }),
    ...["*** Update File: f", "*** Move to: g", ...UPDATE],
  );
  assert.deepEqual(short(plan), {
    writes: [["g", "b\n"]],
    removals: ["f"],
    changes: ["deleted f", "changed g"],
  });
});

Deno.test("planPatch() takes a move to where the file is for an update", async () => {
  const plan = await planned(
    filesWith({ f: "a\n" }),
    ...["*** Update File: f", "*** Move to: ./f", ...UPDATE],
  );
  assert.deepEqual(short(plan), { writes: [["f", "b\n"]], removals: [], changes: ["changed f"] });
});

Deno.test("planPatch() overwrites a file that is added where one is, and keeps its permissions", async () => {
  const files = filesWith({});
  files.file(`${WORK}/f`, "old\n", 0o755);
  const plan = await planned(files, "*** Add File: f", "+new");
  assert.deepEqual(short(plan), { writes: [["f", "new\n"]], removals: [], changes: ["changed f"] });
  assert.equal(plan.writes[0]?.like?.mode, 0o755);
});

Deno.test("planPatch() leaves out files that stay as they are", async () => {
  const files = filesWith({ f: "a\n", g: "a\n" });
  const plan = await planned(
    files,
    ...["*** Update File: f", "@@", " a", "*** Update File: g", ...UPDATE],
    ...["*** Add File: h", "*** Delete File: h"],
  );
  assert.deepEqual(short(plan), { writes: [["g", "b\n"]], removals: [], changes: ["changed g"] });
  await assertFails(files, ["*** Update File: f", "@@", " a"], /^No files were modified\.$/);
  await assertFails(files, [], /^No files were modified\.$/);
});

Deno.test("planPatch() says which file is not there", async () => {
  const files = filesWith({});
  files.folder(`${WORK}/sub`);
  await assertFails(
    files,
    ["*** Update File: f", ...UPDATE],
    /^Failed to read file to update f: there is no such file\n\(file header on line 2 of the patch\)$/,
  );
  await assertFails(
    files,
    ["*** Delete File: f"],
    /^Failed to delete file f: there is no such file/,
  );
  await assertFails(files, ["*** Delete File: sub"], /^"sub" is a folder/);
  await assertFails(files, ["*** Add File: sub", "+x"], /^"sub" is a folder/);
});

Deno.test("planPatch() says which chunk of which file does not fit", async () => {
  await assertFails(
    filesWith({ f: "a\n", g: "x\ny\n" }),
    ["*** Update File: f", ...UPDATE, "*** Update File: g", "@@", "-x", "@@", "-z", "+Z"],
    /^Failed to find expected lines in g:\nz\n\(chunk on line 9 of the patch\)\n\(file header on line 6 of/,
  );
});

Deno.test("planPatch() refuses files that are not UTF-8, and keeps a byte order mark", async () => {
  const files = filesWith({ latin: Uint8Array.of(0x61, 0xe9, 0x0a), mark: "\ufeffa\n" });
  await assertFails(
    files,
    ["*** Update File: latin", ...UPDATE],
    /^Failed to read file to update latin: it is not UTF-8 text/,
  );
  await assertFails(files, ["*** Delete File: latin"], /^Failed to delete file latin: it is not/);
  await assertFails(files, ["*** Add File: latin", "+x"], /^Failed to write file latin: it is not/);
  const plan = await planned(files, "*** Update File: mark", ...UPDATE);
  assert.deepEqual([...plan.writes[0]?.content ?? []], [0xef, 0xbb, 0xbf, 0x62, 0x0a]);
});

Deno.test("planPatch() refuses files over 10 MiB, and more than 64 MiB in all", async () => {
  const large = filesWith({ f: new Uint8Array(10 * 2 ** 20 + 1).fill(0x61) });
  await assert.rejects(
    planned(large, "*** Update File: f", ...UPDATE),
    /^PatchError: Failed to read file to update f: it is larger than 10 MiB/,
  );
  const nearly = new Uint8Array(10 * 2 ** 20).fill(0x61);
  const names = ["1", "2", "3", "4", "5", "6", "7"];
  const many = filesWith(Object.fromEntries(names.map((name) => [name, nearly])));
  await assert.rejects(
    planned(many, ...names.map((name) => `*** Delete File: ${name}`)),
    /^PatchError: Failed to delete file 7: the patch touches more than 64 MiB/,
  );
});

Deno.test("planPatch() refuses to make a file of what is to be a folder", async () => {
  await assertFails(
    filesWith({}),
    ["*** Add File: a/b/c", "+x", "*** Add File: a/b", "+y"],
    /^Failed to write file a\/b\/c: the patch makes "a\/b" a file/,
  );
});

Deno.test("planPatch() refuses a move out of the workspace or onto a protected name", async () => {
  const files = filesWith({ f: "a\n" });
  const move = (to: string) => ["*** Update File: f", `*** Move to: ${to}`, ...UPDATE];
  await assertFails(files, move("../g"), /^"\.\.\/g" is outside the workspace/);
  await assertFails(files, move(".husky/pre-commit"), /is protected/);
});

Deno.test("planPatch() refuses to replace what may not be written to, by whatever way", async () => {
  const files = filesWith({ other: "a\n" });
  files.file(`${WORK}/f`, "a\n", 0o444);
  const denied = /^Failed to write file f: permission denied/;
  for (
    const lines of [
      ["*** Update File: f", ...UPDATE],
      ["*** Add File: f", "+b"],
      ["*** Delete File: f", "*** Add File: f", "+b"],
      ["*** Update File: other", "*** Move to: f", ...UPDATE],
      // What it says would be another thing, in another place.
      ["*** Update File: f", "*** Move to: g", ...UPDATE],
    ]
  ) await assertFails(files, lines, denied);
});

Deno.test("planPatch() deletes and moves what may not be written to, as the folder's owner may", async () => {
  const files = filesWith({});
  files.file(`${WORK}/f`, "a\n", 0o444);
  assert.deepEqual(short(await planned(files, "*** Delete File: f")), {
    writes: [],
    removals: ["f"],
    changes: ["deleted f"],
  });
  const moved = await planned(files, "*** Update File: f", "*** Move to: g", "@@", " a");
  assert.deepEqual(short(moved), {
    writes: [["g", "a\n"]],
    removals: ["f"],
    changes: ["moved f > g"],
  });
});

Deno.test("planPatch() looks only once where secrets are, however many files there are", async () => {
  const files = filesWith({});
  let looked = 0;
  const counting: PatchFiles = {
    facts: (path) => files.facts(path),
    read: (path) => files.read(path),
    checkWritable: (path) => files.checkWritable(path),
    makeFolder: (path) => files.makeFolder(path),
    create: (path, content, like) => files.create(path, content, like),
    link: (from, to) => files.link(from, to),
    rename: (from, to) => files.rename(from, to),
    remove: (path) => files.remove(path),
    realPath(path) {
      if (path === "/home/me/.ssh") looked++;
      return files.realPath(path);
    },
  };
  const lines = ["a", "b", "c"].map((name) => `*** Add File: ${name}\n+x`);
  const hunks = parsePatch(["*** Begin Patch", ...lines, "*** End Patch"].join("\n"));
  await planPatch(hunks, {
    policy: { workspace: WORK, writable: [], hidden: [] },
    cwd: WORK,
    environment: { HOME: "/home/me" },
    files: counting,
  });
  assert.equal(looked, 1);
});
