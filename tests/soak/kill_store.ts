/**
 * Kills a process at every step of an update, 200 times in all (or as often as the first argument
 * says), and lets 16 processes make 25 updates each. Prints what it found; fails when a file was
 * not whole, a sign-in was lost that had begun to be written, a lock stayed, or an update was lost.
 */
import assert from "node:assert/strict";
import { type FaultPoint, fileStore } from "../../src/auth/store/file_store.ts";
import { fileText, runStoreProcess, signIn, StoreProcess } from "../auth/store/support.ts";
import { TempDir } from "../support/temp_dir.ts";

/** The steps, and whether the answer has begun to be written at each. */
const STEPS: readonly (readonly [point: FaultPoint, written: boolean])[] = [
  ["locked", false],
  ["settled", false],
  ["read", false],
  ["temp-created", false],
  ["before-fn", false],
  ["after-fn", false],
  ["temp-written", true],
  ["temp-synced", true],
  ["renamed", true],
  ["saved", true],
];

async function killAt(dir: TempDir, point: FaultPoint): Promise<"old" | "new"> {
  const path = dir.join("auth.json");
  await using process = new StoreProcess({ path, next: signIn(2), stop: point });
  await process.stopped(point);
  await process.kill();
  const store = fileStore({ path, lockTimeoutMs: 0 });
  const read = await store.read();
  assert.ok(read?.type === "oauth", "the file is whole");
  return await store.update((current) => {
    assert.ok(current?.type === "oauth" && [1, 2].includes(current.expires));
    return Promise.resolve({ next: signIn(1), value: current.expires === 1 ? "old" : "new" });
  });
}

async function main(kills: number): Promise<void> {
  const found = new Map<FaultPoint, { old: number; new: number }>();
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", fileText(signIn(1)), 0o600);
  for (let kill = 0; kill < kills; kill++) {
    const [point, written] = STEPS[kill % STEPS.length] ?? ["saved", true];
    const held = await killAt(dir, point);
    assert.equal(held, written ? "new" : "old", `the sign-in after a kill at ${point}`);
    const counts = found.get(point) ?? { old: 0, new: 0 };
    counts[held]++;
    found.set(point, counts);
  }
  assert.deepEqual(await dir.list(), ["auth.json", "auth.json.lock"]);
  for (const [point, counts] of found) {
    say(`${point.padEnd(14)} ${counts.old} times the old sign-in, ${counts.new} the new`);
  }

  await Deno.writeTextFile(path, fileText(signIn(0)));
  const start = performance.now();
  const [processes, times] = [16, 25];
  await Promise.all(Array.from({ length: processes }, () => runStoreProcess({ path, times })));
  const read = await fileStore(path).read();
  assert.ok(read?.type === "oauth");
  assert.equal(read.expires, processes * times);
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  say(`${processes} processes, ${times} updates each: none lost, ${seconds} s`);
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 200));
