/**
 * What a command calls from its start to its end, to have it compiled beforehand: a start is
 * rehearsed, with an answer that comes from no network.
 */
import { denoOutput, ROOT } from "../process.ts";
import type { Span } from "./eager.ts";

/** The starts that are worth it: what people wait for at a prompt. */
const STARTS: readonly (readonly string[])[] = [["--help"], ["status"], ["run", "hello"]];

/** The simulator's packages are named there. */
const CONFIG: URL = new URL("deno.json", ROOT);

/** What is called in each file, by its name. */
export type Calls = ReadonlyMap<string, (span: Span) => boolean>;

/** As Deno writes what V8 counts: one file for each script. */
interface Coverage {
  readonly url: string;
  readonly functions: readonly {
    readonly ranges: readonly {
      readonly startOffset: number;
      readonly endOffset: number;
      readonly count: number;
    }[];
  }[];
}

/**
 * Rehearses the starts of a bundle.
 *
 * @param folder Where the bundle is.
 * @param entry Its file that exports `runProcess`.
 * @returns What was called.
 * @throws Error when one of them fails.
 */
export async function rehearse(folder: URL, entry: string): Promise<Calls> {
  const calls = new Map<string, Set<string>>();
  const home = await Deno.makeTempDir();
  try {
    // Again, since the first run finds no list of models yet.
    for (const args of [...STARTS, ...STARTS]) {
      await Deno.remove(`${home}/coverage`, { recursive: true }).catch(() => {});
      await rehearseOne(new URL(entry, folder), home, args);
      for await (const { url, functions } of coverageIn(`${home}/coverage`)) {
        if (!url.startsWith(folder.href)) continue;
        const name = url.slice(folder.href.length);
        const called = calls.get(name) ?? new Set();
        for (const { ranges: [whole] } of functions) {
          if (whole !== undefined && whole.count > 0) {
            called.add(key(whole.startOffset, whole.endOffset));
          }
        }
        calls.set(name, called);
      }
    }
  } finally {
    await Deno.remove(home, { recursive: true });
  }
  return new Map([...calls].map(([name, called]) => [
    name,
    ({ start, end }) => called.has(key(start, end)),
  ]));
}

async function rehearseOne(entry: URL, home: string, args: readonly string[]): Promise<void> {
  const driver = new URL("rehearsed_start.ts", import.meta.url);
  const { success, stderr } = await denoOutput(
    [
      "run",
      "-q",
      "-A",
      "--config",
      CONFIG.pathname,
      "--coverage=coverage",
      driver.href,
      entry.href,
      ...args,
    ],
    { cwd: home },
  );
  if (!success) throw new Error(`${args.join(" ")} cannot be rehearsed:\n${stderr}`);
}

async function* coverageIn(folder: string): AsyncGenerator<Coverage> {
  for await (const { name } of Deno.readDir(folder)) {
    yield JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
  }
}

function key(start: number, end: number): string {
  return `${start}-${end}`;
}
