/** `install.sh` against a release on this machine, in the shells that systems have as `sh`. */
import assert from "node:assert/strict";
import { HOST, REPOSITORY, SUMS } from "../../tools/release/home.ts";
import { assetName, TARGETS } from "../../tools/release/targets.ts";
import { hasProgram, type Program, testWith } from "../support/need.ts";
import { TempDir } from "../support/temp_dir.ts";

const SCRIPT = new URL("../../install.sh", import.meta.url).pathname;

/** What a release's binary is here: a script that says what it is. */
const BINARY = "#!/bin/sh\n# codex_deno\necho codex 9.9.9\n";

const LINUX = "codex-x86_64-unknown-linux-gnu";

/** The shells: the strictest ones, and the one that macOS has. */
const SHELLS: readonly (readonly [program: Program, command: readonly string[]])[] = [
  ["dash", ["dash"]],
  ["busybox", ["busybox", "sh"]],
  ["bash", ["bash", "--posix"]],
];

async function sumOf(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(hash).toHex();
}

/** What is at each path of the releases; a function answers for itself. */
type Files = Record<string, string | (() => Response)>;

/** A release with a good binary under every name. */
async function goodRelease(binary: string = BINARY): Promise<Files> {
  const names = TARGETS.map(assetName);
  const sums = await Promise.all(names.map(async (name) => `${await sumOf(binary)}  ${name}\n`));
  return Object.fromEntries([
    ...names.map((name) => [`latest/download/${name}`, binary]),
    [`latest/download/${SUMS}`, `${await sumOf("x")}  THIRD_PARTY_NOTICES\n${sums.join("")}`],
  ]);
}

interface Bench extends AsyncDisposable {
  readonly home: TempDir;
  /** Where it installs to by itself. */
  readonly bin: string;
  readonly asked: string[];
  start(): Deno.ChildProcess;
  install(
    args?: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number; readonly stderr: string; readonly stdout: string }>;
}

