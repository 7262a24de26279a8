/**
 * How fast a model answer is read, from bytes to typed events to the final text, beside others:
 *
 *     deno run -A bench/stream.ts [ROUNDS] [MEBIBYTES]
 *
 * Each reader runs in a process of its own, in shuffled rounds; the medians of megabytes for each
 * second of processor time are shown, and the status is 1 when a limit is not held. The others are installed with npm's packages into a temporary
 * folder, so that they are no dependency of this project; without a network they are left out.
 */

const HERE = new URL(".", import.meta.url);

/** Others, with the smallest program that gives the text of an answer. */
const PEERS: Readonly<Record<string, { readonly name: string; readonly code: string }>> = {
  openai: {
    name: "openai SDK, events",
    code: `import OpenAI from "openai";
export async function read(fetch) {
  const client = new OpenAI({ apiKey: "x", fetch });
  let text = "";
  for await (const event of await client.responses.create({ model: "m", input: "x", stream: true })) {
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  return text.length;
}`,
  },
  ai: {
    name: "AI SDK, streamText",
    code: `import { streamText } from "ai";
import { createOpenAI } from "@ai-sdk/openai";
export async function read(fetch) {
  const model = createOpenAI({ apiKey: "x", fetch }).responses("m");
  let text = "";
  for await (const delta of streamText({ model, prompt: "x" }).textStream) text += delta;
  return text.length;
}`,
  },
  aiReader: {
    name: "AI SDK, event reader alone",
    code: `import { parseJsonEventStream } from "@ai-sdk/provider-utils";
const schema = { "~standard": { version: 1, vendor: "x", validate: (value) => ({ value }) } };
export async function read(fetch) {
  const { body: stream } = await fetch();
  let text = "";
  for await (const { success, value } of parseJsonEventStream({ stream, schema })) {
    if (success && value.type === "response.output_text.delta") text += value.delta;
  }
  return text.length;
}`,
  },
};

const PACKAGES = {
  openai: "npm:openai@^7",
  ai: "npm:ai@^5",
  "@ai-sdk/openai": "npm:@ai-sdk/openai@^2",
  "@ai-sdk/provider-utils": "npm:@ai-sdk/provider-utils@^3",
};

const NAMES: Readonly<Record<string, string>> = {
  limit: "limit: JSON.parse of lines split beforehand",
  final: "ours: final()",
  events: "ours: events",
  text: "ours: textStream",
};

/** What must hold: a reader is at least so many times as fast as another. */
const RATIOS: readonly (readonly [fast: string, slow: string, least: number])[] = [
  ["final", "limit", 0.6],
  ["final", "openai", 4],
  ["events", "openai", 3],
  ["final", "ai", 2],
  ["final", "aiReader", 2],
];

const encoder = new TextEncoder();

async function print(line: string): Promise<void> {
  await Deno.stdout.write(encoder.encode(`${line}\n`));
}

/** Runs a program, and gives the number that it prints. */
async function run(args: readonly string[], cwd?: string): Promise<number> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", "--no-check", ...args],
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`${args.join(" ")}: ${decoder.decode(stderr)}`);
  const result: { value: number } = JSON.parse(decoder.decode(stdout));
  return result.value;
}

function ours(mode: string, size: number): Promise<number> {
  return run([new URL("stream_modes.ts", HERE).pathname, mode, `${size}`]);
}

