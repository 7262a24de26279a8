/** What the command touches, as Deno records it (DENO_AUDIT_PERMISSIONS). */
import assert from "node:assert/strict";
import { reply, toolCall } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { testWith } from "../support/need.ts";
import type { CliOptions, CliResult } from "../support/run_cli.ts";

const FOLDER = ".local/share/codex";

const ROOT = new URL("../../", import.meta.url);

/** The permissions that cli.ts asks for in its first line. */
async function askedFor(): Promise<readonly string[]> {
  const [first = ""] = (await Deno.readTextFile(new URL("cli.ts", ROOT))).split("\n");
  return first.split(" ").filter((word) => word.startsWith("--allow-"));
}

/** A use of a permission. */
interface Use {
  readonly permission: string;
  readonly value: string;
}

/** Runs the command and gives every use of a permission. */
async function audit(
  desk: Desk,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult & { readonly uses: readonly Use[] }> {
  const log = desk.home.join("audit.jsonl");
  await Deno.writeTextFile(log, "");
  const env = { ...options.env, DENO_AUDIT_PERMISSIONS: log };
  const result = await desk.run(args, { ...options, env });
  const lines = (await Deno.readTextFile(log)).trim().split("\n").filter((line) => line !== "");
  return { ...result, uses: lines.map((line) => JSON.parse(line)) };
}

/** The distinct values of a permission. */
function valuesOf(uses: readonly Use[], permission: string): readonly string[] {
  const own = uses.filter((use) => use.permission === permission);
  return [...new Set(own.map(({ value }) => value))].sort();
}

const FILES:
  readonly (readonly [what: string, lifetime: number, change: (desk: Desk) => Promise<unknown>])[] =
    [
      ["a good sign-in", 3600, () => Promise.resolve()],
      ["an expired one", -60, () => Promise.resolve()],
      ["one that is over", 3600, async (desk) => {
        const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
        const hash = await crypto.subtle.digest(
          "SHA-256",
          new TextEncoder().encode(openai.refresh),
        );
        const mark = {
          code: "invalid_grant",
          at: "2027",
          for: new Uint8Array(hash).toHex().slice(0, 16),
        };
        await desk.home.write(AUTH_FILE, JSON.stringify({ openai: { ...openai, reauth: mark } }));
      }],
      ["none", 3600, (desk) => Deno.remove(desk.home.join(AUTH_FILE))],
    ];

for (const [what, lifetime, change] of FILES) {
  Deno.test(`codex status touches no file but the credential file, with ${what}`, async () => {
    await using desk = await openDesk({}, lifetime);
    await change(desk);
    const before = await desk.home.list(FOLDER);
    for (const args of [["status"], ["status", "--json"], ["status", "--all"]]) {
      const { uses, stderr } = await audit(desk, args);
      assert.doesNotMatch(stderr, /Unexpected/);
      const allowed = [desk.home.join(FOLDER), desk.home.join(AUTH_FILE)];
      for (const permission of ["read", "write"]) {
        for (const path of valuesOf(uses, permission)) assert.ok(allowed.includes(path), path);
      }
      const kinds = new Set(uses.map(({ permission }) => permission));
      assert.deepEqual([...kinds].sort(), ["env", "read", "write"]);
    }
    assert.deepEqual(await desk.home.list(FOLDER), before, "no lock, no cache");
    assert.deepEqual(desk.simulator.requests, []);
  });
}

// Deno notes a write with each reading of a file's state (2.9.6), so that there was none is shown
// by taking the permission away.
Deno.test("codex status writes nothing, and needs to read nothing else", async () => {
  for (const lifetime of [3600, -60]) {
    await using desk = await openDesk({}, lifetime);
    const { code, stdout, stderr } = await desk.run(["status"], {
      permissions: ["--allow-env", `--allow-read=${desk.home.join(FOLDER)}`],
    });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^Signed in/);
  }
});

Deno.test("codex status tightens a file that others may read, and touches nothing else for it", async () => {
  await using desk = await openDesk();
  const file = desk.home.join(AUTH_FILE);
  await Deno.chmod(file, 0o644);
  const { uses, stderr } = await audit(desk, ["status"]);
  assert.match(stderr, /^warning: .* tightened to 600\n$/);
  assert.deepEqual(valuesOf(uses, "write"), [file]);
  assert.deepEqual(valuesOf(uses, "sys"), ["uid"]);
});

