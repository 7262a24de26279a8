import assert from "node:assert/strict";
import { platformSpawn, type Spawn } from "../../../src/agent/sandbox/bubblewrap_run.ts";
import { createSandbox } from "../../../src/agent/sandbox/create_sandbox.ts";
import { type Mechanism, SandboxError } from "../../../src/agent/sandbox/sandbox.ts";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { placeFor } from "./escape_world.ts";
import { policyFor, run, sandboxIn } from "./support.ts";

testWith(["bwrap"], "createSandbox() runs a command in the workspace", async () => {
  await using dir = await TempDir.make();
  const sandbox = sandboxIn(dir.path);
  assert.deepEqual(await sandbox.confinement(), { mechanism: "bubblewrap" });
  const { exitCode, timedOut, output } = await run(
    sandbox,
    "echo one >file; pwd; cat file; exit 7",
  );
  assert.deepEqual({ exitCode, timedOut }, { exitCode: 7, timedOut: false });
  assert.equal(output, `${dir.path}\none\n`);
  assert.equal(await dir.read("file"), "one\n");
  assert.deepEqual(await dir.list(), ["file"]);
});

testWith(["bwrap"], "createSandbox() gives both outputs in their order", async () => {
  await using dir = await TempDir.make();
  const { output } = await run(sandboxIn(dir.path), "echo a; echo b >&2; echo c; echo d >&2");
  assert.equal(output, "a\nb\nc\nd\n");
});

testWith(["bwrap"], "createSandbox() tells a signal as the shell does", async () => {
  await using dir = await TempDir.make();
  assert.equal((await run(sandboxIn(dir.path), "kill -TERM $$")).exitCode, 143);
});

testWith(["bwrap"], "createSandbox() runs lines as they are", async () => {
  await using dir = await TempDir.make();
  const sandbox = sandboxIn(dir.path);
  const { output } = await run(sandbox, "# nothing\ncat <<'X'\n$a \"b\"\nX\necho $# \"$*\" 'c d'");
  assert.equal(output, '$a "b"\n0  c d\n');
  assert.match((await run(sandbox, "no-such-thing")).output, /^\S*: line 1: no-such-thing: /);
  assert.equal((await run(sandbox, "")).exitCode, 0);
});

testWith(["bwrap"], "createSandbox() keeps a read-only workspace as it is", async () => {
  await using dir = await TempDir.make();
  await dir.write("file", "x");
  const { output } = await run(
    sandboxIn(dir.path, { mode: "read-only" }),
    "cat file; touch new; echo y >file; echo t >/tmp/t && cat /tmp/t",
  );
  assert.match(output, /^x.*Read-only.*Read-only.*\nt\n$/s);
  assert.deepEqual(await dir.list(), ["file"]);
});

testWith(["bwrap"], "createSandbox() lets further folders be written to", async () => {
  await using dir = await TempDir.make();
  await dir.write("work/file", "");
  await dir.write("more/.git/config", "");
  const [work, more] = [dir.join("work"), dir.join("more")];
  const { output } = await run(
    sandboxIn(work, { writable: [more] }),
    `cp file ${more}/got; touch ${more}/.git/config`,
  );
  assert.match(output, /Read-only/);
  assert.deepEqual(await dir.list("more"), [".git", "got"]);
});

testWith(
  ["bwrap"],
  "createSandbox() has a network where it is allowed, and no Unix socket",
  async () => {
    await using dir = await TempDir.make();
    using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepted = (async () => {
      using connection = await server.accept();
      return connection.remoteAddr.transport;
    })();
    using socket = Deno.listen({ transport: "unix", path: dir.join("socket") });
    assert.ok(socket.addr);
    const sandbox = sandboxIn(dir.path, { network: true });
    const { output } = await run(
      sandbox,
      `exec 5<>/dev/tcp/127.0.0.1/${server.addr.port} && echo reached
     perl -MSocket -e 'socket(my $s, 1, 1, 0) or print "no: $!\\n"'`,
    );
    assert.match(output, /^reached\nno: Address family not supported/);
    assert.equal(await accepted, "tcp");
  },
);

testWith(["bwrap"], "createSandbox() hides Maven's settings by ones that say nothing", async () => {
  await using dir = await TempDir.make();
  await dir.write("home/.m2/settings.xml", "<password>x</password>");
  await dir.write("home/.m2/repository/x", "x\n");
  const { output } = await run(
    sandboxIn(dir.path),
    "cat ~/.m2/settings.xml ~/.m2/repository/x; echo y >~/.m2/settings.xml; echo y >~/.m2/new",
  );
  assert.match(output, /^<settings\/>\nx\n.*(Read-only|denied)/);
  assert.equal(await dir.read("home/.m2/settings.xml"), "<password>x</password>");
});

