/**
 * README.md, followed by somebody who has nothing but it: every block of it is run as it stands, in
 * a fresh home, by the command that the page's own lines have installed there.
 */
import assert from "node:assert/strict";
import type { Json } from "../../src/testing/json.ts";
import { type Program, testWith } from "../support/need.ts";
import { cliEnv } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

const ROOT = new URL("../../", import.meta.url);
const DENO_FOLDER = Deno.execPath().replace(/\/[^/]*$/, "");

/** A block of the page; its name is in the comment above it. */
interface Block {
  readonly name: string | undefined;
  readonly code: string;
}

async function blocks(): Promise<readonly Block[]> {
  const page = await Deno.readTextFile(new URL("README.md", ROOT));
  const fences = page.matchAll(/(?:<!-- try: ([\w-]+) -->\n\n)?^```\w.*\n([^]*?)^```$/gm);
  return [...fences].map(([, name, code = ""]) => ({ name, code }));
}

async function block(name: string): Promise<string> {
  const found = (await blocks()).find((block) => block.name === name);
  assert.ok(found, `README.md has no block "${name}"`);
  return found.code;
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody with a fresh home, who has installed the command as the page says. */
class Reader implements AsyncDisposable {
  readonly home: TempDir;
  readonly #env: Record<string, string>;

  private constructor(home: TempDir, env: Record<string, string>) {
    this.home = home;
    this.#env = env;
  }

  static async arrive(): Promise<Reader> {
    const home = await TempDir.make();
    // Deno is there already, and what it would fetch is in its cache.
    await home.write("bin/npm", '#!/bin/sh\necho "$@" >>"$HOME/npm.log"\n', 0o755);
    const env: Record<string, string> = {
      ...await cliEnv(home.path),
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "Ada",
      GIT_AUTHOR_EMAIL: "ada@example.com",
      GIT_COMMITTER_NAME: "Ada",
      GIT_COMMITTER_EMAIL: "ada@example.com",
    };
    env["PATH"] = [home.join(".deno/bin"), home.join("bin"), DENO_FOLDER, env["PATH"]].join(":");
    const reader = new Reader(home, env);
    const { code, stderr } = await reader.run(["sh", "-eu", "-c", await block("install")], ROOT);
    assert.equal(code, 0, stderr);
    await home.write("project/.keep", "");
    return reader;
  }

  /** Follows a block of shell against the simulator, signed in. */
  async follow(
    name: string,
    scenario: Readonly<Record<string, Json>> = {},
    before: string = "",
  ): Promise<Ended> {
    const file = await this.home.write("scenario.json", JSON.stringify(scenario));
    const script = await this.home.write("block.sh", `${before}\n${await block(name)}`);
    return await this.run(["codex", "simulator", "--scenario", file, "--", "sh", "-eu", script]);
  }

  async run(
    [program = "", ...args]: readonly string[],
    cwd: string | URL = this.home.join("project"),
  ): Promise<Ended> {
    const output = await new Deno.Command("env", {
      args: [program, ...args],
      cwd,
      env: this.#env,
      clearEnv: true,
      stdin: "null",
      signal: AbortSignal.timeout(60_000),
    }).output();
    const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) =>
      new TextDecoder().decode(bytes)
    );
    return { code: output.code, stdout: stdout ?? "", stderr: stderr ?? "" };
  }

  /** Makes the project a Git work tree with a commit, of which a branch of the server's knows. */
  async commit(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(files)) {
      await this.home.write(`project/${name}`, text);
    }
    const { code, stderr } = await this.run([
      "sh",
      "-ec",
      "git init -q -b main; git add .; git commit -qm first; git checkout -qb work; " +
      "git update-ref refs/remotes/origin/main main",
    ]);
    assert.equal(code, 0, stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.home[Symbol.asyncDispose]();
  }
}