Deno.test("codex --help and --version touch nothing at all", async () => {
  await using desk = await openDesk();
  for (const args of [["--version"], ["--help"], ["run", "--help"], ["status", "--help"]]) {
    const { uses, code } = await audit(desk, args);
    assert.equal(code, 0);
    const files = uses.filter(({ permission }) => permission !== "env");
    assert.deepEqual(files, [], args.join(" "));
    assert.equal((await desk.run(args, { permissions: [] })).code, 0);
  }
});

Deno.test("codex run --no-tools with a good token looks at nothing else, and writes the model list alone", async () => {
  await using desk = await openDesk();
  const { uses, code } = await audit(desk, ["run", "--no-tools", "x"]);
  assert.equal(code, 0);
  const folder = desk.home.join(FOLDER);
  for (const path of [...valuesOf(uses, "read"), ...valuesOf(uses, "write")]) {
    // Looked at, to tell a pipe from a file.
    if (path === "/dev/stdout") continue;
    assert.match(path.replace(folder, ""), /^\/?$|^\/auth\./, path);
  }
  assert.deepEqual(await desk.home.list(FOLDER), ["auth.json", "auth.models.json"]);
});

Deno.test("codex run with tools starts no program, and writes the model list alone, until one is called", async () => {
  await using desk = await openDesk();
  const { uses, code } = await audit(desk, ["run", "x"]);
  assert.equal(code, 0);
  assert.deepEqual(valuesOf(uses, "run"), []);
  assert.deepEqual(await desk.home.list(FOLDER), ["auth.json", "auth.models.json"]);
  assert.deepEqual(await desk.home.list(), [".local", "audit.jsonl"]);
});

Deno.test("codex does with the permissions that it asks for", async () => {
  await using desk = await openDesk({}, -60);
  const options = { permissions: await askedFor() };
  const COMMANDS = [
    ["run", "x"],
    ["refresh", "--force"],
    ["status", "--check"],
    ["models", "--refresh"],
    ["usage"],
    ["doctor"],
    ["login", "--headless"],
    ["logout", "--revoke"],
  ];
  for (const args of COMMANDS) {
    const { code, stderr } = await desk.run(args, options);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
  }
});

testWith(["bwrap"], "codex run calls tools with the permissions that it asks for", async () => {
  for (const mode of ["workspace-write", "danger-full-access"]) {
    const command = "sleep 300 & echo done";
    await using desk = await openDesk({
      turns: [toolCall("shell", { command }), reply("Well.")],
    });
    await Deno.mkdir(desk.home.join("project"));
    const { code, stdout } = await desk.run(["run", "-s", mode, "x"], {
      permissions: await askedFor(),
      cwd: desk.home.join("project"),
    });
    assert.deepEqual([code, stdout], [0, "Well.\n"]);
    assert.match(desk.simulator.requestsTo("responses")[1]?.body ?? "", /Exit code: 0.*done/);
  }
});

Deno.test("codex is installed with the permissions that it asks for", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  assert.ok(readme.includes(`${(await askedFor()).join(" ")} cli.ts`), "README.md names others");
});

Deno.test("codex follows a link to the file with the permissions that it asks for", async () => {
  await using desk = await openDesk({}, -60);
  await Deno.rename(desk.home.join(AUTH_FILE), desk.home.join("real.json"));
  await Deno.symlink(desk.home.join("real.json"), desk.home.join(AUTH_FILE));
  const { code, stderr } = await desk.run(["run", "x"], { permissions: await askedFor() });
  assert.deepEqual([code, stderr], [0, ""]);
  assert.ok((await Deno.lstat(desk.home.join(AUTH_FILE))).isSymlink, "the link stays");
  assert.notEqual(JSON.parse(await desk.home.read("real.json")).openai.expires, 0);
  assert.deepEqual(await desk.home.list(), [".local", "real.json", "real.json.lock"]);
});

Deno.test("codex says in words which permission it lacks, and asks for none", async () => {
  await using desk = await openDesk();
  const { code, stderr } = await desk.run(["status"], { permissions: ["--allow-env"] });
  assert.equal(code, 2);
  assert.match(stderr, /^codex: Deno does not let this program go on: .*read access.*\nhint: /);
});
