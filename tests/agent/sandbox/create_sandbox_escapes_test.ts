/** Ways out of the real sandbox, tried from inside of it: as this user, and as nobody. */
import assert from "node:assert/strict";
import { createSandbox, type SandboxOptions } from "../../../src/agent/sandbox/create_sandbox.ts";
import type { Spawn } from "../../../src/agent/sandbox/bubblewrap_run.ts";
import { testWith } from "../../support/need.ts";
import { asUser, makeWorld, NOBODY, OUTSIDE, type World } from "./escape_world.ts";
import { escapeProgram } from "./escape_program.ts";
import { ESCAPES, SECRET_TEXT } from "./escapes.ts";

/** What a user's environment may hold. */
function environmentOf(
  { home, workspace, names }: World,
  library: readonly string[] = ["/nowhere.so"],
): Record<string, string> {
  return {
    ...Object.fromEntries(library.map((path) => ["LD_PRELOAD", path])),
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    HOME: home,
    CODEX_AUTH_FILE: `${workspace}/private/auth.json`,
    CODEX_ACCESS_TOKEN: SECRET_TEXT,
    GITHUB_TOKEN: SECRET_TEXT,
    OPENAI_API_KEY: SECRET_TEXT,
    SSH_AUTH_SOCK: `${home}/.ssh/agent.sock`,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${names["BUS"]}`,
  };
}

/** Starts programs as a user; only bubblewrap and what is in it run as that one. */
const spawnAs = (uid: number): Spawn => (program, options) =>
  new Deno.Command("setpriv", {
    ...options,
    args: [...asUser(uid), program, ...options.args ?? []],
  }).spawn();

async function namespaces(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of ["user", "pid", "ipc", "uts", "net", "mnt"]) {
    const { stdout } = await new Deno.Command("readlink", { args: [`/proc/self/ns/${name}`] })
      .output();
    found[name] = new TextDecoder().decode(stdout).trim();
  }
  return found;
}

/** Whether a row worked; one that ended its own process has come to nothing. */
function worked(printed: string, index: number): boolean {
  return printed.split("\n").includes(`${index} 1`);
}

async function tryEscapes(world: World, options: SandboxOptions): Promise<readonly string[]> {
  const warnings: string[] = [];
  const sandbox = createSandbox({
    mode: "workspace-write",
    workspace: world.workspace,
    writable: [],
    network: false,
    hidden: [`${world.workspace}/hidden`],
  }, {
    host: { environment: environmentOf(world), cwd: "/" },
    onWarning: (message) => warnings.push(message),
    ...options,
  });
  // A script, as it is longer than an argument may be on some systems.
  await Deno.writeTextFile(
    `${world.workspace}/escapes.pl`,
    escapeProgram(world.names, await namespaces(), ESCAPES),
  );
  let printed = "";
  const decoder = new TextDecoder();
  const { exitCode, timedOut } = await sandbox.run({
    command: "perl escapes.pl",
    cwd: world.workspace,
    timeoutMs: 60_000,
    onOutput: (bytes) => printed += decoder.decode(bytes, { stream: true }),
  });
  assert.deepEqual({ exitCode, timedOut }, { exitCode: 0, timedOut: false }, printed);
  const wrong = ESCAPES.flatMap(({ name, result }, index) => {
    const came = worked(printed, index) ? "possible" : "refused";
    return came === result ? [] : [`${name}: ${came}`];
  });
  assert.deepEqual(wrong, []);
  return warnings;
}

async function stillAsItWas({ outside, home, workspace, victim, reached }: World): Promise<void> {
  assert.deepEqual(reached(), []);
  assert.deepEqual(
    [...Deno.readDirSync(outside)].map(({ name }) => name).sort(),
    ["agent.sock", "fifo", ...OUTSIDE].sort(),
  );
  const kept = [
    `${outside}/file`,
    `${home}/.bashrc`,
    `${workspace}/.git/config`,
    `${workspace}/sub/.git/config`,
  ];
  for (const path of kept) assert.equal(await Deno.readTextFile(path), "as it was\n", path);
  assert.deepEqual(
    [...Deno.readDirSync(`${workspace}/.git/hooks`)].map(({ name }) => name),
    ["sample"],
  );
  for (const name of [".codex", ".agents", ".vscode", ".husky", ".envrc"]) {
    await assert.rejects(Deno.lstat(`${workspace}/${name}`), Deno.errors.NotFound, name);
  }
  // Throws when it is gone.
  Deno.kill(victim.pid, "SIGCONT");
}

Deno.test("createSandbox() is tried by at least forty ways out", () => {
  assert.ok(ESCAPES.filter(({ result }) => result === "refused").length >= 40);
  assert.equal(new Set(ESCAPES.map(({ name }) => name)).size, ESCAPES.length);
});

Deno.test("createSandbox() is documented with every way out", async () => {
  const page = await Deno.readTextFile(new URL("../../../docs/sandbox.md", import.meta.url));
  const rows = [...page.matchAll(/^\| (.+?) +\| (refused|possible) +\|$/gm)]
    .map(([, name, result]) => ({ name: name?.replaceAll("\\*", "*"), result }));
  assert.deepEqual(rows, ESCAPES.map(({ name, result }) => ({ name, result })));
});

testWith(["bwrap", "perl"], "createSandbox() refuses every way out to this user", async () => {
  await using world = await makeWorld();
  const warnings = await tryEscapes(world, {});
  await stillAsItWas(world);
  assert.ok(
    warnings.some((message) => message.includes("/fresh/.git")),
    `nothing was said of a new .git: ${warnings}`,
  );
});

const root = Deno.uid() === 0;

testWith(
  root ? ["perl", "setpriv"] : ["perl"],
  "createSandbox() is what refuses them: most work for an ordinary user without it",
  async () => {
    await using world = await makeWorld(root ? NOBODY : undefined);
    const easy = ESCAPES.filter((escape) => escape.easy);
    const script = `${world.workspace}/escapes.pl`;
    await Deno.writeTextFile(script, escapeProgram(world.names, await namespaces(), easy));
    const [program, args] = root
      ? ["setpriv", [...asUser(NOBODY), "perl", script]] as const
      : ["perl", [script]] as const;
    const { stdout } = await new Deno.Command(program, {
      args: [...args],
      cwd: world.workspace,
      clearEnv: true,
      env: environmentOf(world, []),
      stderr: "null",
    }).output();
    const printed = new TextDecoder().decode(stdout);
    const refused = easy.filter((_, index) => !worked(printed, index)).map(({ name }) => name);
    assert.deepEqual(refused, []);
    assert.ok(easy.length >= 50, `${easy.length}`);
    assert.ok(world.reached().length >= 4);
  },
);

// Whoever is not root has been tried by the test above.
if (root) {
  testWith(
    ["bwrap", "perl", "setpriv"],
    "createSandbox() refuses every way out to an ordinary user",
    async () => {
      await using world = await makeWorld(NOBODY);
      await tryEscapes(world, { spawn: spawnAs(NOBODY), root: false });
      await stillAsItWas(world);
    },
  );
}
