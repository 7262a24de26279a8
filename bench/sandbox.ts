/**
 * What the sandbox costs: a shell that does nothing, bare and confined, by turns.
 *
 *     deno run -A bench/sandbox.ts [ROUNDS]
 *
 * The status is 1 when the limit is not held. The fastest quarter of the rounds is looked at: what
 * else runs on the machine makes rounds slower and never faster.
 */
import { createSandbox } from "../src/agent/sandbox/create_sandbox.ts";

/**
 * How many milliseconds a command may take longer than a bare one. bubblewrap alone takes 6 to 8 of
 * them here: a third for the namespaces, a third for reading all mounts again at each new one. A
 * person notices 100, a model's turn takes seconds.
 */
const MOST_MS = 15;

/** How long the look at what confines commands may take, once. */
const MOST_PROBE_MS = 20;

const rounds = Number(Deno.args[0] ?? 40);
const encoder = new TextEncoder();
const print = (line: string): number => Deno.stdout.writeSync(encoder.encode(`${line}\n`));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

function fastQuarter(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 4)] ?? NaN;
}

// Not among temporary files: all of them are covered at once, and a home with them.
const place = new URL("../.coverage", import.meta.url).pathname;
await Deno.mkdir(place, { recursive: true });
const folder = await Deno.realPath(await Deno.makeTempDir({ dir: place }));
const workspace = `${folder}/home/work`;
try {
  await Deno.mkdir(`${workspace}/.git`, { recursive: true });
  // A home like many: each place that is hidden is one more mount.
  for (const secret of [".ssh", ".docker", ".config/gh"]) {
    await Deno.mkdir(`${folder}/home/${secret}`, { recursive: true });
  }
  const host = { environment: { ...Deno.env.toObject(), HOME: `${folder}/home` }, cwd: workspace };
  const policy = { workspace, writable: [], network: false, hidden: [] };
  const make = () => createSandbox({ ...policy, mode: "workspace-write" }, { host });
  const sandbox = make();
  const { mechanism, missing } = await sandbox.confinement();
  if (mechanism === "none") throw new Error(missing);
  const times = { bare: [] as number[], confined: [] as number[], probe: [] as number[] };
  const bare = () =>
    new Deno.Command("/bin/bash", { args: ["-c", "true"], cwd: workspace, stdin: "null" }).output();
  const confined = () => sandbox.run({ command: "true", cwd: workspace, timeoutMs: 10_000 });
  for (let round = 0; round < rounds; round++) {
    times.bare.push(await timed(bare));
    times.confined.push(await timed(confined));
    times.probe.push(await timed(() => make().confinement()));
  }
  const more = fastQuarter(times.confined) - fastQuarter(times.bare);
  const probe = fastQuarter(times.probe);
  print(`bare      ${fastQuarter(times.bare).toFixed(1)} ms`);
  print(`confined  ${fastQuarter(times.confined).toFixed(1)} ms`);
  print(`more      ${more.toFixed(1)} ms, at most ${MOST_MS}`);
  print(`probe     ${probe.toFixed(1)} ms, at most ${MOST_PROBE_MS}`);
  if (more > MOST_MS || probe > MOST_PROBE_MS) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}
