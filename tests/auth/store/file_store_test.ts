import assert from "node:assert/strict";
import {
  type FaultPoint,
  fileStore,
  type FileStoreParts,
  openFileStore,
} from "../../../src/auth/store/file_store.ts";
import { acquireLock } from "../../../src/auth/lock.ts";
import type { Clock } from "../../../src/base/clock.ts";
import type { Credentials, CredentialStore } from "../../../src/base/credentials.ts";
import { type CodexError, isCodexError } from "../../../src/base/errors.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { fileText, signIn } from "./support.ts";

async function put(store: CredentialStore, next: Credentials | undefined): Promise<void> {
  await store.update(() => Promise.resolve({ next, value: undefined }));
}

async function unavailable(work: Promise<unknown>): Promise<CodexError> {
  const error = await work.then(() => undefined, (error: unknown) => error);
  assert.ok(isCodexError(error, "store_unavailable"), String(error));
  assert.ok(error.hint, "there is a hint");
  for (const secret of ["rt_", "access-token-of-a-test"]) {
    assert.ok(!JSON.stringify(error).includes(secret), "nothing secret is told");
  }
  return error;
}

async function modeOf(path: string): Promise<string> {
  const { mode } = await Deno.lstat(path);
  return ((mode ?? 0) & 0o7777).toString(8);
}

/** A store on `auth.json` in a folder, with what it has to say. */
function storeIn(
  dir: TempDir,
  options: FileStoreParts = {},
): { store: ReturnType<typeof fileStore>; warnings: string[] } {
  const warnings: string[] = [];
  const onWarning = (message: string) => warnings.push(message);
  return { store: openFileStore({ path: dir.join("auth.json"), onWarning, ...options }), warnings };
}

/** Fails at steps of an update. */
function failing(steps: Partial<Record<FaultPoint, string>>): (point: FaultPoint) => void {
  return (point) => {
    const code = steps[point];
    if (code !== undefined) throw Object.assign(new Error(`${code} (os error)`), { code });
  };
}

Deno.test("fileStore() tells what it is before it touches anything", async () => {
  await using dir = await TempDir.make();
  const store = fileStore(dir.join("codex", "auth.json"));
  assert.equal(store.origin, "file");
  assert.equal(store.renewable, true);
  assert.equal(store.unsaved, undefined);
  assert.equal(store.path, dir.join("codex", "auth.json"));
  assert.equal(fileStore(new URL("file:///a/auth.json")).path, "/a/auth.json");
  assert.deepEqual(await dir.list(), []);
});

Deno.test("fileStore() takes the command's own file when none is named", () => {
  const env = (name: string) => name === "CODEX_AUTH_FILE" ? "/run/auth.json" : undefined;
  assert.equal(fileStore({ env }).path, "/run/auth.json");
  assert.throws(
    () => fileStore({ env: () => undefined }),
    (error) => isCodexError(error, "invalid_usage"),
  );
  assert.throws(
    () => fileStore({ env, profile: "../x" }),
    (error) => isCodexError(error, "invalid_usage"),
  );
});

Deno.test("fileStore() reads nothing where there is nothing, and makes nothing", async () => {
  await using dir = await TempDir.make();
  assert.equal(await fileStore(dir.join("a", "b", "auth.json")).read(), undefined);
  assert.deepEqual(await dir.list(), []);
});

Deno.test("fileStore() makes a file of mode 0600 in folders of mode 0700", async () => {
  await using dir = await TempDir.make();
  const old = Deno.umask(0o222);
  try {
    await put(fileStore(dir.join("a", "b", "auth.json")), signIn());
  } finally {
    Deno.umask(old);
  }
  assert.equal(await dir.read("a/b/auth.json"), fileText(signIn()));
  assert.deepEqual(await dir.list("a/b"), ["auth.json", "auth.json.lock"]);
  assert.equal(await modeOf(dir.join("a/b/auth.json")), "600");
});