async function openBench(shell: readonly string[], files: Files): Promise<Bench> {
  const home = await TempDir.make();
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const path = new URL(request.url).pathname.replace("/releases/", "");
    asked.push(path);
    const file = files[path];
    if (typeof file === "function") return file();
    return file === undefined ? new Response("none", { status: 404 }) : new Response(file);
  });
  // The machine that it believes to be on.
  await home.write("tools/uname", '#!/bin/sh\n[ "$1" = -s ] && echo Linux || echo x86_64\n', 0o755);
  const [program = "", ...rest] = shell;
  const command = (
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    streams: "null" | "piped",
  ) =>
    new Deno.Command(program, {
      args: [...rest, SCRIPT, ...args],
      cwd: home.path,
      env: {
        PATH: `${home.join("tools")}:/usr/bin:/bin`,
        HOME: home.path,
        CODEX_RELEASES: `http://127.0.0.1:${server.addr.port}/releases`,
        ...env,
      },
      clearEnv: true,
      stdin: "null",
      stdout: streams,
      stderr: streams,
      // A group of its own.
      detached: true,
    });
  return {
    home,
    bin: home.join(".local/bin"),
    asked,
    start: () => command([], {}, "null").spawn(),
    async install(args = [], env = {}) {
      const { code, stdout, stderr } = await command(args, env, "piped").output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Every name below a folder; none when it is not there. */
async function allIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}

/** A test in each of the shells. */
function inEachShell(name: string, fn: (shell: readonly string[]) => Promise<void>): void {
  for (const [program, shell] of SHELLS) {
    testWith([program, "curl"], `install.sh ${name}, in ${program}`, () => fn(shell));
  }
}

/** What a failure must look like, and that nothing is left of it. */
async function assertRefused(
  bench: Bench,
  message: RegExp,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = await allIn(bench.bin);
  const { code, stdout, stderr } = await bench.install(args, env);
  assert.match(stderr, message);
  assert.deepEqual([code, stdout], [1, ""], stderr);
  assert.match(stderr, /^install: .*\n(hint: .*\n)?$/m);
  assert.deepEqual(await allIn(bench.bin), before, "nothing is left behind");
}

Deno.test("install.sh names the same home as the release", async () => {
  const script = await Deno.readTextFile(SCRIPT);
  for (const line of [`HOST=${HOST}`, `REPOSITORY=${REPOSITORY}`, `SUMS=${SUMS}`]) {
    assert.ok(script.split("\n").includes(line), line);
  }
  const page = await Deno.readTextFile(new URL("../../docs/releasing.md", import.meta.url));
  assert.ok(page.includes(`${HOST}/${REPOSITORY}/releases/latest/download/install.sh`));
});

inEachShell("installs the binary, executable, under its own name", async (shell) => {
  await using bench = await openBench(shell, await goodRelease());
  const { code, stderr } = await bench.install();
  assert.equal(stderr.split("\n")[0], `codex 9.9.9 is installed: ${bench.bin}/codex`);
  assert.match(stderr, /^hint: .* is not on the PATH/m);
  assert.equal(code, 0);
  assert.deepEqual(await allIn(bench.bin), ["codex"]);
  assert.equal(await Deno.readTextFile(`${bench.bin}/codex`), BINARY);
  assert.equal(((await Deno.stat(`${bench.bin}/codex`)).mode ?? 0) & 0o777, 0o755);
  assert.deepEqual(bench.asked, [`latest/download/${SUMS}`, `latest/download/${LINUX}`]);
});

inEachShell("takes a folder, a name and a version", async (shell) => {
  const latest = Object.entries(await goodRelease());
  const files = Object.fromEntries(
    latest.map(([path, file]) => [path.replace("latest/download", "download/v1.2.3"), file]),
  );
  await using bench = await openBench(shell, files);
  const dir = bench.home.join("a folder");
  for (const version of ["--version=v1.2.3", "--version=1.2.3"]) {
    const args = ["--dir", dir, "--name", "codex-deno", version];
    const { code, stderr } = await bench.install(args, { PATH: `${dir}:/usr/bin:/bin` });
    assert.equal(code, 0, stderr);
    assert.equal(stderr, `codex 9.9.9 is installed: ${dir}/codex-deno\n`);
  }
  assert.deepEqual(await allIn(dir), ["codex-deno"]);
  assert.equal((await bench.install(["--dir", "relative", "--version", "1.2.3"])).code, 0);
  assert.deepEqual(await bench.home.list("relative"), ["codex"]);
});

inEachShell("replaces an older one of its own, and no other program", async (shell) => {
  await using bench = await openBench(shell, await goodRelease());
  const path = await bench.home.write(
    ".local/bin/codex",
    "#!/bin/sh\n# codex_deno, older\n",
    0o755,
  );
  assert.equal((await bench.install()).code, 0);
  assert.equal(await Deno.readTextFile(path), BINARY);
  const official = "#!/bin/sh\necho codex-cli 0.50.0\n";
  await Deno.writeTextFile(path, official);
  await assertRefused(bench, /codex is another program, and stays as it is\nhint: .*--name/);
  assert.equal(await Deno.readTextFile(path), official);
  assert.equal((await bench.install(["--name", "codex-deno"])).code, 0);
  assert.deepEqual(await allIn(bench.bin), ["codex", "codex-deno"]);
});

inEachShell("replaces no folder and no link", async (shell) => {
  await using bench = await openBench(shell, await goodRelease());
  await Deno.mkdir(`${bench.bin}/codex`, { recursive: true });
  await assertRefused(bench, /is another program/);
  const ours = await bench.home.write("ours", BINARY);
  await Deno.symlink(ours, `${bench.bin}/linked`);
  await assertRefused(bench, /is a link to somewhere else/, ["--name", "linked"]);
  await Deno.symlink("nowhere", `${bench.bin}/dangling`);
  await assertRefused(bench, /is a link to somewhere else/, ["--name", "dangling"]);
});

inEachShell("refuses a download whose sum is another", async (shell) => {
  const files = await goodRelease();
  await using bench = await openBench(shell, { ...files, [`latest/download/${LINUX}`]: "evil" });
  await assertRefused(
    bench,
    /is not what the release says: its sum is [\da-f]{64}, not [\da-f]{64}/,
  );
});

inEachShell(
  "refuses a release without a sum for the binary, whatever else it has",
  async (shell) => {
    const sum = await sumOf(BINARY);
    for (const sums of ["", `${sum}  ${LINUX}.old\n`, `${sum}  x ${LINUX}\n`, "<html>\n"]) {
      const files = { ...await goodRelease(), [`latest/download/${SUMS}`]: sums };
      await using bench = await openBench(shell, files);
      await assertRefused(bench, /has no sum for codex-x86_64-unknown-linux-gnu/);
    }
  },
);

inEachShell("says which file a release does not have", async (shell) => {
  for (const name of [SUMS, LINUX]) {
    const files = await goodRelease();
    delete files[`latest/download/${name}`];
    await using bench = await openBench(shell, files);
    await assertRefused(bench, new RegExp(`cannot download http://.*/${name}\n`));
  }
});

inEachShell("keeps nothing of a download that is cut", async (shell) => {
  const cut = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(BINARY.slice(0, 20)));
        },
        // Short of what was announced.
        pull: (controller) => controller.close(),
      }),
      { headers: { "content-length": String(BINARY.length) } },
    );
  const files = { ...await goodRelease(), [`latest/download/${LINUX}`]: cut };
  await using bench = await openBench(shell, files);
  await assertRefused(bench, /cannot download/);
});

