import assert from "node:assert/strict";
import { type InPlaceStep, prepareInPlace } from "../../../src/auth/store/in_place.ts";
import { TempDir } from "../../support/temp_dir.ts";

const OLD = '{"old": 1}\n';

/** Overwrites a file, and shows what it holds after each step. */
async function overwrite(dir: TempDir, content: string, failAt?: InPlaceStep): Promise<string[]> {
  const path = dir.join("a");
  const seen: string[] = [];
  const onStep = async (step: InPlaceStep) => {
    seen.push(await dir.read("a"));
    if (step === failAt) throw new Error(`failed after ${step}`);
  };
  await using pending = await prepareInPlace(path, await Deno.stat(path), {
    reserve: 3000,
    onStep,
  });
  assert.ok(pending);
  await pending.commit(content);
  return seen;
}

for (const content of ['{"new": true, "longer": "than the old one"}\n', "{}\n", "x".repeat(9000)]) {
  Deno.test(`prepareInPlace() keeps the file whole while ${content.length} bytes take its place`, async () => {
    await using dir = await TempDir.make();
    const before = await Deno.stat(await dir.write("a", OLD, 0o600));
    const [claimed, overwritten, cut] = await overwrite(dir, content);
    assert.equal(claimed, OLD + " ".repeat(3000));
    assert.equal(overwritten?.trimEnd(), content.trimEnd());
    assert.equal(cut, content);
    assert.equal(await dir.read("a"), content);
    assert.equal((await Deno.stat(dir.join("a"))).ino, before.ino);
  });
}

Deno.test("prepareInPlace() gives the file back as it was when nothing is committed", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a", OLD);
  {
    await using _ = await prepareInPlace(path, await Deno.stat(path), { reserve: 3000 });
  }
  assert.equal(await dir.read("a"), OLD);
});

Deno.test("prepareInPlace() gives the file back as it was when the space cannot be claimed", async () => {
  await using dir = await TempDir.make();
  await dir.write("a", OLD);
  await assert.rejects(overwrite(dir, "{}\n", "claimed"), /failed after claimed/);
  assert.equal(await dir.read("a"), OLD);
});

Deno.test("prepareInPlace() leaves the new content alone when only the cut fails", async () => {
  await using dir = await TempDir.make();
  await dir.write("a", OLD);
  await assert.rejects(overwrite(dir, "{}\n", "overwritten"), /failed after overwritten/);
  assert.equal(await dir.read("a"), "{}\n");
});

Deno.test("prepareInPlace() takes away what others may do with the file", async () => {
  await using dir = await TempDir.make();
  await Deno.chmod(await dir.write("a", OLD), 0o664);
  await overwrite(dir, "{}\n");
  const { mode } = await Deno.stat(dir.join("a"));
  assert.equal((mode ?? 0) & 0o777, 0o600);
});

Deno.test("prepareInPlace() leaves a file alone that was put in the place of the expected one", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("a", OLD);
  const expected = await Deno.stat(path);
  await Deno.rename(await dir.write("b", "other"), path);
  assert.equal(await prepareInPlace(path, expected, { reserve: 10 }), undefined);
  assert.equal(await dir.read("a"), "other");
});
