/**
 * What it costs to start, in times of `deno run` of an empty file: the command from its bundle and
 * from source, and a program that imports the library.
 *
 *     deno task build && deno task bench:startup [ROUNDS] [BUNDLE'S FOLDER]
 *
 * All take turns, each round from another place. The limits are held against the minima: what else
 * the machine does can only lengthen a run. Medians are those of each round's own ratio. CPU is user
 * and system time of all threads to the very end, by bash, in rounds of its own. The first delta of
 * `run` is timed from the start of the process to its first byte on stdout, signed in, with the
 * models cached, against a simulator in a process of its own that answers at once.
 *
 * The status is 1 when a limit does not hold.
 */
import { print, ROOT } from "../tools/process.ts";
import { measuredEnv } from "./environment.ts";
import { startServer } from "./peers/measure.ts";
import { EMPTY, type Program, programs } from "./startup/programs.ts";
import { inTurns, median } from "./turns.ts";

/** Rounds before it counts. */
const WARM_UP = 3;

/** Of so many rounds one is of processor time. */
const CPU_SHARE = 4;

/** Something is wrong when a run takes longer. */
const LIMIT_SECONDS = 30;

/** User and system time in seconds with three decimals, as bash tells them. */
const TIMED = `TIMEFORMAT="%3U %3S"; time "$@" </dev/null >/dev/null 2>&1`;

async function main(rounds: number, bundle: string): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "codex-startup-" });
  await using server = await startServer(0);
  try {
    const all = await programs(folder, server, ROOT.pathname, bundle);
    const env = environment(folder, server.env);
    const before = Deno.loadavg();
    const walls = await inTurns(all, rounds, WARM_UP, (one) => wallOf(one, env, folder));
    const cpus = await inTurns(
      all,
      Math.ceil(rounds / CPU_SHARE),
      WARM_UP,
      (one) => cpuOf(one, env, folder),
    );
    const load = [before, Deno.loadavg()].map(([minute = 0]) => minute.toFixed(1));
    const empty = all.find(({ name }) => name === EMPTY);
    if (empty === undefined) throw new Error("the empty program was not measured");
    print("| to start | median | minimum | × median | × minimum | × CPU |");
    print("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (const one of all) print(row(one, empty, walls, cpus));
    print(
      `\n${rounds} rounds in turns, caches warm; load ${load.join(" to ")}, ${cores()} cores.\n`,
    );
    return check(all, empty, walls) ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Nothing of this machine's user, and the server's way in. */
function environment(
  folder: string,
  server: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    ...measuredEnv(folder),
    CODEX_AUTH_FILE: `${folder}/auth.json`,
    ...server,
  };
}

/** Milliseconds from the start of the process to its first byte, or to its end. */
async function wallOf(
  { name, command: [program = "", ...args], until }: Program,
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<number> {
  const started = performance.now();
  const child = new Deno.Command(program, {
    args,
    env,
    cwd,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(LIMIT_SECONDS * 1000),
  }).spawn();
  let first: number | undefined;
  for await (const _ of child.stdout) first ??= performance.now();
  const { code } = await child.status;
  const ended = performance.now();
  if (code !== 0 || (until === "first byte" && first === undefined)) {
    throw new Error(`${name}: it does not run`);
  }
  return (until === "end" ? ended : first ?? ended) - started;
}

/** Milliseconds that the processor spends on a whole run. */
async function cpuOf(
  { name, command }: Program,
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<number> {
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", TIMED, "bash", ...command],
    env,
    cwd,
    clearEnv: true,
    stdin: "null",
    signal: AbortSignal.timeout(LIMIT_SECONDS * 1000),
  }).output();
  if (code !== 0) throw new Error(`${name}: it does not run`);
  const [user = 0, system = 0] = new TextDecoder().decode(stderr).trim().split(" ").map(Number);
  return (user + system) * 1000;
}

function row(
  one: Program,
  empty: Program,
  walls: ReadonlyMap<Program, readonly number[]>,
  cpus: ReadonlyMap<Program, readonly number[]>,
): string {
  const own = walls.get(one) ?? [];
  const base = walls.get(empty) ?? [];
  const cells = [
    one.name,
    `${median(own).toFixed(1)} ms`,
    `${Math.min(...own).toFixed(1)} ms`,
    median(own.map((ms, round) => ms / (base[round] ?? NaN))).toFixed(2),
    (Math.min(...own) / Math.min(...base)).toFixed(2),
    (median(cpus.get(one) ?? []) / median(cpus.get(empty) ?? [])).toFixed(2),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Holds the programs to their limits. */
function check(
  all: readonly Program[],
  empty: Program,
  walls: ReadonlyMap<Program, readonly number[]>,
): boolean {
  let isWithin = true;
  const least = (one: Program) => Math.min(...walls.get(one) ?? []);
  for (const one of all) {
    if (one.limit === undefined) continue;
    const { most, why } = one.limit;
    const ratio = least(one) / least(empty);
    if (ratio > most) isWithin = false;
    const verdict = ratio > most ? "FAILED" : "ok    ";
    print(`${verdict} ${one.name}: ${ratio.toFixed(2)}, at most ${most} (${why})`);
  }
  return isWithin;
}

function cores(): number {
  return navigator.hardwareConcurrency;
}

if (import.meta.main) {
  const [rounds = 40, bundle = new URL("dist", ROOT).pathname] = Deno.args;
  Deno.exit(await main(Number(rounds), String(bundle)));
}
