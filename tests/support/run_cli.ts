/** Runs the real command as a process of its own, in an environment that holds nothing by chance. */
import { TempDir } from "./temp_dir.ts";

const ROOT = new URL("../../", import.meta.url);

// Without --cached-only Deno asks the registry beside the way what it does not need to know.
const RUN = ["run", "-q", "--no-prompt", "--cached-only"];

/** How to run the command. */
export interface CliOptions {
  /** Its HOME; a folder that is removed afterwards when absent. */
  readonly home?: string;
  /** Where it runs; its HOME when absent. */
  readonly cwd?: string;
  /** Added to the known environment; `undefined` takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What it reads, then the end; `null`, the default, is /dev/null; `"open"` stays open. */
  readonly stdin?: Stdin;
  /** Ends it, and fails the test, when it takes longer; 30 s when absent. */
  readonly timeoutMs?: number;
  /** Flags for `deno run` in place of `-A`. */
  readonly permissions?: readonly string[];
  /** Another entry than cli.ts, such as a built one. */
  readonly entry?: string | URL;
  /** A program that runs it, such as `unshare`, with its arguments. */
  readonly wrapper?: readonly string[];
}

/** What the command reads. Text that is just `open` has to be given as bytes. */
export type Stdin = string | Uint8Array | null;

/** How the command ended. */
export interface CliResult {
  /** Its status; 128 and the signal's number when a signal ended it. */
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command to its end. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  await using cli = await startCli(args, options);
  return await cli.ended;
}

/** The environment that every command gets: no colour, no credentials, its own HOME. */
export async function cliEnv(home: string): Promise<Record<string, string>> {
  const env: Record<string, string> = {
    HOME: home,
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    LANG: "C.UTF-8",
    TZ: "UTC",
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    DENO_DIR: await denoDir(),
  };
  // Coverage of the test run reaches into the processes that it starts.
  const coverage = Deno.env.get("DENO_COVERAGE_DIR");
  if (coverage !== undefined) env["DENO_COVERAGE_DIR"] = coverage;
  return env;
}