Deno.test("fileStore() makes each missing folder for its owner alone", async () => {
  await using dir = await TempDir.make();
  await put(fileStore(dir.join("a", "b", "auth.json")), signIn());
  assert.equal(await modeOf(dir.join("a")), "700");
  assert.equal(await modeOf(dir.join("a/b")), "700");
  assert.equal(await modeOf(dir.join("a/b/auth.json.lock")), "600");
});

Deno.test("fileStore() reads without a lock, while an update is under way too", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const { store } = storeIn(dir);
  assert.deepEqual(await store.read(), signIn(1));
  assert.deepEqual(await dir.list(), ["auth.json"]);
  await store.update(async () => {
    assert.deepEqual(await storeIn(dir).store.read(), signIn(1));
    return { next: signIn(2), value: undefined };
  });
  assert.deepEqual(await store.read(), signIn(2));
});

Deno.test("fileStore() gives credentials that show no secret when printed", async () => {
  await using dir = await TempDir.make();
  const { store } = storeIn(dir);
  await put(store, signIn(1));
  assert.ok(!Deno.inspect(await store.read()).includes("rt_1"));
  await store.update((current) => {
    assert.ok(!Deno.inspect(current).includes("rt_1"));
    return Promise.resolve({ next: current, value: undefined });
  });
});

Deno.test("fileStore() keeps profiles apart in one file", async () => {
  await using dir = await TempDir.make();
  const { store } = storeIn(dir);
  const work = storeIn(dir, { profile: "work" }).store;
  await put(work, signIn(2));
  await put(store, signIn(1));
  assert.deepEqual([await store.read(), await work.read()], [signIn(1), signIn(2)]);
  assert.deepEqual(await store.profiles(), ["work", "default"]);
  await put(work, undefined);
  assert.deepEqual([await store.read(), await work.read()], [signIn(1), undefined]);
});

Deno.test("fileStore() leaves what others keep in the file as it is", async () => {
  await using dir = await TempDir.make();
  const others = '{\n  "10": {"key": "ä\\u00e4", "n": 12345678901234567890},\n  "2": [ ]\n}\n';
  await dir.write("auth.json", others, 0o600);
  const { store } = storeIn(dir);
  await put(store, signIn(1));
  await put(store, signIn(2));
  assert.equal(
    await dir.read("auth.json"),
    others.replace("[ ]\n}", `[ ],${fileText(signIn(2)).slice(1, -3)}\n}`),
  );
  await put(store, undefined);
  assert.equal(await dir.read("auth.json"), others);
});

Deno.test("fileStore() leaves an empty object when its own sign-in was all", async () => {
  await using dir = await TempDir.make();
  const { store } = storeIn(dir);
  await put(store, signIn(1));
  await put(store, undefined);
  assert.equal(await dir.read("auth.json"), "{}\n");
});

Deno.test("fileStore() writes nothing when an update gives back what it got", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const before = await Deno.stat(dir.join("auth.json"));
  const { store } = storeIn(dir);
  await store.update((current) => Promise.resolve({ next: current, value: undefined }));
  const after = await Deno.stat(dir.join("auth.json"));
  assert.deepEqual([after.ino, after.mtime], [before.ino, before.mtime]);
  assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"]);
});

Deno.test("fileStore() has the temporary file and the lock before it asks the callback", async () => {
  await using dir = await TempDir.make();
  const { store } = storeIn(dir);
  await store.update(async () => {
    const [temporary = "", lock] = await dir.list();
    assert.equal(lock, "auth.json.lock");
    assert.match(temporary, /^auth\.json\.0-[0-9a-f]{16}\.tmp$/);
    assert.equal(await modeOf(dir.join(temporary)), "600");
    assert.ok((await Deno.stat(dir.join(temporary))).size >= 16 * 1024, "space is claimed");
    return { next: signIn(1), value: undefined };
  });
  assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"]);
});

