/**
 * The soak: thousands of runs, in this process and as real commands, with anything happening to
 * them that the simulator can do. Each has to end with the right answer or with the error that is
 * documented for what happened; and nothing may stay behind, neither memory nor descriptors nor
 * processes.
 *
 *     deno task soak [RUNS IN THE PROCESS] [REAL RUNS] [SEED]
 */
import { print } from "../../tools/process.ts";
import { runInProcess } from "./in_process.ts";
import { runCommand } from "./real.ts";
import { Tally } from "./tally.ts";
import { KIND_NAMES } from "./troubles.ts";

/** How many go on at the same time. */
const WORKERS = { inProcess: 64, real: 4 };

/** Memory that may be more at the end than after the first tenth: caches of the engine. */
const SLACK_BYTES = 8 * 1024 * 1024;

/** What this process holds. */
interface Held {
  readonly heap: number;
  readonly files: number;
  readonly children: number;
}

async function all(
  count: number,
  workers: number,
  one: (run: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: workers }, work));
}

async function main(inProcess: number, real: number, seed: number): Promise<number> {
  print(`seed ${seed}, ${KIND_NAMES.length} kinds of trouble`);
  const tally = new Tally();
  const one = (run: number) => runInProcess(run, seed, tally);
  const first = Math.ceil(inProcess / 10);
  const start = performance.now();
  await all(first, WORKERS.inProcess, one);
  const before = await held();
  await all(inProcess - first, WORKERS.inProcess, (run) => one(first + run));
  const after = await held();
  tally.show(`In one process, ${seconds(start)} s`);
  print(`  after ${first} runs:  ${told(before)}`);
  print(`  after ${inProcess} runs: ${told(after)}`);

  const commands = new Tally();
  const then = performance.now();
  await all(real, WORKERS.real, (run) => runCommand(run, seed, commands));
  const end = await held();
  if (real > 0) {
    commands.show(`As real commands, ${seconds(then)} s`);
    print(`  after all: ${told(end)}`);
  }

  const problems = [
    ...(tally.wrong + commands.wrong > 0 ? ["runs that did not end as they should"] : []),
    ...(after.heap > before.heap + SLACK_BYTES ? ["memory that is not given back"] : []),
    ...(Math.max(after.files, end.files) > before.files ? ["descriptors left open"] : []),
    ...(end.children > 0 ? ["processes left behind"] : []),
  ];
  for (const problem of problems) print(`FAILED: ${problem}`);
  if (problems.length === 0) print("\nall ended as they should, nothing stayed behind");
  return problems.length === 0 ? 0 : 1;
}

/** What is held once everything that is over has been given back. */
async function held(): Promise<Held> {
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const gc: unknown = Reflect.get(globalThis, "gc");
    if (typeof gc === "function") gc();
  }
  return {
    heap: Deno.memoryUsage().heapUsed,
    files: await openFiles(),
    children: await children(),
  };
}

/** How many descriptors this process has open; the one that lists them is among them each time. */
async function openFiles(): Promise<number> {
  if (Deno.build.os !== "linux") return 0;
  return (await Array.fromAsync(Deno.readDir("/proc/self/fd"))).length;
}

/** How many processes this one has started that are still there, ended ones that nobody waited for too. */
async function children(): Promise<number> {
  if (Deno.build.os !== "linux") return 0;
  let count = 0;
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // It may end while it is looked at.
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    const parent = /\) \w (\d+)/.exec(stat)?.[1];
    if (parent === String(Deno.pid)) count++;
  }
  return count;
}

function told({ heap, files, children }: Held): string {
  const mebibytes = (heap / 1024 / 1024).toFixed(1);
  return `${mebibytes} MiB of objects, ${files} descriptors, ${children} child processes`;
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(0);
}

if (import.meta.main) {
  const [inProcess = 9000, real = 1000, seed = Date.now() % 1_000_000] = Deno.args.map(Number);
  Deno.exit(await main(inProcess, real, seed));
}
