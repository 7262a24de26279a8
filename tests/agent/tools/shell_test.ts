import assert from "node:assert/strict";
import type {
  CommandResult,
  Confinement,
  Sandbox,
  SandboxCommand,
  SandboxMode,
} from "../../../src/agent/sandbox/sandbox.ts";
import { SandboxError } from "../../../src/agent/sandbox/sandbox.ts";
import type { ToolContext } from "../../../src/agent/tool.ts";
import { shellTool } from "../../../src/agent/tools/shell.ts";
import { TempDir } from "../../support/temp_dir.ts";

interface FakeOptions {
  readonly mode?: SandboxMode;
  readonly confinement?: Confinement;
  readonly prints?: readonly (string | Uint8Array)[];
  readonly result?: Partial<CommandResult>;
  readonly run?: (command: SandboxCommand) => Promise<CommandResult>;
}

/** A sandbox that runs nothing, and keeps what it was asked for. */
class FakeSandbox implements Sandbox {
  readonly policy;
  readonly commands: SandboxCommand[] = [];
  readonly #options: FakeOptions;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    const { mode = "workspace-write" } = options;
    this.policy = { mode, workspace: "/w", writable: [], network: false, hidden: [] };
  }

  confinement(): Promise<Confinement> {
    return Promise.resolve(this.#options.confinement ?? { mechanism: "bubblewrap" });
  }

  run(command: SandboxCommand): Promise<CommandResult> {
    this.commands.push(command);
    const { prints = [], result, run } = this.#options;
    if (run !== undefined) return run(command);
    for (const text of prints) {
      command.onOutput?.(typeof text === "string" ? new TextEncoder().encode(text) : text);
    }
    return Promise.resolve({ exitCode: 0, timedOut: false, ms: 1234, ...result });
  }
}

/** A context whose told deltas are kept. */
function context(signal: AbortSignal = new AbortController().signal) {
  const deltas: string[] = [];
  const toolContext: ToolContext = {
    signal,
    callId: "call_1",
    step: 1,
    emit: (delta, channel) => {
      assert.equal(channel, "stdout");
      deltas.push(delta);
    },
  };
  return { deltas, toolContext };
}

async function called(sandbox: FakeSandbox, input: unknown, mayAsk = false) {
  const { deltas, toolContext } = context();
  const { need, execute } = await shellTool({ sandbox, cwd: "/", mayAsk }).prepare(input);
  return { need, deltas, result: await execute(toolContext) };
}

Deno.test("shellTool() gives exit code, wall time and output", async () => {
  const sandbox = new FakeSandbox({ prints: ["one\n", "two\n"], result: { exitCode: 3 } });
  const { need, deltas, result } = await called(sandbox, { command: "make" });
  assert.deepEqual(need, { unconfined: false });
  assert.equal(result, "Exit code: 3\nWall time: 1.2 seconds\nOutput:\none\ntwo\n");
  assert.deepEqual(deltas, ["one\n", "two\n"]);
  const [command] = sandbox.commands;
  assert.equal(command?.command, "make");
  assert.equal(command?.cwd, "/");
  assert.equal(command?.timeoutMs, 120_000);
  assert.equal(command?.unconfined, false);
});

Deno.test("shellTool() makes binary output safe, for the model and for who watches", async () => {
  const sandbox = new FakeSandbox({
    prints: [Uint8Array.of(0x1b, 0x5b), "31mred\x1b[0m\0", Uint8Array.of(0xff, 0xe2, 0x82)],
  });
  const { deltas, result } = await called(sandbox, { command: "cat x" });
  assert.ok(String(result).endsWith("Output:\nred\ufffd\ufffd\ufffd"), String(result));
  assert.equal(deltas.join(""), "red\ufffd\ufffd\ufffd");
});

