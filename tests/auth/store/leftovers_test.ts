import assert from "node:assert/strict";
import { leftoverTag, settleLeftovers } from "../../../src/auth/store/leftovers.ts";
import { findTarget, type Target } from "../../../src/auth/store/target.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { fileText, signIn } from "./support.ts";

const HEX = "0123456789abcdef";

async function target(dir: TempDir): Promise<Target> {
  return await findTarget(dir.join("auth.json"), () => null);
}

/** A temporary file as a killed process leaves it, made after the file or some seconds before. */
async function leave(dir: TempDir, content: string, secondsBefore: number = 0): Promise<string> {
  const { info } = await target(dir);
  const name = `auth.json.${leftoverTag(info)}${HEX}.tmp`;
  const path = await dir.write(name, content, 0o600);
  const time = (info?.mtime?.getTime() ?? 0) / 1000 - secondsBefore;
  await Deno.utime(path, time, time);
  return name;
}

Deno.test("settleLeftovers() finishes a write that was completed, without its blanks", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  await leave(dir, fileText(signIn(2)) + " ".repeat(5000));
  assert.equal(await settleLeftovers(await target(dir)), true);
  assert.equal(await dir.read("auth.json"), fileText(signIn(2)));
  assert.deepEqual(await dir.list(), ["auth.json"]);
});

for (
  const [what, content] of [
    ["was only claimed", " ".repeat(5000)],
    ["was not completed", fileText(signIn(2)).slice(0, -3) + " ".repeat(5000)],
    ["is empty", ""],
  ] as const
) {
  Deno.test(`settleLeftovers() removes a write that ${what}`, async () => {
    await using dir = await TempDir.make();
    await dir.write("auth.json", fileText(signIn(1)), 0o600);
    await leave(dir, content);
    assert.equal(await settleLeftovers(await target(dir)), false);
    assert.equal(await dir.read("auth.json"), fileText(signIn(1)));
    assert.deepEqual(await dir.list(), ["auth.json"]);
  });
}

Deno.test("settleLeftovers() removes a write to a file that was changed afterwards", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  await leave(dir, fileText(signIn(2)), 5);
  assert.equal(await settleLeftovers(await target(dir)), false);
  assert.equal(await dir.read("auth.json"), fileText(signIn(1)));
  assert.deepEqual(await dir.list(), ["auth.json"]);
});

Deno.test("settleLeftovers() removes a write to a file that was replaced afterwards", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  await leave(dir, fileText(signIn(2)));
  await dir.write("other", fileText(signIn(3)), 0o600);
  await Deno.utime(dir.join("other"), 1, 1);
  await Deno.rename(dir.join("other"), dir.join("auth.json"));
  assert.equal(await settleLeftovers(await target(dir)), false);
  assert.equal(await dir.read("auth.json"), fileText(signIn(3)));
  assert.deepEqual(await dir.list(), ["auth.json"]);
});

Deno.test({
  name: "settleLeftovers() takes nothing over from another user",
  ignore: Deno.uid() !== 0,
  fn: async () => {
    await using dir = await TempDir.make();
    await dir.write("auth.json", fileText(signIn(1)), 0o600);
    const name = await leave(dir, fileText(signIn(2)));
    await Deno.chown(dir.join(name), 65534, 65534);
    assert.equal(await settleLeftovers(await target(dir)), false);
    assert.equal(await dir.read("auth.json"), fileText(signIn(1)));
  },
});

Deno.test("settleLeftovers() does not bring back a file that was removed", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  await leave(dir, fileText(signIn(2)));
  await Deno.remove(dir.join("auth.json"));
  assert.equal(await settleLeftovers(await target(dir)), false);
  assert.deepEqual(await dir.list(), []);
});

Deno.test("settleLeftovers() removes what a killed first sign-in left", async () => {
  await using dir = await TempDir.make();
  await leave(dir, fileText(signIn(1)));
  assert.equal(await settleLeftovers(await target(dir)), false);
  assert.deepEqual(await dir.list(), []);
});

Deno.test("settleLeftovers() touches nothing with another name, and no folder", async () => {
  await using dir = await TempDir.make();
  await dir.write("auth.json", fileText(signIn(1)), 0o600);
  const names = [
    "auth.json.bak",
    "auth.json.tmp",
    `auth.json.${HEX}.tmp`,
    `x.auth.json.1-${HEX}.tmp`,
  ];
  for (const name of names) await dir.write(name, "");
  await Deno.mkdir(dir.join(`auth.json.2-${HEX}.tmp`));
  await settleLeftovers(await target(dir));
  assert.deepEqual(await dir.list(), ["auth.json", ...names, `auth.json.2-${HEX}.tmp`].sort());
});