/** What follows a block, and what it needs beside the command. */
const TRIES: Readonly<Record<string, readonly [needs: readonly Program[], () => Promise<void>]>> = {
  see: [[], async () => {
    await using reader = await Reader.arrive();
    await reader.home.write("bin/npx", '#!/bin/sh\necho "$@" >>"$HOME/npx.log"\n', 0o755);
    assert.equal((await reader.run(["sh", "-ec", await block("see")])).code, 0);
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
    const lines = (await reader.home.read("npx.log")).trimEnd().split("\n");
    assert.deepEqual(lines, ["-y deno@2.9.6 task demo", "-y deno@2.9.6 task test"]);
    for (const line of lines) assert.ok(line.slice(line.lastIndexOf(" ") + 1) in tasks);
  }],
  install: [[], async () => {
    await using reader = await Reader.arrive();
    assert.equal(await reader.home.read("npm.log"), "install -g deno@2.9.6\n");
    const { code, stdout } = await reader.run(["codex", "--version"]);
    assert.equal(code, 0);
    assert.match(stdout, /^codex \d+\.\d+\.\d+\n$/);
  }],
  "sign-in": [[], async () => {
    await using reader = await Reader.arrive();
    const { code, stdout, stderr } = await reader.follow(
      "sign-in",
      { device: { interval: "0.01" } },
      'export CODEX_AUTH_FILE="$HOME/.local/share/codex/auth.json"',
    );
    assert.equal(code, 0, stderr);
    assert.equal(stderr.split("Signed in as ada@example.com").length - 1, 2, stderr);
    assert.match(stdout, /^Signed in +with ChatGPT\n[^]*\ngpt-\S+ [^]*\n5 h +\d+% used/);
    assert.match(stderr, /Signed out on this machine\.\n$/);
  }],
  commit: [["git"], async () => {
    await using reader = await Reader.arrive();
    await reader.commit({ "a.txt": "a\n" });
    await reader.home.write("project/a.txt", "b\n");
    const turns = [{ reply: "Make it a b" }];
    const expect = [{ prompt: "/commit message[^]*-a\\n\\+b/" }];
    const { code, stderr } = await reader.follow("commit", { turns, expect }, "git add a.txt");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal((await reader.run(["git", "log", "-1", "--format=%s"])).stdout, "Make it a b\n");
    // A run that fails leaves nothing to commit with.
    const limit = { turns: [{ usageLimit: { resetsIn: 600 } }] };
    const change = "echo c >a.txt; git add a.txt";
    const refused = await reader.follow("commit", limit, change);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^codex: The usage limit [^]*empty commit message/);
    assert.equal((await reader.run(["git", "log", "-1", "--format=%s"])).stdout, "Make it a b\n");
  }],
  fix: [["git", "bwrap"], async () => {
    await using reader = await Reader.arrive();
    await reader.commit({
      "deno.json": "{}\n",
      "two_test.ts": 'Deno.test("two", () => {\n  if (1 + 1 !== 3) throw new Error("no");\n});\n',
    });
    const patch = "*** Begin Patch\n*** Update File: two_test.ts\n@@\n" +
      '-  if (1 + 1 !== 3) throw new Error("no");\n' +
      '+  if (1 + 1 !== 2) throw new Error("no");\n*** End Patch\n';
    const { code, stdout, stderr } = await reader.follow("fix", {
      turns: [
        { customToolCall: { name: "apply_patch", input: patch } },
        { toolCall: { name: "shell", input: { command: "deno test" } } },
        { reply: "One and one are two." },
      ],
      expect: [{ prompt: "/fix the tests[^]*two \\.\\.\\. FAILED/", times: 3 }],
    });
    assert.deepEqual([code, stdout], [0, "One and one are two.\n"], stderr);
    assert.match(stderr, /^diff [^]*!== 2\) [^]*\nchanged 1 file: two_test\.ts\n$/);
    assert.equal((await reader.run(["deno", "test"])).code, 0);
  }],
  review: [["git", "bwrap"], async () => {
    await using reader = await Reader.arrive();
    await reader.commit({ "a.txt": "a\n" });
    const { code, stdout, stderr } = await reader.follow("review", {
      turns: [
        { toolCall: { name: "shell", input: { command: "cat a.txt; echo c >a.txt" } } },
        { reply: "a.txt:1 is no letter." },
      ],
      expect: [{ prompt: "/Review this[^]*\\+b/", times: 2 }],
    }, "echo b >a.txt; git commit -qam second");
    assert.deepEqual([code, stdout, stderr], [0, "a.txt:1 is no letter.\n", ""]);
    assert.equal(await reader.home.read("project/review.md"), stdout);
    assert.equal(await reader.home.read("project/a.txt"), "b\n");
  }],
  json: [["jq"], async () => {
    await using reader = await Reader.arrive();
    await reader.home.write("project/mail.txt", "It crashes.");
    const { code, stdout, stderr } = await reader.follow("json", {
      turns: [{ reply: '{"label":"bug"}' }],
      expect: [{ prompt: "It crashes.", model: "gpt-5.6-luna", effort: "low" }],
    });
    assert.deepEqual([code, stdout], [0, "bug\n"], stderr);
  }],
  script: [[], async () => {
    await using reader = await Reader.arrive();
    const page = await Deno.readTextFile(new URL("README.md", ROOT));
    const [, run = ""] = /`deno run -A (titles\.ts \*\.md)`/.exec(page) ?? [];
    await reader.home.write("project/titles.ts", await block("script"));
    await reader.home.write("project/a.md", "About a.");
    await reader.home.write("project/b.md", "About b.");
    const config = new URL("deno.json", ROOT).pathname;
    const scenario = await reader.home.write(
      "scenario.json",
      JSON.stringify({
        turns: [{ reply: "First of all", when: "About a." }, { reply: "Second of all" }],
        expect: [{ effort: "low", times: 2 }],
      }),
    );
    const command = `deno run -A -q --cached-only --config '${config}' ${run}`;
    const { code, stdout, stderr } = await reader.run(
      ["codex", "simulator", "--scenario", scenario, "--", "sh", "-c", command],
    );
    assert.deepEqual([code, stdout], [0, "a.md: First of all\nb.md: Second of all\n"], stderr);
  }],
  ci: [["git"], async () => {
    await using reader = await Reader.arrive();
    await reader.commit({ "a.txt": "a\n" });
    await Deno.mkdir(reader.home.join("state"));
    const before = [
      "echo b >a.txt; git commit -qam second",
      'export CODEX_AUTH_JSON="$(cat "$CODEX_AUTH_FILE")" CODEX_AUTH_FILE=',
      'STATE="$HOME/state" SUMMARY="$HOME/summary.md"',
    ].join("\n");
    const { code, stderr } = await reader.follow("ci", {
      // The secret has run out: it has to be renewed before it is of use.
      tokens: { lifetimeSeconds: 30 },
      turns: [{ reply: "Fine." }],
      expect: [{ prompt: "/Review this[^]*\\+b/" }],
    }, before);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(await reader.home.read("summary.md"), "Fine.\n");
    const { mode } = await Deno.stat(reader.home.join("state/codex.json"));
    assert.equal((mode ?? 0) & 0o777, 0o600);
  }],
  "shell-test": [[], async () => {
    await using reader = await Reader.arrive();
    for (const name of ["a.md", "b.md"]) await reader.home.write(`project/${name}`, "Much text.");
    const script = await block("shell-test");
    assert.equal(script.trimEnd().split("\n").length, 10);
    const { stdout, stderr } = await reader.run(["sh", "-c", script]);
    assert.equal(stdout, "Two lines.\nb.md: no summary (4)\n", stderr);
    assert.match(stderr, /^codex: The usage limit [^]*\nhint: .*\n$/);
    const page = (await Deno.readTextFile(new URL("README.md", ROOT))).replaceAll("\n", " ");
    for (const line of stdout.trimEnd().split("\n")) assert.ok(page.includes(`\`${line}\``), line);
    const other = await reader.run(["sh", "-c", script.replace("-e low", "-e high")]);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /^- effort: "low"\n\+ effort: "high"$/m);
  }],
  "deno-test": [[], async () => {
    await using reader = await Reader.arrive();
    await reader.home.write("project/rome_test.ts", await block("deno-test"));
    const config = new URL("deno.json", ROOT).pathname;
    const flags = ["--no-prompt", "--cached-only", "--config", config];
    const { code, stdout, stderr } = await reader.run(["deno", "test", ...flags, "rome_test.ts"]);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /1 passed/);
  }],
};

Deno.test("README.md has no block that is not tried", async () => {
  const names = (await blocks()).map(({ name, code }) => name ?? code);
  assert.deepEqual(names.toSorted(), Object.keys(TRIES).toSorted());
});

/** The anchors of a page's headings, as GitHub makes them. */
function anchors(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-")
  );
}

Deno.test("README.md leads nowhere that is not there", async () => {
  const page = new URL("README.md", ROOT);
  const links = [...(await Deno.readTextFile(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => new URL(link, page));
  assert.ok(links.length > 20);
  for (const link of links) {
    const anchor = link.hash.slice(1);
    link.hash = "";
    const text = await Deno.readTextFile(link);
    assert.ok(anchor === "" || anchors(text).includes(anchor), `${link} has no #${anchor}`);
  }
});

for (const [name, [needs, follow]] of Object.entries(TRIES)) {
  testWith(needs, `README.md: the block "${name}" does what is said of it`, follow);
}