inEachShell("cleans up when it is interrupted", async (shell) => {
  const asked = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const hang = () => {
    asked.resolve();
    // A body that does not come to its end.
    return new Response(new ReadableStream({ pull: () => end.promise }));
  };
  const files = { ...await goodRelease(), [`latest/download/${LINUX}`]: hang };
  await using bench = await openBench(shell, files);
  const child = bench.start();
  await asked.promise;
  assert.equal((await allIn(bench.bin)).length, 1, "it is under way");
  // As Ctrl-C does: all of the group.
  Deno.kill(-child.pid, "SIGINT");
  const { code } = await child.status;
  end.resolve();
  assert.equal(code, 130);
  assert.deepEqual(await allIn(bench.bin), []);
});

inEachShell("refuses a binary that does not run here", async (shell) => {
  for (const binary of ["#!/bin/sh\nexit 1\n", "#!/bin/sh\necho codex-cli 1\n", "\u0000\u0001"]) {
    await using bench = await openBench(shell, await goodRelease(binary));
    await assertRefused(bench, /the binary does not run on this machine/);
  }
});

inEachShell("says that a folder cannot be written to", async (shell) => {
  await using bench = await openBench(shell, await goodRelease());
  await assertRefused(bench, /cannot create the folder \/dev\/null\/x/, ["--dir", "/dev/null/x"]);
  // Nobody may make files there, not even root.
  await assertRefused(bench, /cannot write to \/proc\/self/, ["--dir", "/proc/self"]);
  assert.deepEqual(bench.asked, [], "nothing is downloaded for it");
});

inEachShell("says that there is no binary for a machine", async (shell) => {
  await using bench = await openBench(shell, await goodRelease());
  for (const [os, machine] of [["Linux", "riscv64"], ["FreeBSD", "x86_64"], ["Darwin", "ppc"]]) {
    const uname = `#!/bin/sh\n[ "$1" = -s ] && echo ${os} || echo ${machine}\n`;
    await bench.home.write("tools/uname", uname, 0o755);
    await assertRefused(bench, new RegExp(`there is no binary for ${os} on ${machine}`));
  }
});

inEachShell("asks for each target's own binary", async (shell) => {
  for (const target of TARGETS.filter(({ uname: [os] }) => os !== "Windows")) {
    await using bench = await openBench(shell, await goodRelease());
    const [os, machine] = target.uname;
    const uname = `#!/bin/sh\n[ "$1" = -s ] && echo ${os} || echo ${machine}\n`;
    await bench.home.write("tools/uname", uname, 0o755);
    assert.equal((await bench.install()).code, 0);
    assert.equal(bench.asked.at(-1), `latest/download/${assetName(target)}`);
  }
});