Deno.test("shellTool() says how long a command had that ran out of time", async () => {
  const sandbox = new FakeSandbox({ result: { exitCode: 137, timedOut: true, ms: 500 } });
  const { result } = await called(sandbox, { command: "sleep 9", timeout_ms: 500 });
  assert.match(String(result), /^Exit code: 137\n.*\nCommand timed out after 0.5 seconds and was/);
  assert.equal(sandbox.commands[0]?.timeoutMs, 500);
});

Deno.test("shellTool() gives the model head and tail of a flood, and tells all of it meanwhile", async () => {
  const line = `${"x".repeat(99)}\n`;
  const prints = ["first\n", ...Array<string>(100).fill(line.repeat(1000)), "last\n"];
  const { deltas, result } = await called(new FakeSandbox({ prints }), { command: "yes" });
  const text = String(result);
  assert.match(text, /\nTotal output lines: 100002\nOutput:\nfirst\n/);
  assert.match(text, /\n…\d+ tokens truncated…\n/);
  assert.ok(text.endsWith(`${line}last\n`));
  assert.ok(text.length < 40_200);
  assert.equal(deltas.join(""), prints.join(""));
});

Deno.test("shellTool() runs in a folder below, by its real path", async () => {
  await using dir = await TempDir.make();
  await dir.write("real/a.txt", "");
  await Deno.symlink("real", dir.join("link"));
  const sandbox = new FakeSandbox();
  const tool = shellTool({ sandbox, cwd: dir.path });
  for (const workdir of ["link", "./real", dir.join("real"), "real/../real/"]) {
    await (await tool.prepare({ command: "ls", workdir })).execute(context().toolContext);
    assert.equal(sandbox.commands.at(-1)?.cwd, dir.join("real"));
  }
});

Deno.test("shellTool() refuses a working directory that is none", async () => {
  await using dir = await TempDir.make();
  await dir.write("file", "");
  const tool = shellTool({ sandbox: new FakeSandbox(), cwd: dir.path });
  const prepared = (workdir: string) => tool.prepare({ command: "ls", workdir });
  await assert.rejects(prepared("gone"), {
    message: "the working directory `gone` does not exist",
  });
  await assert.rejects(prepared("file"), { message: "the working directory `file` is no folder" });
  await assert.rejects(prepared("file/x"), /the working directory `file\/x` cannot be used/);
  await assert.rejects(prepared("a\0b"), /the working directory `a\0b` cannot be used/);
});

Deno.test("shellTool() does not run where a link has led elsewhere since it was asked about", async () => {
  await using dir = await TempDir.make();
  await dir.write("one/a", "");
  await dir.write("two/a", "");
  await Deno.symlink("one", dir.join("link"));
  const sandbox = new FakeSandbox();
  const { execute } = await shellTool({ sandbox, cwd: dir.path })
    .prepare({ command: "ls", workdir: "link" });
  await Deno.remove(dir.join("link"));
  await Deno.symlink("two", dir.join("link"));
  await assert.rejects(async () => await execute(context().toolContext), /not where it was/);
  assert.equal(sandbox.commands.length, 0);
});

const ESCALATED = {
  command: "curl x",
  sandbox_permissions: "require_escalated",
  justification: "it needs the network",
};

Deno.test("shellTool() asks for a command that the model wants outside of the sandbox", async () => {
  const sandbox = new FakeSandbox();
  const { need } = await called(sandbox, ESCALATED, true);
  assert.deepEqual(need, {
    unconfined: true,
    why: "the model asks to leave the sandbox",
    justification: "it needs the network",
  });
  assert.equal(sandbox.commands[0]?.unconfined, true);
});

Deno.test("shellTool() refuses that where nobody can be asked, and says what to do", async () => {
  const sandbox = new FakeSandbox();
  await assert.rejects(called(sandbox, ESCALATED), /approval policy is never.*go on without/);
  assert.equal(sandbox.commands.length, 0);
});