Deno.test("fileStore() leaves no temporary file when the callback rejects", async () => {
  await using dir = await TempDir.make();
  const { store } = storeIn(dir);
  await assert.rejects(store.update(() => Promise.reject(new Error("no answer"))), /no answer/);
  assert.deepEqual(await dir.list(), ["auth.json.lock"]);
});

Deno.test("fileStore() makes nothing for a signal that is aborted already", async () => {
  await using dir = await TempDir.make();
  const { store } = storeIn(dir);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(
    store.update(() => Promise.resolve({ next: signIn(1), value: undefined }), { signal }),
    /enough/,
  );
  assert.deepEqual(await dir.list(), []);
});

for (
  const [what, content, why] of [
    ["half a file", '{"openai": {"type": "oauth", "refr', /no JSON object/],
    ["an array", "[]", /no JSON object/],
    ["some other file", "SECRET=1\n", /no JSON object/],
    ["bytes", new Uint8Array([0x7b, 0xff, 0x7d]), /no UTF-8 text/],
    ["zeros", new Uint8Array(64), /no JSON object/],
    ["another kind of sign-in", '{"openai": {"type": "wellknown"}}', /"openai" is no sign-in/],
    ["too much", new Uint8Array(9 * 1024 * 1024).fill(0x20), /too large/],
  ] as const
) {
  Deno.test(`fileStore() reports ${what} with its path and never overwrites it`, async () => {
    await using dir = await TempDir.make();
    const path = await dir.write("auth.json", content, 0o600);
    const before = await Deno.readFile(path);
    const { store } = storeIn(dir);
    const calls = [() => store.read(), () => put(store, signIn(1)), () => put(store, undefined)];
    for (const call of calls) {
      const error = await unavailable(call());
      assert.ok(error.message.startsWith(`Cannot use "${path}": `));
      assert.match(error.message, why);
    }
    assert.deepEqual(await Deno.readFile(path), before);
    assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"]);
  });
}

Deno.test("fileStore() fills an empty file, such as one made to be mounted", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", "", 0o600);
  const { store } = storeIn(dir);
  assert.equal(await store.read(), undefined);
  await put(store, signIn(1));
  assert.deepEqual(await store.read(), signIn(1));
});

Deno.test("fileStore() waits a moment for a program that is just writing the file", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", "", 0o600);
  const pauses: number[] = [];
  const clock: Clock = {
    now: () => 0,
    after(ms, fire) {
      pauses.push(ms);
      Deno.writeTextFileSync(path, pauses.length === 1 ? '{"open' : fileText(signIn(1)));
      fire();
      return () => {};
    },
  };
  assert.deepEqual(await storeIn(dir, { clock }).store.read(), signIn(1));
  assert.deepEqual(pauses, [20, 40]);
});

Deno.test("fileStore() tightens a file that is open to others, and says so once", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)));
  await Deno.chmod(path, 0o644);
  const { store, warnings } = storeIn(dir);
  assert.deepEqual(await store.read(), signIn(1));
  assert.equal(await modeOf(path), "600");
  assert.deepEqual(warnings, [`"${path}" is open to other users (mode 644): tightened to 600`]);
  await store.read();
  assert.equal(warnings.length, 1);
});

Deno.test("fileStore() tells of an open file that belongs to somebody else, and leaves it", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)));
  await Deno.chmod(path, 0o640);
  const { store, warnings } = storeIn(dir, { uid: () => (Deno.uid() ?? 0) + 1 });
  assert.deepEqual(await store.read(), signIn(1));
  assert.equal(await modeOf(path), "640");
  assert.deepEqual(warnings, [`"${path}" is open to other users (mode 640): chmod 600 it`]);
});

Deno.test("fileStore() reads a file with two names but does not part them", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
  await Deno.link(path, dir.join("second"));
  const { store } = storeIn(dir);
  assert.deepEqual(await store.read(), signIn(1));
  const error = await unavailable(put(store, signIn(2)));
  assert.match(error.message, /second name/);
  assert.equal(await dir.read("second"), fileText(signIn(1)));
});