inEachShell("downloads from no address but https and this machine", async (shell) => {
  await using bench = await openBench(shell, await goodRelease());
  for (
    const address of [
      "http://example.test/r",
      "ftp://127.0.0.1:1/",
      "file:///",
      "http://localhost.evil.test",
      "http://127.0.0.1:1@evil.test/",
    ]
  ) {
    await assertRefused(bench, /is not an https address/, [], { CODEX_RELEASES: address });
  }
});

inEachShell("tells a wrong use, with status 2, before anything is asked", async (shell) => {
  await using bench = await openBench(shell, await goodRelease());
  for (const args of [["--dir"], ["--dir="], ["--nam", "x"], ["x"], ["--help"]]) {
    const { code, stderr } = await bench.install(args);
    assert.deepEqual([code, stderr.slice(0, 7)], [2, "usage: "], args.join(" "));
  }
  for (const name of ["../codex", "-x", ".hidden", "a b", "a/b"]) {
    await assertRefused(bench, /cannot be the name of a command/, [`--name=${name}`]);
  }
  await assertRefused(bench, /cannot be a version/, ["--version", "../../x"]);
  await assertRefused(bench, /HOME is not set\nhint: .*--dir/, [], { HOME: "" });
  assert.deepEqual(bench.asked, []);
});

inEachShell(
  "does with wget, shasum or openssl what it does with curl and sha256sum",
  async (shell) => {
    await using bench = await openBench(shell, await goodRelease());
    // A PATH with what the script needs and no more.
    const needed = ["sh", "mkdir", "mktemp", "chmod", "mv", "rm", "sed", "grep"];
    for (const name of needed) {
      await Deno.symlink(`/usr/bin/${name}`, bench.home.join("tools", name)).catch(() => {});
    }
    const PATH = bench.home.join("tools");
    const real = [Deno.realPathSync(await which(shell[0] ?? "")), ...shell.slice(1)];
    await using same = await openBench(real, await goodRelease());
    await assertRefused(same, /neither curl nor wget/, [], { PATH });
    // A wget as small as busybox has it.
    await bench.home.write("tools/wget", '#!/bin/sh\nexec /usr/bin/curl -fs -o "$3" "$4"\n', 0o755);
    await assertRefused(same, /neither sha256sum, shasum nor openssl/, [], { PATH });
    for (
      const [name, line] of [
        ["openssl", '/usr/bin/sha256sum | /usr/bin/sed "s/ .*/ *stdin/"'],
        ["shasum", "/usr/bin/sha256sum"],
      ]
    ) {
      await bench.home.write(`tools/${name}`, `#!/bin/sh\n${line}\n`, 0o755);
      const { code, stderr } = await same.install([], { PATH });
      assert.equal(code, 0, stderr);
      await Deno.remove(bench.home.join(`tools/${name}`));
    }
  },
);

/** Where a program is. */
async function which(program: string): Promise<string> {
  const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`] })
    .output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("install.sh does nothing when it arrives cut", async () => {
  const script = await Deno.readTextFile(SCRIPT);
  assert.ok(script.endsWith('\nmain "$@"\n'));
  const shell = SHELLS.find(([program]) => hasProgram(program))?.[1] ?? ["sh"];
  await using bench = await openBench(shell, await goodRelease());
  const [program = "sh", ...args] = shell;
  // Cut at a few places, the last one just before the call.
  for (const part of [0.3, 0.6, 0.9, 1 - 'main "$@"\n'.length / script.length]) {
    const { stderr } = await new Deno.Command(program, {
      args: [...args, "-c", script.slice(0, Math.floor(script.length * part))],
      cwd: bench.home.path,
      env: { HOME: bench.home.path, PATH: "/usr/bin:/bin" },
      clearEnv: true,
    }).output();
    assert.doesNotMatch(new TextDecoder().decode(stderr), /installed/);
    assert.deepEqual(await bench.home.list(), ["tools"]);
  }
  assert.deepEqual(bench.asked, []);
});
