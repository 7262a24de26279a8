/** What `codex run` says of what its commands and patches have changed. */
import assert from "node:assert/strict";
import { customToolCall, reply, toolCall, type Turn } from "../../testing.ts";
import { openDesk } from "../support/desk.ts";
import { testWith } from "../support/need.ts";
import { WORK_TREE } from "../support/projects.ts";
import type { CliOptions, CliResult } from "../support/run_cli.ts";

interface Told extends CliResult {
  /** The text of a file of the project, afterwards. */
  read(name: string): Promise<string>;
}

/** Runs the command in a project. */
async function run(
  files: Readonly<Record<string, string | Uint8Array>>,
  turns: readonly Turn[],
  args: readonly string[] = [],
  options: CliOptions = {},
): Promise<Told> {
  await using desk = await openDesk({ turns: [...turns, reply("Done.")] });
  for (const [name, text] of Object.entries({ ...WORK_TREE, ...files })) {
    await desk.home.write(`project/${name}`, text);
  }
  const cwd = desk.home.join("project");
  const result = await desk.run(["run", "x", ...args], { cwd, ...options });
  const kept = new Map<string, string>();
  for (const entry of await desk.home.list("project")) {
    const path = `project/${entry}`;
    if ((await Deno.stat(desk.home.join(path))).isFile) kept.set(entry, await desk.home.read(path));
  }
  return { ...result, read: (name) => Promise.resolve(kept.get(name) ?? "") };
}

const shell = (command: string): Turn => toolCall("shell", { command });
const patch = (...lines: string[]): Turn =>
  customToolCall("apply_patch", ["*** Begin Patch", ...lines, "*** End Patch", ""].join("\n"));

testWith(["bwrap"], "codex run names what its commands have changed", async () => {
  const { code, stderr } = await run(
    { "a.txt": "l1\n", "same.txt": "same\n", "old.txt": "old\n" },
    [shell("sed -i s/l1/SED/ a.txt; sed -i s/x/y/ same.txt; echo new > new.txt; rm old.txt")],
  );
  assert.deepEqual(
    [code, stderr],
    [0, "changed 3 files: a.txt, new.txt (new), old.txt (deleted)\n"],
  );
});

testWith(["bwrap"], "codex run --diff shows commands and patches as one change each", async () => {
  const { stderr } = await run(
    { "a.txt": "l1\nl2\nl3\n", "b.txt": "b\n", "image.bin": new Uint8Array([0, 1, 2]) },
    [
      shell("sed -i s/l1/SED/ a.txt; echo c > c.txt; printf '\\0' >> image.bin"),
      patch("*** Update File: a.txt", "@@", "-l2", "+PATCH", "*** Delete File: b.txt"),
      shell("sed -i s/l3/AGAIN/ a.txt"),
    ],
    ["--diff"],
  );
  assert.equal(
    stderr,
    `Binary files a/image.bin and b/image.bin differ
diff --git a/a.txt b/a.txt
--- a/a.txt
+++ b/a.txt
@@ -1,3 +1,3 @@
-l1
-l2
-l3
+SED
+PATCH
+AGAIN
diff --git a/b.txt b/b.txt
deleted file mode 100644
--- a/b.txt
+++ /dev/null
@@ -1 +0,0 @@
-b
diff --git a/c.txt b/c.txt
new file mode 100644
--- /dev/null
+++ b/c.txt
@@ -0,0 +1 @@
+c
changed 4 files: a.txt, b.txt (deleted), c.txt (new), image.bin
`,
  );
});

testWith(["bwrap"], "codex run says nothing where a command took a patch back", async () => {
  for (const flags of [[], ["--diff"]]) {
    const { stderr } = await run({ "a.txt": "1\n" }, [
      shell("cat a.txt"),
      patch("*** Update File: a.txt", "@@", "-1", "+2"),
      shell("echo 1 > a.txt; mkdir -p build node_modules; touch build/x node_modules/y"),
    ], flags);
    assert.equal(stderr, "");
  }
});

