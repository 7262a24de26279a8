/** Runs of the library in this process, each with a simulator of its own on a loopback port. */
import { createClient, isCodexError, memoryStore } from "../../mod.ts";
import { createSimulator } from "../../testing.ts";
import { Random } from "../fuzz/random.ts";
import type { Tally } from "./tally.ts";
import { type Trouble, troubleFor } from "./troubles.ts";

/** What a run that nobody shall wait for is given, in milliseconds. */
const SHORT = { connect: 150, firstEvent: 150, idle: 150 };

/** A run that takes longer hangs, however busy the machine is. */
const LIMIT_MS = 120_000;

/** One in so many is cancelled at a random moment. */
const CANCELLED = 25;

/** How a run ended: a word for the table, and what is wrong with it. */
interface Ended {
  readonly end: string;
  readonly problems: readonly string[];
}

/**
 * Does one run.
 *
 * @param run Its number.
 * @param seed The seed of all; number and seed repeat a run.
 * @param tally Counts it.
 */
export async function runInProcess(run: number, seed: number, tally: Tally): Promise<void> {
  const random = new Random(seed + run * 7919);
  const trouble = troubleFor(run, random);
  const { turns, faults, expired } = trouble;
  await using simulator = createSimulator({ turns, faults });
  const { issuer, baseUrl, apiBaseUrl } = await simulator.listen();
  const lifetime = expired ? { lifetimeSeconds: -60 } : {};
  const store = memoryStore(simulator.signIn({ issuer, baseUrl, ...lifetime }));
  const client = createClient({ store, issuer, baseUrl, apiBaseUrl });
  const cancel = random.oneIn(CANCELLED) ? random.below(40) : undefined;
  const ended = await endOf(client, run, trouble, cancel);
  tally.add(run, trouble, ended.end, ended.problems);
}

async function endOf(
  client: ReturnType<typeof createClient>,
  run: number,
  trouble: Trouble,
  cancelMs: number | undefined,
): Promise<Ended> {
  const { answer, ends, hangs } = trouble;
  const controller = new AbortController();
  const limit = setTimeout(() => controller.abort(new Error("hangs")), LIMIT_MS);
  const cancel = cancelMs === undefined
    ? undefined
    : setTimeout(() => controller.abort(new Error("cancelled")), cancelMs);
  const problems: string[] = [];
  let shown = "";
  try {
    const stream = client.stream(`Run ${run}`, {
      signal: controller.signal,
      // Enough for what passes, and no longer than that for what stays.
      retry: { attempts: hangs ? 0 : 2 },
      timeout: hangs ? SHORT : {},
    });
    for await (const event of stream) if (event.type === "text-delta") shown += event.delta;
    const text = await stream.text();
    if (text !== answer) problems.push(`the answer is ${JSON.stringify(text)}`);
    if (shown !== answer) problems.push(`shown was ${JSON.stringify(shown)}`);
    if (!ends.includes("answer")) problems.push("it ended well");
    return { end: "answer", problems };
  } catch (error) {
    if (error instanceof Error && error.message === "cancelled") {
      return { end: "cancelled", problems };
    }
    if (!isCodexError(error)) return { end: "other", problems: [String(error)] };
    if (!ends.includes(error.code)) problems.push(`${error.code}: ${error.message}`);
    if (!answer.startsWith(shown) && error.code !== "refused") {
      problems.push(`shown was ${JSON.stringify(shown)}`);
    }
    if (shown !== "" && error.partial?.text !== shown) {
      problems.push(`the part is ${JSON.stringify(error.partial?.text)}, shown was ${shown}`);
    }
    return { end: error.code, problems };
  } finally {
    clearTimeout(limit);
    clearTimeout(cancel);
  }
}
