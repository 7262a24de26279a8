/** A terminal of our own, for what the command does on one. */

const ROWS = 24;

/** A running tmux server with one window: `await using t = await Tmux.start(["codex", "login"])`. */
export class Tmux implements AsyncDisposable {
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
  }

  /**
   * Starts a command in a new terminal of 80 by 24. When it ends, the line `[status N]` appears.
   *
   * @param command The program and its arguments.
   * @param options Its environment, in full, its folder, and the width of the terminal.
   */
  static async start(
    command: readonly string[],
    options: {
      readonly env?: Readonly<Record<string, string>>;
      readonly cwd?: string;
      readonly columns?: number;
    } = {},
  ): Promise<Tmux> {
    // A name that was used before fails with "server exited" for a while.
    const tmux = new Tmux(`codex_test_${crypto.randomUUID()}`);
    const env = { TERM: "xterm-256color", ...options.env };
    const words = [
      "env",
      "-i",
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ...command,
    ];
    // Ctrl-C reaches this shell too, which has to outlive the command to tell its status.
    const line = `trap : INT; ${words.map(quote).join(" ")}; echo "[status $?]"; exec sleep 60`;
    await tmux.#run(
      ["-f", "/dev/null", "new-session", "-d", "-x", String(options.columns ?? 80)],
      ["-y", String(ROWS), "-c", options.cwd ?? "/", "sh", "-c", line],
    );
    return tmux;
  }

  /** Types text as it stands. */
  async type(text: string): Promise<void> {
    await this.#run(["send-keys", "-l", "--", text]);
  }

  /** Presses keys by their tmux names, such as `Enter`, `Down`, `C-c`. */
  async press(...keys: string[]): Promise<void> {
    await this.#run(["send-keys", ...keys]);
  }

  /** What is on the screen, with what has scrolled away above it. */
  async screen(): Promise<string> {
    return (await this.#run(["capture-pane", "-p", "-J", "-S", "-1000"])).trimEnd();
  }

  /** Waits until the screen holds a text, and returns the screen. */
  async waitFor(wanted: string | RegExp, timeoutMs = 15_000): Promise<string> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const screen = await this.screen();
      if (typeof wanted === "string" ? screen.includes(wanted) : wanted.test(screen)) return screen;
      if (Date.now() > end) throw new Error(`the screen never showed ${wanted}:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Waits until the command has ended, and returns its status. */
  async status(timeoutMs?: number): Promise<number> {
    const screen = await this.waitFor(/\[status \d+\]/, timeoutMs);
    return Number(/\[status (\d+)\]/.exec(screen)?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run(["kill-server"]);
  }

  async #run(...args: readonly (readonly string[])[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-L", this.#name, ...args.flat()],
      env: { LC_ALL: "C.UTF-8" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    if (!success) throw new Error(`tmux: ${decoder.decode(stderr).trim()}`);
    return decoder.decode(stdout);
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