testWith(["bwrap"], "codex run tells what was changed before it failed", async () => {
  const turns = [shell("echo new > new.txt")];
  const { code, stderr } = await run({}, turns, ["--max-steps", "1"]);
  assert.equal(code, 8);
  assert.match(stderr, /^changed 1 file: new\.txt \(new\)$/m);
});

testWith(["bwrap"], "codex run does not take its own output for a change", async () => {
  const script = 'exec "$0" "$@" > stdout.txt 2> stderr.txt';
  const told = await run(
    {},
    [shell("rm -f *.tmp; ls; echo new > new.txt")],
    ["-o", "out.txt", "--session", "session.json"],
    { wrapper: ["sh", "-c", script] },
  );
  assert.equal(told.code, 0, await told.read("stderr.txt"));
  assert.equal(await told.read("stderr.txt"), "changed 1 file: new.txt (new)\n");
  assert.deepEqual([await told.read("stdout.txt"), await told.read("out.txt")], [
    "Done.\n",
    "Done.\n",
  ]);
});

testWith(
  ["bwrap"],
  "codex run looks at nothing in read-only, and tells nobody who asked for nothing",
  async () => {
    const readOnly = await run({}, [shell("touch x")], ["-s", "read-only", "--diff"]);
    assert.deepEqual([readOnly.code, readOnly.stderr], [0, ""]);
    const quiet = await run({}, [shell("echo new > new.txt")], ["-q"]);
    assert.deepEqual([quiet.stderr, await quiet.read("new.txt")], ["", "new\n"]);
  },
);

testWith(
  ["setpriv"],
  "codex run patches no file that may not be written to, and keeps what it can of its owner",
  async () => {
    if (Deno.uid() !== 0) return;
    const update = (name: string) => patch(`*** Update File: ${name}`, "@@", "-1", "+2");
    const turns = [update("theirs.txt"), update("ours.txt"), reply("Done.")];
    await using desk = await openDesk({ turns });
    for (const name of ["theirs.txt", "ours.txt", ".git/HEAD"]) {
      await desk.home.write(`project/${name}`, "1\n");
    }
    const facts = async (name: string) => {
      const { uid, gid, mode } = await Deno.stat(desk.home.join(`project/${name}`));
      return [uid, gid, ((mode ?? 0) & 0o777).toString(8)];
    };
    for (const [name, mode] of [["theirs.txt", 0o644], ["ours.txt", 0o626]] as const) {
      await Deno.chmod(desk.home.join(`project/${name}`), mode);
      await Deno.chown(desk.home.join(`project/${name}`), 12_345, 12_346);
    }
    // Root without these rights is like everybody else.
    const rights = "-dac_override,-chown,-fowner";
    const { code, stderr } = await desk.run(["run", "x"], {
      cwd: desk.home.join("project"),
      wrapper: ["setpriv", "--bounding-set", rights, "--"],
    });
    assert.deepEqual([code, stderr], [0, "changed 1 file: ours.txt\n"]);
    assert.deepEqual(await facts("theirs.txt"), [12_345, 12_346, "644"]);
    assert.equal(await desk.home.read("project/theirs.txt"), "1\n");
    // The one group is among all others now, and all others are the other one.
    assert.deepEqual(await facts("ours.txt"), [0, 0, "662"]);
    const body = desk.simulator.requestsTo("responses").at(-1)?.body ?? "";
    assert.match(body, /Failed to write file theirs\.txt: permission denied/);
  },
);

testWith(["bwrap"], "codex run tells what was changed before it was interrupted", async () => {
  await using desk = await openDesk({ turns: [shell("echo new > new.txt; echo ready; sleep 60")] });
  await desk.home.write("project/.git/HEAD", "");
  await using running = await desk.start(["run", "x", "--json", "--diff"], {
    cwd: desk.home.join("project"),
  });
  await running.waitForStdout("tool-output-delta");
  running.kill("SIGINT");
  const { code, stderr } = await running.ended;
  assert.equal(code, 130);
  assert.match(stderr, /^\+new$/m);
});