/** Starts the command and hands out a hold on it: `await using cli = await startCli([...])`. */
export async function startCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<RunningCli> {
  const temp = options.home === undefined ? await TempDir.make() : undefined;
  const home = options.home ?? temp?.path ?? "/";
  const env = await cliEnv(home);
  for (const [name, value] of Object.entries(options.env ?? {})) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  const entry = options.entry ?? new URL("cli.ts", ROOT);
  const run = [Deno.execPath(), ...RUN, ...(options.permissions ?? ["-A"]), String(entry), ...args];
  const [program = "", ...rest] = [...(options.wrapper ?? []), ...run];
  const child = new Deno.Command(program, {
    args: rest,
    cwd: options.cwd ?? home,
    env,
    clearEnv: true,
    stdin: options.stdin === undefined || options.stdin === null ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return new RunningCli(child, args, options, temp);
}

/** A command that is running. */
export class RunningCli implements AsyncDisposable {
  /** Settles when the command has ended and everything it wrote has been read. */
  readonly ended: Promise<CliResult>;
  readonly #child: Deno.ChildProcess;
  readonly #title: string;
  readonly #temp: TempDir | undefined;
  readonly #stdout: Collected;
  readonly #stderr: Collected;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  #inputEnded = false;
  #done = false;

  constructor(
    child: Deno.ChildProcess,
    args: readonly string[],
    options: CliOptions,
    temp: TempDir | undefined,
  ) {
    this.#child = child;
    this.#title = `codex ${args.join(" ")}`;
    this.#temp = temp;
    this.#stdout = new Collected(child.stdout);
    this.#stderr = new Collected(child.stderr);
    const piped = options.stdin !== undefined && options.stdin !== null;
    this.#stdin = piped ? child.stdin.getWriter() : undefined;
    const input = options.stdin === "open" || !piped ? undefined : this.#feed(options.stdin);
    this.ended = this.#end(options.timeoutMs ?? 30_000, input);
    this.ended.catch(() => {});
  }

  /** What it wrote to stdout so far. */
  get stdout(): string {
    return this.#stdout.text;
  }

  /** What it wrote to stderr so far. */
  get stderr(): string {
    return this.#stderr.text;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Writes to its stdin, which has to be `"open"`. */
  async write(text: string | Uint8Array): Promise<void> {
    if (this.#stdin === undefined) throw new Error("start the command with stdin: open");
    await this.#stdin.write(bytesOf(text));
  }

  /** Ends its stdin. */
  async closeStdin(): Promise<void> {
    if (this.#inputEnded) return;
    this.#inputEnded = true;
    // A command that has already left cannot be told; that is no failure.
    await this.#stdin?.close().catch(() => {});
  }

  /** Waits until stdout holds a text; fails when the command ends without it. */
  async waitForStdout(wanted: string | RegExp): Promise<string> {
    return await this.#waitFor(this.#stdout, wanted, "stdout");
  }

  /** Waits until stderr holds a text; fails when the command ends without it. */
  async waitForStderr(wanted: string | RegExp): Promise<string> {
    return await this.#waitFor(this.#stderr, wanted, "stderr");
  }

  /** Stops reading its stdout, as `head` does when it has seen enough. */
  async closeStdout(): Promise<void> {
    await this.#stdout.cancel();
  }

  /** Sends a signal, unless it has ended already. */
  kill(signal: Deno.Signal = "SIGTERM"): void {
    if (this.#done) return;
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It may have ended a moment ago, before we were told.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended.catch(() => {});
    await this.#temp?.[Symbol.asyncDispose]();
  }

  async #feed(content: string | Uint8Array | null | undefined): Promise<void> {
    // The command may end without having read all of it.
    await this.#stdin?.write(bytesOf(content ?? "")).catch(() => {});
    await this.closeStdin();
  }

  async #end(timeoutMs: number, input: Promise<void> | undefined): Promise<CliResult> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.kill("SIGKILL");
    }, timeoutMs);
    try {
      const { code, signal } = await this.#child.status;
      this.#done = true;
      await Promise.all([this.#stdout.ended, this.#stderr.ended, input, this.closeStdin()]);
      if (late) throw new Error(`${this.#title} took over ${timeoutMs} ms${this.#output()}`);
      return { code, signal, stdout: this.#stdout.text, stderr: this.#stderr.text };
    } finally {
      clearTimeout(timer);
    }
  }

  async #waitFor(source: Collected, wanted: string | RegExp, name: string): Promise<string> {
    const holds = (text: string) =>
      typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
    if (await source.until(holds)) return source.text;
    throw new Error(`${this.#title} ended without ${wanted} on ${name}${this.#output()}`);
  }

  #output(): string {
    return `\n--- stdout\n${this.#stdout.text}\n--- stderr\n${this.#stderr.text}`;
  }
}

/** Text that a process writes, as far as it has come. */
class Collected {
  text = "";
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();
  #open = true;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    this.ended = this.#read();
  }

  /** Waits for a state of the text; `false` when the end came first. */
  async until(holds: (text: string) => boolean): Promise<boolean> {
    while (!holds(this.text)) {
      if (!this.#open) return false;
      await this.#changed.promise;
    }
    return true;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await this.#reader.read();
      this.text += done ? decoder.decode() : decoder.decode(value, { stream: true });
      this.#open = !done;
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
      if (done) return;
    }
  }
}

function bytesOf(content: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content);
}

let cacheFolder: Promise<string> | undefined;

/** The cache of this process, which the command shares although its HOME is another. */
function denoDir(): Promise<string> {
  return cacheFolder ??= findDenoDir();
}

async function findDenoDir(): Promise<string> {
  const set = Deno.env.get("DENO_DIR");
  if (set !== undefined) return set;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
    stdin: "null",
    stderr: "null",
  }).output();
  const info: unknown = JSON.parse(new TextDecoder().decode(stdout));
  if (typeof info === "object" && info !== null && "denoDir" in info) return String(info.denoDir);
  throw new Error("deno info names no cache folder");
}
