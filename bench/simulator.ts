/**
 * What the simulator costs: to start, and for each turn that it serves.
 *
 *     deno run -A bench/simulator.ts [ROUNDS] [TURNS]
 *
 * Starts are medians of wall time over shuffled rounds. Turns are counted on loopback, by a client
 * that reads each stream to its end, from a simulator in a process of its own; and in one process,
 * without a socket. The tables are those of docs/simulator.md.
 */
import { createSimulator } from "../testing.ts";

const ROOT = new URL("../", import.meta.url);
const CLI = new URL("cli.ts", ROOT).pathname;
const RUN = ["run", "-q", "-A", "--no-check", "--cached-only"];

/** A program that starts the simulator in its own process and says what that took. */
const IN_PROCESS = `
const before = performance.now();
const { createSimulator } = await import("${new URL("testing.ts", ROOT)}");
const loaded = performance.now();
await using simulator = createSimulator();
console.log(loaded - before, performance.now() - loaded);`;

const MODEL_REQUEST = JSON.stringify({
  model: "gpt-5.5",
  instructions: "Answer briefly.",
  input: [{ role: "user", content: "Say hello" }],
  store: false,
  stream: true,
});

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

function deno(args: readonly string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
}

/** How long a program takes from its start to its end, in milliseconds. */
async function wall(args: readonly string[]): Promise<number> {
  const before = performance.now();
  const { success } = await deno(args).output();
  if (!success) throw new Error(`${args.join(" ")} failed`);
  return performance.now() - before;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** How many processes wanted a core in the last minute, as figures on a busy machine say little. */
function load(): string {
  return `${(Deno.loadavg()[0] ?? NaN).toFixed(1)} on ${navigator.hardwareConcurrency} cores`;
}

async function starts(rounds: number): Promise<void> {
  const programs: Readonly<Record<string, readonly string[]>> = {
    "`codex --version`, for comparison": [...RUN, CLI, "--version"],
    "`codex simulator -- true`": [...RUN, CLI, "simulator", "--", "true"],
    "`codex simulator --tls -- true`": [...RUN, CLI, "simulator", "--tls", "--", "true"],
  };
  const times = new Map(Object.keys(programs).map((name) => [name, [] as number[]]));
  const loading: number[] = [];
  const making: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = Object.entries(programs).toSorted(() => Math.random() - 0.5);
    for (const [name, args] of order) times.get(name)?.push(await wall(args));
    const { stdout } = await deno(["eval", "-q", "--no-check", IN_PROCESS]).output();
    const [load = NaN, make = NaN] = new TextDecoder().decode(stdout).split(" ").map(Number);
    loading.push(load);
    making.push(make);
  }
  await print("| start | ms |\n| --- | ---: |");
  for (const [name, all] of times) await print(`| ${name} | ${median(all).toFixed(0)} |`);
  await print(`| in a test: loading the module | ${median(loading).toFixed(0)} |`);
  await print(`| in a test: \`createSimulator()\` | ${median(making).toFixed(1)} |`);
}

type Ask = () => Promise<Response>;

/** Turns a second, so many at a time. */
async function rate(ask: Ask, turns: number, atATime: number): Promise<number> {
  let left = turns;
  const work = async () => {
    while (left-- > 0) {
      const text = await (await ask()).text();
      if (!text.includes("response.completed")) throw new Error(text);
    }
  };
  const before = performance.now();
  await Promise.all(Array.from({ length: atATime }, work));
  return turns / ((performance.now() - before) / 1000);
}

/** The simulator in a process of its own, signed in. */
async function listening(work: (ask: Ask) => Promise<void>): Promise<void> {
  const child = deno([...RUN, CLI, "simulator", "--json"]).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let line = "";
  while (!line.includes("\n")) line += (await reader.read()).value ?? "";
  const { env } = JSON.parse(line.split("\n")[0] ?? "");
  const { openai } = JSON.parse(await Deno.readTextFile(env.CODEX_AUTH_FILE));
  const headers = {
    authorization: `Bearer ${openai.access}`,
    "chatgpt-account-id": openai.accountId,
    "content-type": "application/json",
  };
  const url = `${env.CODEX_BASE_URL}/responses`;
  try {
    await work(() => fetch(url, { method: "POST", headers, body: MODEL_REQUEST }));
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await reader.cancel();
  }
}

async function turnsServed(turns: number): Promise<void> {
  await print("\n| turns | a second |\n| --- | ---: |");
  await listening(async (ask) => {
    await rate(ask, turns, 8);
    for (const atATime of [1, 8, 32]) {
      const each = await rate(ask, turns, atATime);
      await print(`| on loopback, ${atATime} at a time | ${each.toFixed(0)} |`);
    }
  });
  await using simulator = createSimulator();
  const { access, accountId = "" } = simulator.signIn();
  const headers = { authorization: `Bearer ${access}`, "chatgpt-account-id": accountId };
  const ask = () =>
    simulator.fetch("https://chatgpt.com/backend-api/codex/responses", {
      method: "POST",
      headers,
      body: MODEL_REQUEST,
    });
  await rate(ask, turns, 1);
  await print(`| in one process, one by one | ${(await rate(ask, turns, 1)).toFixed(0)} |`);
}

if (import.meta.main) {
  const [rounds = 15, turns = 3000] = Deno.args.map(Number);
  await print(`Load before: ${load()}\n`);
  await starts(rounds);
  await turnsServed(turns);
  await print(`\nLoad after: ${load()}`);
}
