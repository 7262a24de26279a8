import assert from "node:assert/strict";
import { untilAborted } from "../../src/base/abort.ts";
import { createSimulator, reply, type Simulator } from "../../testing.ts";
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

/** The script of a workflow's last step. */
function lastScript(workflow: string): string {
  const lines = workflow.slice(workflow.lastIndexOf("run: |\n") + "run: |\n".length).split("\n");
  const indent = /^ */.exec(lines[0] ?? "")?.[0].length ?? 0;
  return lines.map((line) => line.slice(indent)).join("\n");
}
