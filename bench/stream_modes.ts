/**
 * One way of reading a model answer, in a process of its own: `stream_modes.ts MODE MEBIBYTES`.
 * Prints one line of JSON. `stream.ts` runs it.
 */
import { cpuUsage } from "node:process";
import { systemClock } from "../src/base/clock.ts";
import type { StreamDeps } from "../src/responses/call.ts";
import type { ModelStream } from "../src/responses/model_stream.ts";
import { startStream } from "../src/responses/stream.ts";
import { answerOf, bigEvent, chunked, deltaEvent, longBody } from "./stream_body.ts";

/** A stream of ours that is answered with a body. */
function open(body: ReadableStream<Uint8Array>): ModelStream {
  const nothing = () => Promise.resolve();
  const deps: StreamDeps = {
    session: {
      authorize: () =>
        Promise.resolve({
          kind: "api",
          baseUrl: "https://api.test/v1",
          headers: {},
          accountId: undefined,
          plan: undefined,
          secrets: [],
        }),
    },
    catalogue: {
      list: () => Promise.resolve([]),
      shapeOf: () => Promise.resolve("classic"),
      rememberShape: nothing,
      noteEtag: nothing,
      limitedUntil: () => Promise.resolve(undefined),
      noteLimit: nothing,
    },
    fetch: () =>
      Promise.resolve(new Response(body, { headers: { "content-type": "text/event-stream" } })),
    clock: systemClock,
    identity: {},
  };
  return startStream("hi", { model: "m" }, deps);
}

/** Reads an answer and gives the characters of its text. */
type Reader = (bytes: Uint8Array) => Promise<number> | number;

const READERS: Readonly<Record<string, Reader>> = {
  final: async (bytes) => (await open(chunked(bytes)).final()).text.length,
  text: async (bytes) => {
    let text = "";
    for await (const delta of open(chunked(bytes)).textStream) text += delta;
    return text.length;
  },
  events: async (bytes) => {
    let text = "";
    for await (const event of open(chunked(bytes))) {
      if (event.type === "text-delta") text += event.delta;
    }
    return text.length;
  },
};

/**
 * The processor time of this process so far, in seconds, all of its threads together. Unlike the
 * time on the wall it hardly depends on what else the machine does.
 */
function spent(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

async function throughput(read: Reader, mebibytes: number): Promise<number> {
  await read(answerOf(8));
  const bytes = answerOf(mebibytes);
  const start = spent();
  const size = await read(bytes);
  const seconds = spent() - start;
  if (size < bytes.length / 32) throw new Error("the text is not all there");
  return bytes.length / 1e6 / seconds;
}

/** The bound of every reader: JSON.parse of lines that were split before the clock starts. */
function limit(mebibytes: number): number {
  const linesOf = (bytes: Uint8Array) =>
    new TextDecoder().decode(bytes).split("\n")
      .filter((line) => line.startsWith("data: "))
      .map((line) => line.slice(6));
  const read = (lines: readonly string[]) => {
    let size = 0;
    for (const line of lines) {
      const event: { type: string; delta?: string } = JSON.parse(line);
      if (event.type === "response.output_text.delta") size += event.delta?.length ?? 0;
    }
    return size;
  };
  read(linesOf(answerOf(8)));
  const bytes = answerOf(mebibytes);
  const lines = linesOf(bytes);
  const start = spent();
  if (read(lines) < bytes.length / 32) throw new Error("the text is not all there");
  return bytes.length / 1e6 / (spent() - start);
}

/** Milliseconds for one event of so many mebibytes in chunks of one kibibyte. */
async function big(mebibytes: number): Promise<number> {
  await open(chunked(bigEvent(1), 1024)).final();
  const bytes = bigEvent(mebibytes);
  const start = spent();
  const { text } = await open(chunked(bytes, 1024)).final();
  if (text.length !== mebibytes * 2 ** 20) throw new Error("the text is not all there");
  return (spent() - start) * 1_000;
}

/** The most memory that a long answer takes, in mebibytes above what the process has before. */
async function memory(mebibytes: number): Promise<number> {
  await open(longBody(16, () => {})).final();
  const before = Deno.memoryUsage().rss;
  let most = before;
  const stream = open(longBody(mebibytes, () => {
    most = Math.max(most, Deno.memoryUsage().rss);
  }));
  let size = 0;
  for await (const delta of stream.textStream) size += delta.length;
  const { text } = await stream.final();
  if (text.length !== mebibytes * 2 ** 14 || size !== text.length) throw new Error("text is lost");
  return (most - before) / 2 ** 20;
}

/** What each of so many streams takes that are all in the middle of an answer, in kibibytes. */
async function concurrent(count: number): Promise<number> {
  const encoder = new TextEncoder();
  const begin = encoder.encode(deltaEvent("some words of text", 1).repeat(40));
  const body = () =>
    new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(begin) });
  const follow = async (stream: ModelStream) => {
    const iterator = stream[Symbol.asyncIterator]();
    for (let event = 0; event < 40; event++) await iterator.next();
    return stream;
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve, 500));
  const first = await follow(open(body()));
  await settle();
  const before = Deno.memoryUsage().rss;
  const streams = await Promise.all(Array.from({ length: count }, () => follow(open(body()))));
  await settle();
  const after = Deno.memoryUsage().rss;
  for (const stream of [first, ...streams]) stream.abort();
  return (after - before) / count / 1024;
}

async function measure(mode: string, size: number): Promise<number> {
  switch (mode) {
    case "limit":
      return limit(size);
    case "big":
      return await big(size);
    case "memory":
      return await memory(size);
    case "concurrent":
      return await concurrent(size);
  }
  const read = READERS[mode];
  if (read === undefined) throw new Error(`there is no mode "${mode}"`);
  return await throughput(read, size);
}

const [mode = "final", size = "100"] = Deno.args;
const result = { mode, value: await measure(mode, Number(size)) };
await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(result)}\n`));
Deno.exit(0);
