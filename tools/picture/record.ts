/**
 * Records the picture's session: a real shell on a real terminal of `script` (util-linux), with
 * keys typed into it and what it writes noted with its time.
 */
import { createSimulator } from "../../testing.ts";
import { ROOT } from "../process.ts";
import { PROJECT, SCENARIO, SIZE, TYPED } from "./scene.ts";

/** What a terminal wrote at a time. */
export interface Piece {
  /** Milliseconds since the beginning. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What the prompt says before itself, unseen, so that its coming is noticed. */
const READY = "\x1b]133;A\x07";

/** Unlike the lines of the run's own steps, which begin with a bare $. */
const PROMPT = String.raw`\[\e]133;A\a\e[1;32m\]\w\[\e[0m\] $ `;

/** Between two keys. */
const KEY_MS = 35;

/** Before the first key, before Enter, and where something is to be read. */
const PAUSE_MS = 700;

/** A session that hangs must not hang whoever records it. */
const MOST_MS = 60_000;

/** Records it. */
export async function record(): Promise<readonly Piece[]> {
  await using simulator = createSimulator(SCENARIO);
  const at = await simulator.listen();
  const home = await Deno.makeTempDir({ prefix: "codex-picture-" });
  try {
    await prepare(home, JSON.stringify({ openai: simulator.signIn(at) }));
    const pieces = await session(home, { ...environment(home), ...at.env });
    const text = new TextDecoder().decode(join(pieces));
    // What is shown must be the same on every machine.
    if (text.includes(home)) throw new Error(`the session shows ${home}:\n${text}`);
    return pieces;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function environment(home: string): Record<string, string> {
  return {
    HOME: home,
    PATH: `${home}/bin:${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH") ?? ""}`,
    PS1: PROMPT,
    TERM: "xterm-256color",
    LANG: "C.UTF-8",
    TZ: "UTC",
    HISTFILE: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME") ?? ""}/.cache/deno`,
    DENO_NO_UPDATE_CHECK: "1",
  };
}

/** A home with the command, a sign-in, and the project in a Git work tree. */
async function prepare(home: string, signIn: string): Promise<void> {
  const cli = new URL("cli.ts", ROOT).pathname;
  const run = `exec "${Deno.execPath()}" run -q --no-prompt --cached-only -A "${cli}" "$@"`;
  await write(`${home}/bin/codex`, `#!/bin/sh\n${run}\n`, 0o755);
  await write(`${home}/.local/share/codex/auth.json`, signIn, 0o600);
  await Deno.chmod(`${home}/.local/share/codex`, 0o700);
  for (const [name, text] of Object.entries(PROJECT)) await write(`${home}/project/${name}`, text);
  const author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
  for (const args of [["init", "-q"], ["add", "."], [...author, "commit", "-qm", "Add slug()"]]) {
    const { success } = await new Deno.Command("git", {
      args,
      cwd: `${home}/project`,
      env: { HOME: home, GIT_CONFIG_NOSYSTEM: "1" },
    }).output();
    if (!success) throw new Error(`git ${args.join(" ")} failed`);
  }
  // What a first start compiles is no part of the picture.
  await new Deno.Command(`${home}/bin/codex`, { args: ["run", "--help"] }).output();
}

async function write(path: string, text: string, mode?: number): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, text, mode === undefined ? {} : { mode });
}

async function session(home: string, env: Record<string, string>): Promise<Piece[]> {
  const { columns, rows } = SIZE;
  const shell = `stty cols ${columns} rows ${rows}; exec bash --noprofile --norc -i`;
  const child = new Deno.Command("script", {
    args: ["-q", "-c", shell, "/dev/null"],
    cwd: `${home}/project`,
    env,
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(MOST_MS),
  }).spawn();
  const screen = new Screen(child.stdout);
  const keys = child.stdin.getWriter();
  const press = (key: string) => keys.write(new TextEncoder().encode(key));
  await screen.prompts(1);
  for (const [index, line] of TYPED.entries()) {
    await wait(PAUSE_MS);
    for (const key of line) {
      await press(key);
      await wait(KEY_MS);
    }
    await wait(PAUSE_MS / 2);
    await press("\r");
    await screen.prompts(index + 2);
  }
  const end = screen.pieces.length;
  await keys.close();
  await child.status;
  await screen.ended;
  return screen.pieces.slice(0, end);
}

/** What is written, with its times. */
class Screen {
  readonly pieces: Piece[] = [];
  readonly ended: Promise<void>;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();
  #isOpen = true;

  constructor(output: ReadableStream<Uint8Array>) {
    this.ended = this.#read(output);
  }

  /** Waits until the shell has asked so often. */
  async prompts(count: number): Promise<void> {
    while (this.#text().split(READY).length - 1 < count) {
      if (!this.#isOpen) throw new Error(`the shell has ended:\n${this.#text()}`);
      await this.#changed.promise;
    }
  }

  #text(): string {
    return new TextDecoder().decode(join(this.pieces));
  }

  async #read(output: ReadableStream<Uint8Array>): Promise<void> {
    const start = performance.now();
    for await (const bytes of output) {
      this.pieces.push({ at: performance.now() - start, bytes });
      this.#wake();
    }
    this.#isOpen = false;
    this.#wake();
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function join(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(pieces.flatMap(({ bytes }) => [...bytes]));
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