testWith(["bwrap"], "createSandbox() says what cannot be run", async () => {
  await using dir = await TempDir.make();
  const sandbox = sandboxIn(dir.path);
  const rejects = (command: string, message: RegExp, cwd = dir.path) =>
    assert.rejects(run(sandbox, command, { cwd }), (error) => {
      assert.ok(error instanceof SandboxError, `${error}`);
      assert.match(error.message, message);
      return true;
    });
  await rejects("true", /"\/nowhere" is not there/, "/nowhere");
  await rejects("true", /^The sandbox could not be set up: .{0,200}$/, `/${"x".repeat(3000)}`);
  await rejects("a\0b", /zero byte/);
  await rejects(`: ${"x".repeat(131_072)}`, /too long: 131074 bytes/);
  await Deno.remove(dir.path);
  await rejects("true", /is no folder that can be worked in/);
  await Deno.mkdir(dir.path);
});

testWith(
  ["bwrap"],
  "createSandbox() refuses a mount that something led elsewhere meanwhile",
  async () => {
    await using dir = await TempDir.make();
    await dir.write("work/a/b/.git/config", "");
    const swap: Spawn = (program, options) => {
      // What the probe starts is no command.
      if (options.args?.includes("touch ran")) {
        Deno.renameSync(dir.join("work/a"), dir.join("work/c"));
        Deno.mkdirSync(dir.join("work/free/b/.git"), { recursive: true });
        Deno.symlinkSync("free", dir.join("work/a"));
      }
      return platformSpawn(program, options);
    };
    const sandbox = sandboxIn(dir.join("work"), {}, { spawn: swap });
    await assert.rejects(run(sandbox, "touch ran"), {
      name: "SandboxError",
      message: /something else changed the folders/,
    });
    assert.ok(!(await dir.list("work")).includes("ran"));
  },
);

testWith(
  ["bwrap"],
  "createSandbox() refuses something else in the place of an expected mount",
  async () => {
    await using dir = await TempDir.make();
    await dir.write("work/a/b/.git/config", "");
    await dir.write("work/disk/a/b/.git/config", "");
    await dir.write("outside/b/.git/config", "");
    // What bubblewrap does when a folder becomes a link between its two looks at it.
    const from = (source: string): Spawn => (program, { args = [], ...options }) => {
      const at = args.findIndex((arg, index) =>
        arg === dir.join("work/a") && args[index - 1] === "--bind"
      );
      return platformSpawn(program, { ...options, args: at < 0 ? args : args.with(at, source) });
    };
    const trial = (source: string) =>
      run(sandboxIn(dir.join("work"), {}, { spawn: from(dir.join(source)) }), "touch a/ran");
    for (const source of ["outside", "work/disk/a", "work"]) {
      await assert.rejects(trial(source), {
        name: "SandboxError",
        message: /something else changed the folders/,
      }, source);
    }
    assert.equal((await trial("work/a")).exitCode, 0);
    assert.deepEqual(await dir.list("outside"), ["b"]);
    assert.deepEqual(await dir.list("work/a"), ["b", "ran"]);
  },
);

testWith(["bwrap"], "createSandbox() refuses something else on top of what hides", async () => {
  await using dir = await TempDir.make(await placeFor(undefined));
  await dir.write("work/a/b/.git/config", "");
  await dir.write("work/inner/key", "x");
  await dir.write("outer/key", "x");
  // In a checkout below /tmp, what is outside of the work is not there at all.
  const outside = /^\/(?:var\/)?tmp\//.test(dir.path) ? [] : [dir.join("outer")];
  for (const secret of [dir.join("work/inner"), ...outside]) {
    // What bubblewrap does when the folder of a deeper mount becomes a link to the secret.
    const onTop: Spawn = (program, { args = [], ...options }) =>
      platformSpawn(program, {
        ...options,
        args: args.includes(secret)
          ? args.toSpliced(args.indexOf("--chdir"), 0, "--bind", secret, secret)
          : args,
      });
    const trial = (spawn?: Spawn) =>
      run(
        sandboxIn(dir.join("work"), { hidden: [secret] }, { spawn }),
        `touch ran; ls ${secret}; touch ${secret}/new`,
      );
    await assert.rejects(trial(onTop), { message: /something else changed the folders/ }, secret);
    assert.ok(!(await dir.list("work")).includes("ran"));
    assert.match((await trial()).output, /^touch: .*(denied|Read-only file system)\n$/);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(secret), ({ name }) => name), ["key"]);
    await Deno.remove(dir.join("work/ran"));
  }
});

