import assert from "node:assert/strict";
import { fileStore } from "../../../src/auth/store/file_store.ts";
import { systemClock } from "../../../src/base/clock.ts";
import type { CredentialStore } from "../../../src/base/credentials.ts";
import { CodexError } from "../../../src/base/errors.ts";
import { memoryStore } from "../../../src/base/memory_store.ts";
import { checkFile, checkKeeping } from "../../../src/cli/doctor/auth_file.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { TempDir } from "../../support/temp_dir.ts";

const NEVER = new AbortController().signal;
const TEXT = '{"openai":{"type":"oauth","refresh":"rt_1","access":"at","expires":1}}';

/** A folder of mode 0700 with a credential file of mode 0600. */
async function place(): Promise<{ dir: TempDir; path: string }> {
  const dir = await TempDir.make();
  const path = await dir.write("codex/auth.json", TEXT, 0o600);
  await Deno.chmod(dir.join("codex"), 0o700);
  return { dir, path };
}

Deno.test("checkFile() names the file and its mode", async () => {
  const { dir, path } = await place();
  await using _ = dir;
  assert.deepEqual(await checkFile(path), [
    { about: "file", severity: "ok", text: path },
    { about: "mode", severity: "ok", text: "0600, owned by this user" },
  ]);
});

Deno.test("checkFile() notes that there is no file, and no folder", async () => {
  const { dir } = await place();
  await using _ = dir;
  for (const path of [dir.join("codex/other.json"), dir.join("none/auth.json")]) {
    assert.deepEqual(await checkFile(path), [
      { about: "file", severity: "note", text: `${path} does not exist` },
    ]);
  }
});

Deno.test("checkFile() says where a link leads, and looks there", async () => {
  const { dir, path } = await place();
  await using _ = dir;
  const link = dir.join("link.json");
  await Deno.symlink(path, link);
  const [file, mode] = await checkFile(link);
  assert.equal(file?.text, `${link}, a link to ${path}`);
  assert.equal(mode?.text, "0600, owned by this user");
});

Deno.test("checkFile() notes a folder in which others could replace the file", async () => {
  const { dir, path } = await place();
  await using _ = dir;
  const folder = dir.join("codex");
  await Deno.chmod(folder, 0o777);
  const found = await checkFile(path);
  assert.deepEqual(found.at(-1), {
    about: "folder",
    severity: "note",
    text: `${folder} is open to other users (mode 0777), who could replace the file`,
    hint: `chmod go-w ${folder}`,
  });
  await Deno.chmod(folder, 0o1777);
  assert.equal((await checkFile(path)).some(({ about }) => about === "folder"), false, "sticky");
});

Deno.test({
  name: "checkFile() notes that the file belongs to another user",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: async () => {
    const { dir, path } = await place();
    await using _ = dir;
    await Deno.chown(path, 12_345, null);
    const owner = (await checkFile(path)).find(({ about }) => about === "owner");
    assert.equal(owner?.severity, "note");
    assert.equal(owner?.text, "user 12345, while this is user 0");
    assert.equal((await checkFile(path)).find(({ about }) => about === "mode")?.text, "0600");
  },
});

Deno.test("checkFile() says why the file cannot be looked at", async () => {
  const { dir } = await place();
  await using _ = dir;
  const file = await dir.write("file", "");
  const [found, ...rest] = await checkFile(`${file}/auth.json`);
  assert.deepEqual(rest, []);
  assert.equal(found?.severity, "problem");
  assert.equal(found?.code, "store_unavailable");
  assert.match(found?.text ?? "", /^Cannot look at ".*": a part of its path is not a folder$/);
});

Deno.test("checkKeeping() goes through an update that changes nothing", async () => {
  const { dir, path } = await place();
  await using _ = dir;
  const { finding, works } = await checkKeeping(fileStore(path), systemClock, NEVER);
  assert.equal(works, true);
  assert.deepEqual(finding, {
    about: "lock",
    severity: "ok",
    text: "works, and a renewed sign-in can be kept",
  });
  assert.equal(await dir.read("codex/auth.json"), TEXT);
  assert.deepEqual(await dir.list("codex"), ["auth.json", "auth.json.lock"]);
});

Deno.test("checkKeeping() says why a renewed sign-in could not be kept", async () => {
  const { dir, path } = await place();
  await using _ = dir;
  await Deno.mkdir(`${path}.lock`);
  const { finding, works } = await checkKeeping(fileStore(path), systemClock, NEVER);
  assert.equal(works, false);
  assert.equal(finding.severity, "problem");
  assert.equal(finding.code, "store_unavailable");
  assert.match(finding.text, /the lock file is not a regular file$/);
  assert.equal(finding.hint, "Remove it, then try again");
});

/** A store whose lock is never free. */
const busy: CredentialStore = {
  read: () => Promise.resolve(undefined),
  update: (_fn, { signal } = {}) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    }),
};

Deno.test("checkKeeping() does not wait long for another process", async () => {
  const clock = new ManualClock();
  const work = checkKeeping(busy, clock, NEVER);
  await clock.advance(1_999);
  assert.equal(clock.pending, 1);
  await clock.advance(1);
  const { finding, works } = await work;
  assert.equal(works, true, "the other one's lock works");
  assert.equal(finding.severity, "note");
  assert.match(finding.text, /held by another process/);
});

Deno.test("checkKeeping() ends with the reason of an abort", async () => {
  const controller = new AbortController();
  const clock = new ManualClock();
  const work = checkKeeping(busy, clock, controller.signal);
  const reason = new CodexError("aborted", "Interrupted");
  controller.abort(reason);
  await assert.rejects(work, (error) => error === reason);
  assert.equal(clock.pending, 0);
});

Deno.test("checkKeeping() takes any store", async () => {
  assert.equal((await checkKeeping(memoryStore(), systemClock, NEVER)).works, true);
});