Deno.test("fileStore() replaces the target of a link beside itself, under the target's lock", async () => {
  await using dir = await TempDir.make();
  await dir.write("real/auth.json", fileText(signIn(1)), 0o600);
  await Deno.symlink("real/auth.json", dir.join("auth.json"));
  const { store } = storeIn(dir);
  await put(store, signIn(2));
  assert.ok((await Deno.lstat(dir.join("auth.json"))).isSymlink);
  assert.deepEqual(await fileStore(dir.join("real/auth.json")).read(), signIn(2));
  assert.deepEqual(await dir.list(), ["auth.json", "real"]);
  assert.deepEqual(await dir.list("real"), ["auth.json", "auth.json.lock"]);
});

Deno.test("fileStore() follows a link that is turned to another file while it waits", async () => {
  await using dir = await TempDir.make();
  await dir.write("one/auth.json", fileText(signIn(1)), 0o600);
  await dir.write("two/auth.json", fileText(signIn(2)), 0o600);
  await Deno.symlink("one/auth.json", dir.join("auth.json"));
  let first = true;
  const openLock = async (path: string) => {
    if (first) {
      first = false;
      await Deno.remove(dir.join("auth.json"));
      await Deno.symlink("two/auth.json", dir.join("auth.json"));
    }
    return await Deno.open(path, { write: true, create: true });
  };
  await put(storeIn(dir, { openLock }).store, signIn(3));
  assert.equal(await dir.read("one/auth.json"), fileText(signIn(1)));
  assert.equal(await dir.read("two/auth.json"), fileText(signIn(3)));
  assert.deepEqual(await dir.list("two"), ["auth.json", "auth.json.lock"]);
});

for (
  const [what, inPlace, why] of [
    ["a folder", (path: string) => Deno.mkdir(path), /: it is a folder$/],
    [
      "a named pipe",
      async (path: string) => void await new Deno.Command("mkfifo", { args: [path] }).output(),
      /: it is a named pipe$/,
    ],
  ] as const
) {
  Deno.test(`fileStore() refuses ${what} in the file's place`, async () => {
    await using dir = await TempDir.make();
    await inPlace(dir.join("auth.json"));
    const { store } = storeIn(dir);
    assert.match((await unavailable(store.read())).message, why);
    assert.match((await unavailable(put(store, signIn(1)))).message, why);
    assert.deepEqual(await dir.list(), ["auth.json"]);
  });
}

Deno.test("fileStore() says when a file is in the place of its folder", async () => {
  await using dir = await TempDir.make();
  await dir.write("folder", "");
  const direct = fileStore(dir.join("folder", "auth.json"));
  assert.match((await unavailable(put(direct, signIn(1)))).message, /is not a folder$/);
});

Deno.test("fileStore() uses a sign-in where the file system has no locks, and only refuses to update", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const openLock = () =>
    Promise.resolve({
      tryLock: () => Promise.reject(new Error("No locks available (os error 37)")),
      stat: () => Promise.resolve({ dev: 0, ino: 0 }),
      close: () => {},
    });
  const { store } = storeIn(dir, { openLock });
  assert.deepEqual(await store.read(), signIn(1));
  const error = await unavailable(store.update(() => assert.fail("the callback was asked")));
  assert.match(error.message, /no locks/);
});

Deno.test("fileStore() gives up on a lock that another process keeps", async () => {
  await using dir = await TempDir.make();
  const { store } = storeIn(dir);
  const impatient = storeIn(dir, { lockTimeoutMs: 0 }).store;
  await store.update(async () => {
    const error = await unavailable(impatient.update(() => assert.fail("the callback was asked")));
    assert.match(error.message, /locked for 0 s$/);
    return { next: signIn(1), value: undefined };
  });
});

Deno.test("fileStore() warns that opencode takes no lock, when it updates opencode's own file", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("opencode", "auth.json");
  const warnings: string[] = [];
  const store = fileStore({ path, onWarning: (message) => warnings.push(message) });
  await put(store, signIn(1));
  await put(store, signIn(2));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /opencode takes no lock/);
});