testWith(
  ["bwrap"],
  "createSandbox() runs a command in a session of its own, which no signal to our group reaches",
  async () => {
    await using dir = await TempDir.make();
    let session = "";
    let pid = 0;
    const spawn: Spawn = (program, options) => {
      const child = platformSpawn(program, options);
      ({ pid } = child);
      return child;
    };
    const command = "echo begun; until [ -e seen ]; do sleep 0.01; done; rm seen";
    await run(sandboxIn(dir.path, {}, { spawn }), command, {
      onOutput() {
        session = fieldsOf(pid)[3] ?? "";
        Deno.writeTextFileSync(dir.join("seen"), "");
      },
    });
    assert.match(session, /^\d+$/);
    assert.equal(session, `${pid}`);
  },
);

/** What the kernel says of a process, after its name: state, parent, group, session. */
function fieldsOf(pid: number): readonly string[] {
  // Deno lets it be read with all permissions alone, which the tests do not have.
  const { stdout } = new Deno.Command("cat", { args: [`/proc/${pid}/stat`] }).outputSync();
  const text = new TextDecoder().decode(stdout);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

testWith(
  ["bwrap"],
  "createSandbox() asks the kernel to end a command first when memory runs out",
  async () => {
    await using dir = await TempDir.make();
    const { output } = await run(
      sandboxIn(dir.path),
      "cat /proc/self/oom_score_adj; echo 0 >/proc/self/oom_score_adj",
    );
    assert.match(output, /^500\n.*Read-only/);
  },
);

testWith(
  ["bwrap"],
  "createSandbox() tells of a new .git, and protects it from then on",
  async () => {
    await using dir = await TempDir.make();
    const warnings: string[] = [];
    const sandbox = sandboxIn(dir.path, {}, { onWarning: (message) => warnings.push(message) });
    await run(sandbox, "mkdir -p sub/.git && echo x >sub/.git/config");
    assert.deepEqual(warnings.map((text) => text.includes(`"${dir.path}/sub/.git"`)), [true]);
    const { output } = await run(sandbox, "echo y >sub/.git/config; mv sub other");
    assert.match(output, /Read-only file system.*busy/s);
    assert.equal(await dir.read("sub/.git/config"), "x\n");
    assert.equal(warnings.length, 1);
  },
);

testWith(
  ["bwrap"],
  "createSandbox() keeps names unmade until the last command has ended",
  async () => {
    await using dir = await TempDir.make();
    const one = sandboxIn(dir.path);
    const two = sandboxIn(dir.path);
    const make = "mkdir .codex/x .husky/y 2>&1 | grep -c Read-only";
    const long = run(one, `echo begun; while [ ! -e go ]; do sleep 0.01; done; ${make}`);
    assert.equal((await run(two, make)).output, "2\n");
    assert.ok((await dir.list()).includes(".codex"), "the other command still needs it");
    await dir.write("go", "");
    assert.match((await long).output, /2\n$/);
    assert.deepEqual(await dir.list(), ["go"]);
  },
);

Deno.test("createSandbox() runs without confinement only when that is asked for", async () => {
  await using dir = await TempDir.make();
  const none: Mechanism = {
    name: "none",
    probe: () =>
      Promise.resolve({ mechanism: "none", missing: "nothing here", hint: "Install it" }),
    run: () => Promise.reject(new Error("it must not come to this")),
  };
  const sandbox = sandboxIn(dir.path, {}, { mechanism: none });
  await assert.rejects(run(sandbox, "true"), {
    name: "SandboxError",
    message: "nothing here; Install it",
  });
  const { output } = await run(sandbox, "echo free", { unconfined: true });
  assert.equal(output, "free\n");
});

Deno.test("createSandbox() confines nothing where danger-full-access is asked for", async () => {
  await using dir = await TempDir.make();
  const sandbox = sandboxIn(dir.join(), { mode: "danger-full-access" });
  const { mechanism, missing } = await sandbox.confinement();
  assert.equal(mechanism, "none");
  assert.match(missing ?? "", /danger-full-access/);
  const { exitCode, output } = await run(sandbox, "mkdir .codex && echo made; exit 3");
  assert.deepEqual({ exitCode, output }, { exitCode: 3, output: "made\n" });
});

Deno.test("createSandbox() has nothing to confine with on Windows, and says so", async () => {
  const sandbox = createSandbox(policyFor("/"), { os: "windows" });
  const { mechanism, missing, hint } = await sandbox.confinement();
  assert.equal(mechanism, "none");
  assert.match(`${missing}; ${hint}`, /windows.*Linux/);
});