Deno.test("shellTool() asks for every command where there is no sandbox", async () => {
  const missing = "bubblewrap is not installed";
  const sandbox = new FakeSandbox({ confinement: { mechanism: "none", missing } });
  const { need } = await called(sandbox, { command: "ls" });
  assert.deepEqual(need, { unconfined: true, why: missing });
  const bare = new FakeSandbox({ confinement: { mechanism: "none" } });
  const { need: other } = await called(bare, ESCALATED, true);
  assert.match(other?.why ?? "", /no sandbox/);
  assert.equal(other?.justification, "it needs the network");
});

Deno.test("shellTool() runs unconfined in danger-full-access, whatever the model asks", async () => {
  for (const input of [{ command: "ls" }, ESCALATED]) {
    const sandbox = new FakeSandbox({ mode: "danger-full-access" });
    const { need } = await called(sandbox, input);
    assert.equal(need?.unconfined, true);
    assert.equal(need?.why, "there is no sandbox: danger-full-access");
    assert.equal(sandbox.commands[0]?.unconfined, true);
  }
});

Deno.test("shellTool() throws what the sandbox throws, and gives it the run's signal", async () => {
  const failing = new FakeSandbox({ run: () => Promise.reject(new SandboxError("no /bin/sh")) });
  await assert.rejects(called(failing, { command: "ls" }), { message: "no /bin/sh" });

  const { promise: started, resolve } = Promise.withResolvers<void>();
  const sandbox = new FakeSandbox({
    run: ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason));
        resolve();
      }),
  });
  const controller = new AbortController();
  const { execute } = await shellTool({ sandbox, cwd: "/" }).prepare({ command: "sleep 9" });
  const running = Promise.resolve(execute(context(controller.signal).toolContext));
  await started;
  controller.abort(new Error("enough"));
  await assert.rejects(running, { message: "enough" });
});

Deno.test("shellTool() refuses arguments that are not in order before it asks or runs", async () => {
  const sandbox = new FakeSandbox();
  await assert.rejects(called(sandbox, "{"), /failed to parse function arguments/);
  assert.equal(sandbox.commands.length, 0);
});

Deno.test("shellTool() is declared as a function, with the time limit of its options", async () => {
  const sandbox = new FakeSandbox();
  const tool = shellTool({ sandbox, cwd: "/", timeoutMs: 5000 });
  assert.equal(tool.effects, "exec");
  const declared = await tool.declare(undefined);
  assert.ok(declared?.type === "function");
  assert.deepEqual([declared.name, declared.strict], ["shell", false]);
  await (await tool.prepare({ command: "ls" })).execute(context().toolContext);
  assert.equal(sandbox.commands[0]?.timeoutMs, 5000);
});

Deno.test("shellTool() refuses options that are not what they have to be", () => {
  const sandbox = new FakeSandbox();
  const WRONG: readonly (readonly [options: unknown, message: RegExp])[] = [
    [undefined, /^options has to be an object, and is missing$/],
    [{}, /^options\.sandbox has to be a sandbox, and is missing$/],
    [{ sandbox }, /^options\.cwd has to be an absolute path, and is missing$/],
    [{ sandbox, cwd: "." }, /^options\.cwd has to be an absolute path/],
    [{ sandbox, cwd: "/w", foo: 1 }, /^options\.foo is not known here$/],
    [{ sandbox, cwd: "/w", mayAsk: "no" }, /^options\.mayAsk has to be true or false/],
    [{ sandbox, cwd: "/w", timeoutMs: NaN }, /^options\.timeoutMs has to be/],
    [{ sandbox: { ...sandbox, run: 5 }, cwd: "/w" }, /^options\.sandbox\.confinement has to be/],
    [
      { sandbox: new FakeSandbox({ mode: "none" as SandboxMode }), cwd: "/w" },
      /sandbox\.policy\.mode/,
    ],
  ];
  for (const [options, message] of WRONG) {
    const given = options as { sandbox: Sandbox; cwd: string };
    assert.throws(() => shellTool(given), { code: "invalid_usage", message });
  }
});
