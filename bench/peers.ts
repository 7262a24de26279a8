/**
 * What one prompt costs, beside the official client and opencode: the same prompt, the same answer,
 * from the simulator in a process of its own, in rounds in which all take turns.
 *
 *     deno task build && deno task bench:peers [ROUNDS] [PAUSE IN MS] [BUNDLE]
 *
 * The answer comes word by word at the pace of a fast model, some 300 words a second. Without the
 * pause (0) nothing but the programs' own work is left; the limits are meant for the pace.
 *
 * Both others are installed from npm, into a temporary folder or that of `CODEX_PEERS_DIR`, once.
 * It needs bash, and Linux for the memory. Prints a table, and whether the limits hold; the status
 * is 1 when one does not.
 */
import { print, ROOT } from "../tools/process.ts";
import { BARE, BUNDLE, type Contestant, contestants, EXEC } from "./peers/contestants.ts";
import { peakMemory, startServer, timed } from "./peers/measure.ts";
import { inTurns, median } from "./turns.ts";

const PROMPT = "What is a monad? Two sentences.";

/** Rounds before it counts. */
const WARM_UP = 2;

/** Rounds in which memory is looked at; it differs little from run to run. */
const MEMORY_ROUNDS = 3;

/** What was measured of one contestant. */
interface Figures {
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number | undefined;
  readonly requests: number;
  readonly bytes: number;
}

/** A limit: a quantity of ours, at most so many times another's. */
type Limit = readonly [what: "wall" | "cpu" | "memory", beside: string, most: number];

const LIMITS: readonly Limit[] = [
  ["wall", BARE, 1.25],
  ["wall", EXEC, 0.75],
  ["cpu", EXEC, 0.5],
  ["memory", EXEC, 0.45],
];

async function main(rounds: number, pauseMs: number, bundle: string): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "codex-peers-" });
  await using server = await startServer(pauseMs);
  try {
    const cache = Deno.env.get("CODEX_PEERS_DIR");
    const all = await contestants(folder, server, { root: ROOT.pathname, bundle, cache });
    const asked = new Map<Contestant, readonly number[]>();
    const costs = await inTurns(all, rounds, WARM_UP, async (one) => {
      const cost = await timed(one, PROMPT);
      asked.set(one, await server.requests());
      return cost;
    });
    const figures = new Map<string, Figures>();
    for (const one of all) {
      const peaks: number[] = [];
      for (let round = 0; round < MEMORY_ROUNDS; round++) {
        const peak = await peakMemory(one, PROMPT);
        if (peak !== undefined) peaks.push(peak);
      }
      const requests = asked.get(one) ?? [];
      figures.set(one.name, {
        wall: median((costs.get(one) ?? []).map(({ wall }) => wall)),
        cpu: median((costs.get(one) ?? []).map(({ cpu }) => cpu)),
        memory: peaks.length === 0 ? undefined : median(peaks),
        requests: requests.length,
        bytes: requests.reduce((sum, bytes) => sum + bytes, 0),
      });
    }
    show(figures, rounds, pauseMs);
    return check(figures) ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function show(
  figures: ReadonlyMap<string, Figures>,
  rounds: number,
  pauseMs: number,
): void {
  print("| one prompt | wall | CPU | peak memory | requests | bytes sent |");
  print("| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const [name, { wall, cpu, memory, requests, bytes }] of figures) {
    const peak = memory === undefined ? "–" : `${(memory / 1024 / 1024).toFixed(0)} MiB`;
    const times = `${wall.toFixed(0)} ms | ${cpu.toFixed(0)} ms`;
    print(`| ${name} | ${times} | ${peak} | ${requests} | ${bytes.toLocaleString("en")} |`);
  }
  const pace = pauseMs === 0 ? "all at once" : `a word every ${pauseMs} ms`;
  print(`\nMedians of ${rounds} rounds in turns, caches warm; the answer comes ${pace}.\n`);
}

/** Holds the bundled command to its limits. */
function check(figures: ReadonlyMap<string, Figures>): boolean {
  const own = figures.get(BUNDLE);
  if (own === undefined) throw new Error("the command was not measured");
  let isWithin = own.requests === 1;
  print(`${isWithin ? "ok    " : "FAILED"} one request: ${own.requests}`);
  for (const [what, name, most] of LIMITS) {
    const [is, beside] = [own[what], figures.get(name)?.[what]];
    if (is === undefined || beside === undefined) {
      print(`–      ${what} beside ${name}: not known here`);
      continue;
    }
    const ratio = is / beside;
    if (ratio > most) isWithin = false;
    const verdict = ratio > most ? "FAILED" : "ok    ";
    print(`${verdict} ${what} beside ${name}: ${ratio.toFixed(2)}, at most ${most}`);
  }
  return isWithin;
}

if (import.meta.main) {
  const [rounds = 15, pause = 3, bundle = new URL("dist/cli.js", ROOT).pathname] = Deno.args;
  Deno.exit(await main(Number(rounds), Number(pause), String(bundle)));
}
