import assert from "node:assert/strict";
import { untilAborted } from "../../src/base/abort.ts";
import {
  combine,
  createSimulator,
  customToolCall,
  reply,
  type Simulator,
  toolCall,
  type Turn,
} from "../../testing.ts";
import { openProductionDesk } from "../support/production_desk.ts";
import { recipe } from "../support/recipes.ts";
import { cliEnv } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";
import { testWith } from "../support/need.ts";

const ROOT = new URL("../../", import.meta.url);
const CLI = new URL("cli.ts", ROOT).pathname;

/** The service on this machine, and what becomes of the bodies that it sends. */
class Service implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #cancelled = Promise.withResolvers<void>();

  constructor(simulator: Simulator) {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async (request) => {
        const response = await simulator.fetch(request);
        const body = watched(response.body, () => this.#cancelled.resolve());
        return new Response(body, response);
      },
    );
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Settles when somebody has left before the end of a body. */
  get cancelled(): Promise<void> {
    return this.#cancelled.promise;
  }

  /** The environment of a program that uses it, with a sign-in in its HOME. */
  async env(simulator: Simulator, home: TempDir): Promise<Record<string, string>> {
    const issuer = this.origin;
    const baseUrl = `${this.origin}/backend-api/codex`;
    const signIn = JSON.stringify({ openai: simulator.signIn({ issuer, baseUrl }) });
    await home.write(".local/share/codex/auth.json", signIn, 0o600);
    return {
      ...await cliEnv(home.path),
      CODEX_ISSUER_URL: issuer,
      CODEX_BASE_URL: baseUrl,
      NO_PROXY: "127.0.0.1",
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A body, and whether somebody leaves before its end. */
function watched(
  body: ReadableStream<Uint8Array> | null,
  onLeave: () => void,
): ReadableStream<Uint8Array> | null {
  const reader = body?.getReader();
  return reader === undefined ? null : new ReadableStream({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      onLeave();
      await reader.cancel(reason);
    },
  });
}

/** A program of the page, as Deno runs it. */
async function denoCommand(
  name: string,
  home: TempDir,
  env: Readonly<Record<string, string>>,
): Promise<Deno.Command> {
  const path = await home.write(`${name}.ts`, await recipe(name));
  const config = new URL("deno.json", ROOT).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--cached-only", "--frozen", "--config", config, path],
    cwd: home.path,
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** A script of the page, with the real command in its PATH. */
async function runScript(
  script: string,
  home: TempDir,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; stderr: string }> {
  const codex = `#!/bin/sh\nexec ${Deno.execPath()} run -q -A --cached-only "${CLI}" "$@"\n`;
  const bin = await home.write(".deno/bin/codex", codex, 0o755);
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-e", await home.write("script.sh", script)],
    cwd: home.path,
    env: { ...env, PATH: `${bin.slice(0, bin.lastIndexOf("/"))}:${env["PATH"]}` },
    clearEnv: true,
    stdin: "null",
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

async function git(cwd: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", ...args],
    cwd,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test("the recipe for an endpoint passes events on, and ends the request when the browser leaves", async () => {
  await using simulator = createSimulator({
    turns: [
      reply("one two", { when: "short" }),
      reply("many words", { when: "long", chunks: Array(2000).fill("word "), delayMs: 10 }),
    ],
  });
  await using home = await TempDir.make();
  await using service = new Service(simulator);
  const env = await service.env(simulator, home);
  const command = await denoCommand("endpoint", home, { ...env, PORT: "0" });
  await using endpoint = command.spawn();
  const { origin, reading } = await listening(endpoint.stderr);

  const short = await fetch(origin, { method: "POST", body: "short" });
  assert.equal(short.headers.get("content-type"), "application/jsonl");
  const events = (await short.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(events.at(-1).type, "finish");
  const deltas = events.flatMap(({ type, delta }) => type === "text-delta" ? [delta] : []);
  assert.equal(deltas.join(""), "one two");

  const leaving = new AbortController();
  const long = await fetch(origin, { method: "POST", body: "long", signal: leaving.signal });
  const reader = long.body?.getReader();
  assert.match(new TextDecoder().decode((await reader?.read())?.value), /"type":"start"|limits/);
  leaving.abort();
  // A browser that nobody notices must fail this test, not hold it.
  await untilAborted(service.cancelled, AbortSignal.timeout(30_000));
  endpoint.kill();
  await Promise.all([reading, endpoint.stdout.cancel()]);
});

/** The address that a server names, and the rest of what it says, being read. */
async function listening(
  output: ReadableStream<Uint8Array>,
): Promise<{ origin: string; reading: Promise<unknown> }> {
  const found = Promise.withResolvers<string>();
  const reading = (async () => {
    let said = "";
    for await (const text of output.pipeThrough(new TextDecoderStream())) {
      said += text;
      const port = /Listening on http:\/\/[^/\s]*:(\d+)/.exec(said)?.[1];
      if (port !== undefined) found.resolve(`http://127.0.0.1:${port}`);
    }
    found.reject(new Error(said));
  })();
  found.promise.catch(() => {});
  return { origin: await found.promise, reading };
}

Deno.test("the recipe for a classifier makes one model request, and prints how long it took", async () => {
  await using simulator = createSimulator({ turns: [reply('{"kind":"bug"}')] });
  await using home = await TempDir.make();
  await using service = new Service(simulator);
  const env = await service.env(simulator, home);
  const { stdout, stderr } = await (await denoCommand("classifier", home, env)).output();
  assert.match(
    new TextDecoder().decode(stdout),
    /^bug\n\d+ ms\n$/,
    new TextDecoder().decode(stderr),
  );
  const requests = simulator.requestsTo("responses");
  assert.equal(requests.length, 1);
  const body = JSON.stringify(requests[0]?.json);
  assert.match(body, /"effort":"low"/);
  assert.match(body, /"type":"json_schema"/);
});

testWith(
  ["git"],
  "the recipe for cron writes yesterday's summary, and nothing to its mail",
  async () => {
    await using simulator = createSimulator({ turns: [reply("Three lines."), reply("never")] });
    await using home = await TempDir.make();
    await using service = new Service(simulator);
    const env = await service.env(simulator, home);
    await home.write("project/a.txt", "a");
    const project = home.join("project");
    await git(project, "init", "-q");
    await git(project, "add", ".");
    await git(project, "commit", "-q", "-m", "Add the letter a");
    const { code, stderr } = await runScript(await recipe("cron"), home, env);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(await home.read("yesterday.md"), "Three lines.\n");
    assert.match(JSON.stringify(simulator.requestsTo("responses")[0]?.json), /Add the letter a/);
  },
);

testWith(
  ["git"],
  "the recipe for a GitHub Action puts the answer in the job's summary",
  async () => {
    await using desk = await openProductionDesk({ turns: [reply("Nothing.")] });
    const { home, simulator } = desk;
    await home.write("a.txt", "a\n");
    await git(home.path, "init", "-q", "-b", "main");
    await git(home.path, "add", "a.txt");
    await git(home.path, "commit", "-q", "-m", "Add the letter a");
    await git(home.path, "update-ref", "refs/remotes/origin/main", "HEAD");
    await home.write("a.txt", "b\n");
    await git(home.path, "commit", "-q", "-am", "Make it a b");
    const { code, stderr } = await runScript(lastScript(await recipe("action")), home, {
      ...await cliEnv(home.path),
      ...desk.env,
      CODEX_ACCESS_TOKEN: simulator.signIn().access,
      BASE: "main",
      RUNNER_TEMP: home.path,
      GITHUB_STEP_SUMMARY: home.join("summary.md"),
    });
    assert.equal(code, 0, stderr);
    assert.equal(await home.read("summary.md"), "Nothing.\n");
    assert.match(JSON.stringify(simulator.requestsTo("responses")[0]?.json), /-a\\n\+b/);
  },
);

/** A project with a test that fails, and what a model does about it. */
const BROKEN: Readonly<Record<string, string>> = {
  "deno.json": "{}\n",
  "sum.ts": "export const sum = (a: number, b: number): number => a - b;\n",
  "sum_test.ts": `import { sum } from "./sum.ts";
Deno.test("sum", () => {
  if (sum(1, 2) !== 3) throw new Error("wrong");
});
`,
};

const MENDING: readonly Turn[] = [
  customToolCall(
    "apply_patch",
    "*** Begin Patch\n*** Update File: sum.ts\n@@\n" +
      "-export const sum = (a: number, b: number): number => a - b;\n" +
      "+export const sum = (a: number, b: number): number => a + b;\n*** End Patch",
  ),
  // What lies in .git is not the model's to change.
  toolCall("shell", { command: "deno test --no-check; : >.git/hooks/pre-commit" }),
  reply("It adds now."),
];

testWith(
  ["git", "bwrap"],
  "the recipe for a hook has the tests mended, and commits nothing before somebody has looked",
  async () => {
    await using simulator = createSimulator({ turns: MENDING });
    await using home = await TempDir.make();
    await using service = new Service(simulator);
    for (const [name, text] of Object.entries(BROKEN)) await home.write(`project/${name}`, text);
    await git(home.join("project"), "init", "-q");
    const hook = await home.write("project/.git/hooks/pre-commit", await recipe("hook"), 0o755);
    const deno = Deno.execPath().slice(0, Deno.execPath().lastIndexOf("/"));
    const env = { ...await service.env(simulator, home), GIT_CONFIG_NOSYSTEM: "1" };
    const commit = [
      `PATH="$HOME/.deno/bin:$PATH:${deno}"; cd project; git add .`,
      "git -c user.name=Ada -c user.email=ada@example.com commit -q -m 'Add up'",
    ].join("\n");
    const first = await runScript(commit, home, env);
    assert.equal(first.code, 1);
    assert.match(first.stderr, /^It adds now\.\ndiff [^]*\+ b;\n[^]*Look at what was changed/);
    assert.match(JSON.stringify(simulator.requestsTo("responses")[0]?.json), /sum \.\.\. .*FAILED/);
    assert.equal(await Deno.readTextFile(hook), await recipe("hook"));
    assert.deepEqual(await runScript(commit, home, env), { code: 0, stderr: "" });
    assert.equal(simulator.requestsTo("responses").length, MENDING.length);
  },
);

testWith(
  ["git", "bwrap"],
  "the recipe for mending in a GitHub Action makes a patch, and no command sees the token",
  async () => {
    const [patch, test, answer] = MENDING;
    assert.ok(patch !== undefined && test !== undefined && answer !== undefined);
    const look = toolCall("shell", { command: "env | grep -c CODEX_; true" });
    await using desk = await openProductionDesk({ turns: [patch, look, test, answer] });
    const { home, simulator } = desk;
    for (const [name, text] of Object.entries(BROKEN)) await home.write(`project/${name}`, text);
    await home.write("temp/test.log", "sum ... FAILED");
    const project = home.join("project");
    await git(project, "init", "-q");
    await git(project, "add", ".");
    await git(project, "commit", "-q", "-m", "Add up");
    const script = `cd project\n${lastScript(await recipe("mend"))}`;
    const { code, stderr } = await runScript(script, home, {
      ...await cliEnv(home.path),
      ...desk.env,
      CODEX_ACCESS_TOKEN: simulator.signIn().access,
      RUNNER_TEMP: home.join("temp"),
      GITHUB_STEP_SUMMARY: home.join("temp/summary.md"),
    });
    assert.deepEqual([code, stderr], [0, "changed 1 file: sum.ts\n"]);
    assert.equal(await home.read("temp/summary.md"), "It adds now.\n");
    assert.match(await home.read("temp/mended.patch"), /^diff --git a\/sum\.ts[^]*\n\+.*a \+ b;\n/);
    const told = JSON.stringify(simulator.requestsTo("responses").at(-1)?.json);
    assert.match(told, /Output:\\n0\\n/);
  },
);

Deno.test("the recipe for tools of one's own answers from the pages, and reads nothing else", async () => {
  await using simulator = createSimulator({
    turns: [
      toolCall("list_pages", {}),
      combine(
        toolCall("read_page", { name: "signing.md" }),
        toolCall("read_page", { name: "../secret.md" }),
      ),
      reply('{"answer":"codex logout","pages":["signing.md"]}'),
    ],
  });
  await using home = await TempDir.make();
  await using service = new Service(simulator);
  await home.write("docs/signing.md", "Sign out with codex logout.");
  await home.write("docs/other.md", "Nothing.");
  await home.write("secret.md", "A secret.");
  const env = await service.env(simulator, home);
  const { stdout, stderr } = await (await denoCommand("tools", home, env)).output();
  assert.equal(
    new TextDecoder().decode(stdout),
    "codex logout\n(signing.md; 3 steps)\n",
    new TextDecoder().decode(stderr),
  );
  const told = JSON.stringify(simulator.requestsTo("responses").at(-1)?.json);
  for (const text of ["other.md", "Sign out with codex logout.", "There is no such page"]) {
    assert.ok(told.includes(text), text);
  }
  assert.doesNotMatch(told, /A secret\./);
});

/** The script of a workflow's last step that has one. */
function lastScript(workflow: string): string {
  const lines = workflow.slice(workflow.lastIndexOf("run: |\n") + "run: |\n".length).split("\n");
  const indent = /^ */.exec(lines[0] ?? "")?.[0].length ?? 0;
  const end = lines.findIndex((line) => line !== "" && !line.startsWith(" ".repeat(indent)));
  return lines.slice(0, end < 0 ? lines.length : end).map((line) => line.slice(indent)).join("\n");
}
