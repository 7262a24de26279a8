/** What one run of a program costs, and what it asks the server for. */
import { ANSWER } from "./server.ts";

/** The server, as the contestants know it. */
export interface Server extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly baseUrl: string;
  readonly apiBaseUrl: string;
  readonly credentials: {
    readonly access: string;
    readonly refresh: string;
    readonly accountId: string;
  };
  /** The bytes of each request since this was last asked. */
  requests(): Promise<readonly number[]>;
}

/** How a program is started. */
export interface Start {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What a run costs. */
export interface Cost {
  /** Wall time in milliseconds. */
  readonly wall: number;
  /** User and system time of the program and what it waited for, in milliseconds. */
  readonly cpu: number;
}

/** Something is wrong when a run takes longer. */
const LIMIT_SECONDS = 60;

/** Seconds of wall, user and system time with three decimals, as bash tells them. */
const TIMED = `TIMEFORMAT="%3R %3U %3S"; time "$@" </dev/null`;

/** How often the memory is looked at. */
const LOOK_MS = 2;

/**
 * Starts the simulator in a process of its own.
 *
 * @param pauseMs The pause between two words of its answer.
 */
export async function startServer(pauseMs: number): Promise<Server> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", new URL("server.ts", import.meta.url).pathname, String(pauseMs)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) text += (await lines.read()).value ?? "";
  const [first = "", ...more] = text.split("\n");
  let rest = more.join("\n");
  const reading = (async () => {
    for (let read = await lines.read(); !read.done; read = await lines.read()) rest += read.value;
  })();
  return {
    ...JSON.parse(first),
    async requests() {
      // What was asked last may still be on its way here.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const told = rest.split("\n").filter((line) => line !== "");
      rest = "";
      return told.map((line): number => JSON.parse(line).bytes);
    },
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await reading;
      await child.status;
    },
  };
}

/**
 * Runs a program once, timed by bash, which waits for nothing else.
 *
 * @throws Error when it does not give the answer.
 */
export async function timed({ command, env, cwd }: Start, prompt: string): Promise<Cost> {
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", TIMED, "bash", ...command, prompt],
    env,
    cwd,
    clearEnv: true,
    stdin: "null",
    signal: AbortSignal.timeout(LIMIT_SECONDS * 1000),
  }).output();
  const told = new TextDecoder().decode(stderr).trimEnd();
  checkAnswer(stdout, told);
  const [wall = 0, user = 0, system = 0] = (told.split("\n").at(-1) ?? "").split(" ").map(Number);
  return { wall: wall * 1000, cpu: (user + system) * 1000 };
}

/**
 * Runs a program once, and looks at its memory all the while.
 *
 * @returns The peak in bytes, as Linux keeps it for the program; `undefined` elsewhere.
 */
export async function peakMemory(
  { command: [program = "", ...args], env, cwd }: Start,
  prompt: string,
): Promise<number | undefined> {
  const child = new Deno.Command(program, {
    args: [...args, prompt],
    env,
    cwd,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const answer = new Response(child.stdout).bytes();
  let peak: number | undefined;
  let isOver = false;
  child.status.then(() => isOver = true);
  while (!isOver) {
    // It may have ended just now.
    const status = await Deno.readTextFile(`/proc/${child.pid}/status`).catch(() => "");
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    // The kernel's own high-water mark: only what is allocated after the last look is missed.
    if (kibibytes !== undefined) peak = Math.max(peak ?? 0, Number(kibibytes) * 1024);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  checkAnswer(await answer, "");
  return peak;
}

function checkAnswer(stdout: Uint8Array, stderr: string): void {
  const text = new TextDecoder().decode(stdout).trim();
  if (text !== ANSWER) throw new Error(`it does not answer: ${text}\n${stderr}`);
}
