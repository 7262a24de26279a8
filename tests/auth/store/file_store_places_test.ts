/** Places that refuse a write in ways of their own: made by mounts in a namespace that ends with the test. */
import assert from "node:assert/strict";
import { TempDir } from "../../support/temp_dir.ts";
import { fileText, type ProcessOptions, runStoreProcess, signIn, StoreProcess } from "./support.ts";

const UNSHARE = ["unshare", "--mount", "--propagation", "private"];

function canUnshare(): boolean {
  try {
    const [program = "", ...args] = [...UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"];
    return Deno.uid() === 0 && new Deno.Command(program, { args }).outputSync().success;
  } catch {
    return false;
  }
}

/** Runs a process after shell commands that mount, both in a namespace of their own. */
function mounting(parts: TemplateStringsArray, ...values: readonly string[]): ProcessOptions {
  return { wrapper: UNSHARE, shell: String.raw({ raw: parts }, ...values) };
}

/** Permissions with which /proc cannot be read, so that a mount shows only at the rename. */
const SCOPED = ["--allow-read", "--allow-write", "--allow-sys=uid", "--allow-run"];

/** Registers a test that mounts; ignored where that is not allowed. */
function testMount(name: string, fn: (dir: TempDir) => Promise<void>): void {
  const required = Deno.env.get("CODEX_TEST_REQUIRE_ALL") === "1";
  Deno.test({
    name,
    ignore: !required && !canUnshare(),
    fn: async () => {
      await using dir = await TempDir.make();
      await fn(dir);
    },
  });
}

const OLD = `cat > "$D/auth.json" <<'END'\n${fileText(signIn(1))}END\nchmod 600 "$D/auth.json"`;

testMount("fileStore() asks nobody for a sign-in that a full disk could not keep", async (dir) => {
  const path = dir.join("auth.json");
  const result = await runStoreProcess(
    { path, next: signIn(2) },
    mounting`D=${dir.path}; mount -t tmpfs -o size=64k none $D; ${OLD}
     dd if=/dev/zero of=$D/filler bs=1k 2>/dev/null || true`,
  );
  assert.equal(result.asked, false);
  assert.equal(result.error?.message, `Cannot write to "${path}": no space is left on its disk`);
  assert.match(result.error?.hint ?? "", /^Free some space there/);
  assert.deepEqual(result.read, signIn(1));
});

testMount(
  "fileStore() has the space for a sign-in although the disk fills up meanwhile",
  async (dir) => {
    const path = dir.join("auth.json");
    const result = await runStoreProcess(
      { path, next: signIn(2), inside: `dd if=/dev/zero of=${dir.path}/filler bs=1k` },
      mounting`D=${dir.path}; mount -t tmpfs -o size=96k none $D; ${OLD}`,
    );
    assert.deepEqual([result.error, result.unsaved], [undefined, false]);
    assert.deepEqual(result.read, signIn(2));
  },
);

testMount(
  "fileStore() reads on a read-only mount and asks nobody for a new sign-in there",
  async (dir) => {
    const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
    const result = await runStoreProcess(
      { path, next: signIn(2) },
      mounting`mount --bind ${dir.path} ${dir.path}; mount -o remount,bind,ro ${dir.path}`,
    );
    assert.equal(result.asked, false);
    assert.match(result.error?.message ?? "", /: its file system is read-only$/);
    assert.match(result.error?.hint ?? "", /^Make it writable/);
    assert.deepEqual(result.read, signIn(1));
  },
);

testMount(
  "fileStore() says that a missing folder cannot be made on a read-only mount",
  async (dir) => {
    const path = dir.join("codex", "auth.json");
    const result = await runStoreProcess(
      { path, next: signIn(2) },
      mounting`mount --bind ${dir.path} ${dir.path}; mount -o remount,bind,ro ${dir.path}`,
    );
    assert.equal(
      result.error?.message,
      `Cannot create the folder of "${path}": its file system is read-only`,
    );
  },
);

testMount(
  "fileStore() goes on with a sign-in when the mount turns read-only meanwhile",
  async (dir) => {
    const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
    const result = await runStoreProcess(
      {
        path,
        next: signIn(2),
        inside: `mount --bind ${dir.path} ${dir.path}; mount -o remount,bind,ro ${dir.path}`,
      },
      { wrapper: UNSHARE },
    );
    assert.equal(result.asked, true);
    assert.equal(
      result.error?.message,
      `Cannot save the sign-in in "${path}": its file system is read-only`,
    );
    assert.match(result.error?.hint ?? "", /^Make it writable, .* codex login$/);
    assert.equal(result.unsaved, true);
    assert.deepEqual(result.read, signIn(2));
  },
);

testMount(
  "fileStore() writes a file in place that is mounted by itself, and warns",
  async (dir) => {
    const source = await dir.write("source.json", fileText(signIn(1)), 0o600);
    const path = await dir.write("home/auth.json", "");
    const result = await runStoreProcess(
      { path, next: signIn(2) },
      mounting`mount --bind ${source} ${path}`,
    );
    assert.deepEqual([result.error, result.unsaved], [undefined, false]);
    assert.equal(await dir.read("source.json"), fileText(signIn(2)));
    assert.equal(await dir.read("home/auth.json"), "", "it was a mount");
    assert.deepEqual(await dir.list("home"), ["auth.json", "auth.json.lock"]);
    assert.match(result.warnings[0] ?? "", /mounted by itself .* better mount its folder$/);
  },
);

testMount("fileStore() fills an empty file that is mounted by itself", async (dir) => {
  const source = await dir.write("source.json", "", 0o600);
  const path = await dir.write("home/auth.json", "");
  const result = await runStoreProcess(
    { path, next: signIn(2) },
    mounting`mount --bind ${source} ${path}`,
  );
  assert.equal(result.error, undefined);
  assert.equal(await dir.read("source.json"), fileText(signIn(2)));
});

testMount("fileStore() writes a mounted file in a folder that is read-only", async (dir) => {
  const source = await dir.write("source.json", fileText(signIn(1)), 0o600);
  const path = await dir.write("home/auth.json", "");
  const home = dir.join("home");
  const result = await runStoreProcess(
    { path, next: signIn(2) },
    mounting`mount --bind ${home} ${home}; mount -o remount,bind,ro ${home}; mount --bind ${source} ${path}`,
  );
  assert.equal(result.error, undefined);
  assert.equal(await dir.read("source.json"), fileText(signIn(2)));
  assert.deepEqual(await dir.list("home"), ["auth.json"]);
});

testMount("fileStore() asks nobody when the mounted file itself is read-only", async (dir) => {
  const source = await dir.write("source.json", fileText(signIn(1)), 0o600);
  const path = await dir.write("home/auth.json", "");
  const result = await runStoreProcess(
    { path, next: signIn(2) },
    mounting`mount --bind ${source} ${path}; mount -o remount,bind,ro ${path}`,
  );
  assert.equal(result.asked, false);
  assert.match(result.error?.message ?? "", /read-only$/);
  assert.deepEqual(result.read, signIn(1));
});

testMount(
  "fileStore() finds a mount at the rename when Deno lets it not be seen before",
  async (dir) => {
    const source = await dir.write("source.json", fileText(signIn(1)), 0o600);
    const path = await dir.write("home/auth.json", "");
    const result = await runStoreProcess(
      { path, next: signIn(2) },
      { ...mounting`mount --bind ${source} ${path}`, permissions: SCOPED },
    );
    assert.deepEqual([result.error, result.unsaved], [undefined, false]);
    assert.equal(await dir.read("source.json"), fileText(signIn(2)));
    assert.deepEqual(await dir.list("home"), ["auth.json", "auth.json.lock"]);
    assert.deepEqual(result.warnings, [
      `"${path}" is mounted by itself and cannot be replaced: better mount its folder`,
    ]);
  },
);

testMount("fileStore() sees a mount from another device without a look at /proc", async (dir) => {
  const path = await dir.write("home/auth.json", "");
  const result = await runStoreProcess(
    { path, next: signIn(2) },
    {
      ...mounting`D=${dir.path}/tmp; mkdir $D; mount -t tmpfs none $D; ${OLD}
        mount --bind $D/auth.json ${path}`,
      permissions: SCOPED,
    },
  );
  assert.equal(result.error, undefined);
  assert.deepEqual(result.read, signIn(2));
  assert.equal(result.warnings.length, 1);
});

testMount(
  "fileStore() asks nobody for a read-only mount that Deno lets it not see",
  async (dir) => {
    const source = await dir.write("source.json", fileText(signIn(1)), 0o600);
    const path = await dir.write("home/auth.json", "");
    const shell = mounting`mount --bind ${source} ${path}; mount -o remount,bind,ro ${path}`;
    const result = await runStoreProcess(
      { path, next: signIn(2) },
      { ...shell, permissions: SCOPED },
    );
    assert.equal(result.asked, false);
    assert.match(result.error?.message ?? "", /read-only$/);
  },
);

testMount(
  "fileStore() leaves the file whole when neither a new one nor the old one has the space",
  async (dir) => {
    const path = dir.join("auth.json");
    const result = await runStoreProcess(
      {
        path,
        next: { ...signIn(2), access: "more than was claimed".repeat(2000) },
        inside: `dd if=/dev/zero of=${dir.path}/filler bs=1k`,
      },
      mounting`D=${dir.path}; mount -t tmpfs -o size=96k none $D; ${OLD}`,
    );
    assert.equal(result.asked, true);
    assert.match(result.error?.message ?? "", /no space is left/);
    assert.equal(result.unsaved, true);
    assert.equal(result.text, fileText(signIn(1)));
  },
);

testMount("fileStore() asks nobody when a mounted file has no space to grow", async (dir) => {
  const path = await dir.write("home/auth.json", "");
  const result = await runStoreProcess(
    { path, next: signIn(2) },
    mounting`D=${dir.path}/tmp; mkdir $D; mount -t tmpfs -o size=64k none $D; ${OLD}
     dd if=/dev/zero of=$D/filler bs=1k 2>/dev/null || true
     mount --bind $D/auth.json ${path}`,
  );
  assert.equal(result.asked, false);
  assert.match(result.error?.message ?? "", /no space is left/);
  assert.deepEqual(result.read, signIn(1), "the file is whole");
});

for (const permissions of [["-A"], SCOPED]) {
  testMount(
    `fileStore() loses nothing between two containers with the same file (${permissions[0]})`,
    async (dir) => {
      const source = await dir.write("source.json", fileText(signIn(0)), 0o600);
      const times = 15;
      const results = await Promise.all(["one", "two"].map(async (name) => {
        const path = await dir.write(`${name}/auth.json`, "");
        const mounts = mounting`mount --bind ${source} ${path}`;
        return await runStoreProcess({ path, times }, { ...mounts, permissions });
      }));
      assert.deepEqual(results.map(({ error }) => error), [undefined, undefined]);
      assert.equal(JSON.parse(await dir.read("source.json")).openai.expires, 2 * times);
    },
  );
}

testMount(
  "fileStore() loses nothing between two pid namespaces that share the folder",
  async (dir) => {
    const path = await dir.write("auth.json", fileText(signIn(0)), 0o600);
    const times = 15;
    const wrapper = ["unshare", "--pid", "--fork", "--mount-proc"];
    const results = await Promise.all(
      [0, 1].map(() => runStoreProcess({ path, times }, { wrapper })),
    );
    assert.deepEqual(results.map(({ error }) => error), [undefined, undefined]);
    assert.equal(JSON.parse(await dir.read("auth.json")).openai.expires, 2 * times);
  },
);

/** Runs the process as a user who owns nothing. */
function asNobody(dir: TempDir): ProcessOptions {
  const user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  return { wrapper: [...user, "env", `HOME=${dir.path}`, `DENO_DIR=${dir.path}/cache`] };
}

testMount(
  "fileStore() says that permission is denied, for the file, its folder and the lock",
  async (dir) => {
    await Deno.chmod(dir.path, 0o777);
    const path = await dir.write("theirs/auth.json", fileText(signIn(1)), 0o600);
    const read = await runStoreProcess({ path, next: signIn(2) }, asNobody(dir));
    assert.equal(
      read.error?.message,
      `Cannot open the lock file "${path}.lock": permission is denied`,
    );
    assert.match(read.error?.hint ?? "", /^Check who owns it and its folder/);

    await dir.write("theirs/auth.json.lock", "");
    await Deno.chmod(dir.join("theirs/auth.json.lock"), 0o666);
    const locked = await runStoreProcess({ path, next: signIn(2) }, asNobody(dir));
    assert.equal(locked.error?.message, `Cannot read "${path}": permission is denied`);

    await Deno.chmod(path, 0o644);
    const open = await runStoreProcess({ path, next: signIn(2) }, asNobody(dir));
    assert.equal(open.asked, false);
    assert.equal(open.error?.message, `Cannot write to "${path}": permission is denied`);
    assert.deepEqual(open.warnings, [`"${path}" is open to other users (mode 644): chmod 600 it`]);

    await Deno.chmod(dir.join("theirs"), 0o700);
    const closed = await runStoreProcess({ path, next: signIn(2) }, asNobody(dir));
    assert.equal(closed.error?.message, `Cannot look at "${path}": permission is denied`);
  },
);

testMount(
  "fileStore() asks nobody when the file in its own folder is another user's",
  async (dir) => {
    await Deno.chmod(dir.path, 0o777);
    const path = await dir.write("ours/auth.json", fileText(signIn(1)));
    await Deno.chown(dir.join("ours"), 65534, 65534);
    const result = await runStoreProcess({ path, next: signIn(2) }, asNobody(dir));
    assert.equal(result.asked, false);
    assert.equal(result.error?.message, `Cannot write to "${path}": permission is denied`);
    assert.deepEqual(await dir.list("ours"), ["auth.json", "auth.json.lock"]);
  },
);

/** A file and a folder of the user who owns nothing, where this user is root. */
async function filesOfNobody(dir: TempDir): Promise<string> {
  await Deno.chmod(dir.path, 0o777);
  const path = await dir.write("theirs/auth.json", fileText(signIn(1)), 0o600);
  for (const theirs of [path, dir.join("theirs")]) await Deno.chown(theirs, 65534, 65534);
  return path;
}

testMount("fileStore() as root leaves no lock that the file's owner cannot open", async (dir) => {
  const path = await filesOfNobody(dir);
  const root = await runStoreProcess({ path, next: signIn(2) }, { permissions: SCOPED });
  assert.deepEqual([root.error, await dir.list("theirs")], [undefined, ["auth.json"]]);
  const owner = await runStoreProcess({ path, next: signIn(3) }, asNobody(dir));
  assert.deepEqual([owner.error, owner.read], [undefined, signIn(3)]);
  assert.deepEqual(await dir.list("theirs"), ["auth.json", "auth.json.lock"]);
});

testMount("fileStore() waits for the lock of a root who is at work or was killed", async (dir) => {
  const path = await filesOfNobody(dir);
  await using root = new StoreProcess({ path, stop: "after-fn" }, { permissions: SCOPED });
  await root.stopped("after-fn");
  await using owner = new StoreProcess({ path, next: signIn(3) }, asNobody(dir));
  await root.kill();
  const { error, read } = await owner.result();
  assert.deepEqual([error, read], [undefined, signIn(3)]);
  assert.deepEqual(await dir.list("theirs"), ["auth.json"]);
});