// What others do to the file while the lock is ours.

Deno.test("fileStore() keeps what another program adds to the file during an update", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const { store } = storeIn(dir);
  await store.update(async () => {
    await dir.write("auth.json", `{"anthropic":{"n":1.0},${fileText(signIn(1)).trim().slice(1)}`);
    return { next: signIn(2), value: undefined };
  });
  assert.ok((await dir.read("auth.json")).startsWith('{"anthropic":{"n":1.0},'));
  assert.deepEqual(await store.read(), signIn(2));
});

Deno.test("fileStore() does not mind a change during an update that gives back what it got", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const { store } = storeIn(dir);
  const value = await store.update(async (current) => {
    await dir.write("auth.json", fileText(signIn(9)));
    return { next: current, value: await store.read() };
  });
  assert.deepEqual(value, signIn(9));
  assert.deepEqual(await store.read(), signIn(9));
});

Deno.test("fileStore() leaves another account that was signed in during an update", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const other = { ...signIn(7), accountId: "acct-2" };
  const { store } = storeIn(dir);
  const error = await unavailable(store.update(async () => {
    await dir.write("auth.json", fileText(other));
    return { next: signIn(2), value: undefined };
  }));
  assert.match(
    error.message,
    /^Another program has changed the sign-in in ".*auth.json" meanwhile/,
  );
  assert.equal(await dir.read("auth.json"), fileText(other));
  assert.deepEqual(await store.read(), other);
  assert.equal(store.unsaved, undefined);
});

Deno.test("fileStore() does not bring back a file that was removed during an update", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const { store } = storeIn(dir);
  const error = await unavailable(store.update(async () => {
    await Deno.remove(dir.join("auth.json"));
    return { next: signIn(2), value: undefined };
  }));
  assert.match(error.message, /has removed the sign-in/);
  assert.deepEqual(await dir.list(), ["auth.json.lock"]);
});

Deno.test("fileStore() replaces a spent token that was copied back during an update", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const { store } = storeIn(dir);
  await store.update(async () => {
    await dir.write("auth.json", fileText(signIn(0)));
    return { next: signIn(2), value: undefined };
  });
  assert.deepEqual(await store.read(), signIn(2));
});

Deno.test("fileStore() writes even when its temporary file was swept away", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const { store } = storeIn(dir);
  await store.update(async () => {
    const temporary = (await dir.list()).find((name) => name.endsWith(".tmp")) ?? "";
    await Deno.remove(dir.join(temporary));
    return { next: signIn(2), value: undefined };
  });
  assert.equal(await dir.read("auth.json"), fileText(signIn(2)));
  assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"]);
});

// What cannot be saved.

Deno.test("fileStore() writes in place when the file cannot be replaced", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const before = await Deno.stat(path);
  const { store } = storeIn(dir, { fault: failing({ "temp-synced": "EBUSY" }) });
  await put(store, { ...signIn(2), issuer: "https://issuer.example/of/some/length" });
  await put(store, signIn(3));
  assert.equal(await dir.read("auth.json"), fileText(signIn(3)));
  assert.equal((await Deno.stat(path)).ino, before.ino);
  assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"]);
  assert.equal(store.unsaved, undefined);
});

Deno.test("fileStore() makes the file when only the rename fails and there is none yet", async () => {
  await using dir = await TempDir.make();
  const { store } = storeIn(dir, { fault: failing({ "temp-synced": "EXDEV" }) });
  await put(store, signIn(1));
  assert.equal(await dir.read("auth.json"), fileText(signIn(1)));
});

