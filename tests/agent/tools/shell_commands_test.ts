import assert from "node:assert/strict";
import { createSandbox } from "../../../src/agent/sandbox/create_sandbox.ts";
import type { SandboxMode } from "../../../src/agent/sandbox/sandbox.ts";
import { shellTool } from "../../../src/agent/tools/shell.ts";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { until } from "../../support/until.ts";

/** Real commands, in a folder `w` of a temporary one. */
class Shell implements AsyncDisposable {
  readonly dir: TempDir;
  readonly controller: AbortController = new AbortController();
  told = "";
  readonly #mode: SandboxMode;

  private constructor(dir: TempDir, mode: SandboxMode) {
    this.dir = dir;
    this.#mode = mode;
  }

  static async make(mode: SandboxMode = "danger-full-access"): Promise<Shell> {
    const dir = await TempDir.make();
    await Deno.mkdir(dir.join("w"));
    return new Shell(dir, mode);
  }

  async run(command: string, others: Record<string, unknown> = {}): Promise<string> {
    const cwd = this.dir.join("w");
    const policy = { workspace: cwd, writable: [], network: false, hidden: [] };
    const sandbox = createSandbox({ mode: this.#mode, ...policy });
    const { execute } = await shellTool({ sandbox, cwd }).prepare({ command, ...others });
    const { signal } = this.controller;
    const emit = (delta: string) => {
      this.told += delta;
    };
    return String(await execute({ signal, callId: "call_1", step: 1, emit }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dir[Symbol.asyncDispose]();
  }
}

/** What was printed, of a result. */
function output(result: string): string {
  return result.slice(result.indexOf("Output:\n") + "Output:\n".length);
}

Deno.test("shellTool() gives what a command prints on both ways, in its order, and its exit code", async () => {
  await using shell = await Shell.make();
  const result = await shell.run("echo one; echo two >&2; echo three; exit 7");
  assert.match(result, /^Exit code: 7\nWall time: \d\.\d seconds\nOutput:\none\ntwo\nthree\n$/);
  assert.equal(shell.told, "one\ntwo\nthree\n");
});

Deno.test("shellTool() gives 128 and the number for a command that a signal ended", async () => {
  await using shell = await Shell.make();
  assert.match(await shell.run("kill -TERM $$"), /^Exit code: 143\n/);
});

Deno.test("shellTool() runs in the folder that the call names", async () => {
  await using shell = await Shell.make();
  await Deno.mkdir(shell.dir.join("w/two words"));
  const printed = output(await shell.run("pwd", { workdir: "two words" }));
  assert.equal(printed, `${shell.dir.join("w/two words")}\n`);
});

Deno.test("shellTool() takes words with every character as they are", async () => {
  await using shell = await Shell.make();
  const words = ["it's", '"$HOME"', "a\nb", "*", "\\", "`x`", "ü"];
  const { command } = { command: ["printf", "%s|", ...words] };
  const result = await shell.run("", { command });
  assert.equal(output(result), words.map((word) => `${word}|`).join(""));
});

Deno.test("shellTool() shows of binary output what is text", async () => {
  await using shell = await Shell.make();
  const printed = output(await shell.run(`printf 'a\\0b\\377c\\033[1md\\342\\202'`));
  assert.equal(printed, "a\ufffdb\ufffdcd\ufffd");
});

Deno.test("shellTool() gives head and tail of a flood", async () => {
  await using shell = await Shell.make();
  const result = await shell.run("echo first; seq 1 1000000; echo last");
  assert.match(result, /\nTotal output lines: 1000002\nOutput:\nfirst\n1\n2\n/);
  assert.match(result, /…\d+ tokens truncated…\n/);
  assert.ok(result.endsWith("\n1000000\nlast\n"));
  assert.ok(result.length < 40_200);
});

Deno.test("shellTool() ends a command whose time is up, and gives what it had printed", async () => {
  await using shell = await Shell.make();
  const result = await shell.run("echo begun; sleep 60", { timeout_ms: 100 });
  assert.match(
    result,
    /^Exit code: 1\d\d\n.*\nCommand timed out after 0.1 seconds and was ended\n/,
  );
  assert.equal(output(result), "begun\n");
});

Deno.test("shellTool() ends a command when the run is over", async () => {
  await using shell = await Shell.make();
  const running = shell.run("echo $$; sleep 60");
  running.catch(() => {});
  await until(() => shell.told.endsWith("\n"), "the command prints its number");
  shell.controller.abort(new Error("enough"));
  await assert.rejects(running, { message: "enough" });
  const look = new Deno.Command("sh", { args: ["-c", `kill -0 ${shell.told}`], stderr: "null" });
  assert.equal((await look.output()).success, false);
});

testWith(
  ["bwrap"],
  "shellTool() changes the workspace in the sandbox, and nothing beside it",
  async () => {
    await using shell = await Shell.make("workspace-write");
    // Where the temporary folder is below /tmp, the sandbox has another one of that name.
    await shell.run("echo in >in.txt; echo out >../out.txt");
    assert.equal(await shell.dir.read("w/in.txt"), "in\n");
    assert.deepEqual(await shell.dir.list(), ["w"]);
  },
);