/** A folder with the others in it, and one program for each; `undefined` where they cannot be had. */
async function installPeers(): Promise<string | undefined> {
  const folder = await Deno.makeTempDir({ prefix: "stream-peers-" });
  const at = (name: string) => `${folder}/${name}`;
  await Deno.writeTextFile(at("deno.json"), JSON.stringify({ imports: PACKAGES }));
  for (const [mode, { code }] of Object.entries(PEERS)) {
    await Deno.writeTextFile(at(`${mode}.js`), code);
  }
  await Deno.writeTextFile(
    at("main.js"),
    `import { cpuUsage } from "node:process";
import { answerOf, chunked } from "${new URL("stream_body.ts", HERE)}";
const [mode, size] = Deno.args;
const { read } = await import(\`./\${mode}.js\`);
const answered = (bytes) => () =>
  Promise.resolve(new Response(chunked(bytes), { headers: { "content-type": "text/event-stream" } }));
await read(answered(answerOf(8)));
const bytes = answerOf(Number(size));
const spent = () => (cpuUsage().user + cpuUsage().system) / 1e6;
const start = spent();
if (await read(answered(bytes)) < bytes.length / 32) throw new Error("the text is not all there");
const value = bytes.length / 1e6 / (spent() - start);
console.log(JSON.stringify({ value }));
Deno.exit(0);
`,
  );
  try {
    for (const mode of Object.keys(PEERS)) await run(["main.js", mode, "8"], folder);
    return folder;
  } catch (error) {
    await print(`The others cannot be had: ${error instanceof Error ? error.message : error}`);
    await Deno.remove(folder, { recursive: true });
    return undefined;
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** Runs every reader once a round, in another order each time. */
async function race(
  runs: Readonly<Record<string, () => Promise<number>>>,
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const found = new Map<string, number[]>(Object.keys(runs).map((mode) => [mode, []]));
  for (let round = 0; round < rounds; round++) {
    const order = Object.keys(runs).map((mode) => ({ mode, at: Math.random() }))
      .sort((a, b) => a.at - b.at);
    for (const { mode } of order) {
      const value = await runs[mode]?.();
      if (value !== undefined) found.get(mode)?.push(value);
    }
  }
  return found;
}

let failed = false;

async function hold(what: string, holds: boolean): Promise<void> {
  if (!holds) failed = true;
  await print(`${holds ? "ok  " : "FAIL"} ${what}`);
}

async function compare(rounds: number, mebibytes: number): Promise<void> {
  const runs: Record<string, () => Promise<number>> = {};
  for (const mode of Object.keys(NAMES)) runs[mode] = () => ours(mode, mebibytes);
  const folder = await installPeers();
  if (folder !== undefined) {
    for (const mode of Object.keys(PEERS)) {
      runs[mode] = () => run(["main.js", mode, `${mebibytes}`], folder);
    }
  }
  try {
    const found = await race(runs, rounds);
    const speed = (mode: string) => median(found.get(mode) ?? []);
    await print(`${mebibytes} MiB in 16 KiB chunks, median of ${rounds} rounds (least to most)\n`);
    for (const [mode, values] of [...found].sort(([a], [b]) => speed(b) - speed(a))) {
      const name = NAMES[mode] ?? PEERS[mode]?.name ?? mode;
      const [mbs, ratio] = [speed(mode), speed(mode) / speed("limit")];
      const range = `(${Math.min(...values).toFixed(0)}-${Math.max(...values).toFixed(0)})`;
      await print(
        `${name.padEnd(45)}${mbs.toFixed(0).padStart(5)} MB/s ${range.padEnd(10)} ${
          ratio.toFixed(2).padStart(5)
        } of the limit`,
      );
    }
    await print("");
    for (const [fast, slow, least] of RATIOS) {
      if (!found.has(slow)) continue;
      const ratio = speed(fast) / speed(slow);
      await hold(
        `${fast} is ${ratio.toFixed(2)} times ${slow} (at least ${least})`,
        ratio >= least,
      );
    }
  } finally {
    if (folder !== undefined) await Deno.remove(folder, { recursive: true });
  }
}

async function scale(): Promise<void> {
  const [half, whole] = [await ours("big", 8), await ours("big", 32)];
  await hold(
    `one event of 8 MiB in 1 KiB chunks: ${half.toFixed(0)} ms, of 32 MiB: ${
      whole.toFixed(0)
    } ms (linear: at most 6 times)`,
    whole / half <= 6,
  );
  const short = await ours("memory", 256);
  const long = await ours("memory", 1024);
  await hold(
    `memory for 256 MiB of events: ${short.toFixed(0)} MiB, for 1 GiB with 16 MiB of text: ${
      long.toFixed(0)
    } MiB (at most 192)`,
    long <= 192,
  );
  const each = await ours("concurrent", 500);
  await print(`     500 streams in the middle of an answer: ${each.toFixed(0)} KiB each`);
}

const [rounds = "3", mebibytes = "100"] = Deno.args;
await compare(Number(rounds), Number(mebibytes));
await scale();
if (failed) Deno.exit(1);