Deno.test("fileStore() goes on with a sign-in that cannot be saved, and says the one thing to do", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const fault = failing({ "temp-written": "EIO", claimed: "ENOSPC" });
  const { store } = storeIn(dir, { fault });
  const error = await unavailable(put(store, signIn(2)));
  assert.equal(error.message, `Cannot save the sign-in in "${path}": no space is left on its disk`);
  assert.match(
    error.hint ?? "",
    /^Free some space there, .*, then sign in again with: codex login$/,
  );
  assert.deepEqual(store.unsaved, signIn(2));
  assert.deepEqual(await store.read(), signIn(2));
  assert.ok(!Deno.inspect(store.unsaved).includes("rt_2"));
  assert.equal(await dir.read("auth.json"), fileText(signIn(1)), "the file is whole");
  assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"], "nothing is left behind");
});

/** A store that could not save its second sign-in, on a disk that fails until it is mended. */
async function withUnsaved(dir: TempDir) {
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  let broken = true;
  const fault = (point: FaultPoint) => {
    if (broken) failing({ "temp-written": "EIO", claimed: "EIO" })(point);
  };
  const { store } = storeIn(dir, { fault });
  await unavailable(put(store, signIn(2)));
  return { store, mend: () => void (broken = false) };
}

Deno.test("fileStore() saves at its next update what it could not save before", async () => {
  await using dir = await TempDir.make();
  const { store, mend } = await withUnsaved(dir);
  await unavailable(store.update(() => assert.fail("asked while it could not be saved")));
  assert.deepEqual(store.unsaved, signIn(2));
  mend();
  await assert.rejects(
    store.update((current) => {
      assert.deepEqual(current, signIn(2));
      return Promise.reject(new Error("no answer"));
    }),
    /no answer/,
  );
  assert.equal(store.unsaved, undefined);
  assert.equal(await dir.read("auth.json"), fileText(signIn(2)));
});

Deno.test("fileStore() forgets what it could not save once somebody else has signed in", async () => {
  await using dir = await TempDir.make();
  const { store, mend } = await withUnsaved(dir);
  mend();
  await put(storeIn(dir).store, signIn(9));
  await store.update((current) => {
    assert.deepEqual(current, signIn(9));
    return Promise.resolve({ next: current, value: undefined });
  });
  assert.deepEqual(await store.read(), signIn(9));
});

Deno.test("fileStore() keeps the sign-in for this process when the file is damaged during an update", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const { store } = storeIn(dir);
  const error = await unavailable(store.update(async () => {
    await dir.write("auth.json", "{");
    return { next: signIn(2), value: undefined };
  }));
  assert.ok(error.message.startsWith(`Cannot save the sign-in: Cannot use "${path}": `));
  assert.match(error.hint ?? "", /codex login/);
  assert.equal(await dir.read("auth.json"), "{");
  assert.deepEqual(await store.read(), signIn(2));
});

Deno.test("fileStore() keeps a sign-in that it could not remove", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const fault = failing({ "temp-written": "EIO", claimed: "EROFS" });
  const { store } = storeIn(dir, { fault });
  const error = await unavailable(put(store, undefined));
  assert.equal(
    error.message,
    `Cannot take the sign-in out of "${path}": its file system is read-only`,
  );
  assert.equal(store.unsaved, undefined);
  assert.deepEqual(await store.read(), signIn(1));
});

Deno.test({
  name: "fileStore() as root leaves a user's file to the user",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using dir = await TempDir.make();
    const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
    await Deno.chown(path, 65534, 65534);
    await put(storeIn(dir).store, signIn(2));
    assert.equal(await dir.read("auth.json"), fileText(signIn(2)));
    assert.equal((await Deno.stat(path)).uid, 65534);
    assert.equal(await modeOf(path), "600");
  },
});

Deno.test({
  name: "fileStore() waits for whoever has locked the file itself, under whatever path",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await using dir = await TempDir.make();
    const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
    const update = () =>
      fileStore({ path, lockTimeoutMs: 0 })
        .update((current) => Promise.resolve({ next: current, value: "done" }));
    {
      using _ = await acquireLock(path);
      await assert.rejects(
        update(),
        (error) =>
          isCodexError(error, "store_unavailable") && /kept ".*auth\.json"/.test(error.message),
      );
    }
    assert.equal(await update(), "done");
  },
});
