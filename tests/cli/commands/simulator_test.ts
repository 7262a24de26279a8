import assert from "node:assert/strict";
import { createClient, fileStore } from "../../../mod.ts";
import { systemClock } from "../../../src/base/clock.ts";
import type { Cli } from "../../../src/cli/cli.ts";
import { main } from "../../../src/cli/main.ts";
import { Messages, Output } from "../../../src/cli/output.ts";
import { sparse } from "../../support/sparse.ts";
import { TempDir } from "../../support/temp_dir.ts";

interface SetupOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly isTerminal?: boolean;
  readonly stdin?: string;
}

/** The command in this process: what it said so far, and a hand on its signals. */
class Played implements AsyncDisposable {
  stdout = "";
  stderr = "";
  readonly ended: Promise<number>;
  #changed = Promise.withResolvers<void>();
  #handler: ((signal: "SIGINT" | "SIGTERM") => void) | undefined;

  constructor(
    args: readonly string[],
    { env = {}, isTerminal = false, stdin = "" }: SetupOptions = {},
  ) {
    let left = new TextEncoder().encode(stdin);
    const cli: Cli = {
      stdout: new Output({
        write: (bytes) => {
          this.stdout += new TextDecoder().decode(bytes);
          this.#tell();
          return Promise.resolve(bytes.length);
        },
      }, systemClock),
      stderr: new Messages((bytes) => {
        this.stderr += new TextDecoder().decode(bytes);
        this.#tell();
        return bytes.length;
      }, isTerminal),
      stdin: {
        isTerminal: false,
        read: (buffer) => {
          if (left.length === 0) return Promise.resolve(null);
          const count = Math.min(buffer.length, left.length);
          buffer.set(left.subarray(0, count));
          left = left.slice(count);
          return Promise.resolve(count);
        },
      },
      env: (name) => env[name],
      clock: systemClock,
      fetch: () => Promise.reject(new Error("the simulator asks nobody")),
      signal: new AbortController().signal,
      columns: () => 80,
      finishBeforeExit: () => {},
      takeSignals: (handler) => {
        this.#handler = handler;
        return () => this.#handler = undefined;
      },
    };
    this.ended = main(["simulator", ...args], cli).finally(() => this.#tell());
  }

  /** Waits until stdout holds a text. */
  async until(wanted: string): Promise<string> {
    let over = false;
    this.ended.then(() => over = true);
    while (!this.stdout.includes(wanted)) {
      if (over) throw new Error(`it ended without ${wanted}: ${this.stdout}${this.stderr}`);
      await this.#changed.promise;
    }
    return this.stdout;
  }

  /** Its variables, once it is ready. */
  async env(): Promise<Record<string, string>> {
    const [line = ""] = (await this.until("\n")).split("\n");
    return JSON.parse(line).env;
  }

  /** Ends it as a signal does. */
  async interrupt(signal: "SIGINT" | "SIGTERM" = "SIGINT"): Promise<number> {
    this.#handler?.(signal);
    return await this.ended;
  }

  #tell(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.interrupt();
  }
}

/** A client as a program has it that reads these variables. */
function clientOf(env: Readonly<Record<string, string>>, profile = "default") {
  return createClient({
    store: fileStore({ path: env["CODEX_AUTH_FILE"] ?? "", profile }),
    issuer: env["CODEX_ISSUER_URL"],
    baseUrl: env["CODEX_BASE_URL"],
    apiBaseUrl: env["CODEX_API_BASE_URL"],
    // The platform's own, so that no client of ours is left open.
    fetch: (url, init) => fetch(url, init),
  });
}

async function scenario(dir: TempDir, content: unknown): Promise<string> {
  return await dir.write("scenario.json", JSON.stringify(content));
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

Deno.test("codex simulator prints lines that a shell can read, and ends by SIGINT with 130", async () => {
  await using played = new Played([]);
  const text = await played.until("# ready\n");
  for (const line of text.trimEnd().split("\n")) {
    assert.match(line, /^(# .*|export [A-Z_]+=[\w./:@%+,-]+)$/);
  }
  assert.match(text, /^export CODEX_ISSUER_URL=http:\/\/127\.0\.0\.1:\d+$/m);
  assert.match(text, /^export NO_PROXY=127\.0\.0\.1$/m);
  const file = /^export CODEX_AUTH_FILE=(.*)$/m.exec(text)?.[1] ?? "";
  assert.ok(await exists(file));
  assert.equal(await played.interrupt(), 130);
  assert.equal(await exists(file.replace(/\/auth\.json$/, "")), false);
  assert.equal(played.stderr, "");
});

Deno.test("codex simulator ends by SIGTERM with 143, and listens no more", async () => {
  await using played = new Played(["--json"]);
  const { CODEX_ISSUER_URL: issuer = "" } = await played.env();
  assert.equal(await played.interrupt("SIGTERM"), 143);
  await assert.rejects(fetch(issuer), { name: "TypeError" });
});

Deno.test("codex simulator --json tells addresses and variables first, and the end last", async () => {
  await using played = new Played(["--json"]);
  const env = await played.env();
  const [line = ""] = played.stdout.split("\n");
  const { type, issuer, baseUrl, apiBaseUrl, devicePage } = JSON.parse(line);
  assert.deepEqual(
    [type, issuer, baseUrl, apiBaseUrl, devicePage],
    [
      "simulator",
      env["CODEX_ISSUER_URL"],
      env["CODEX_BASE_URL"],
      env["CODEX_API_BASE_URL"],
      `${env["CODEX_ISSUER_URL"]}/codex/device`,
    ],
  );
  const { text } = await clientOf(env).stream("hello").final();
  assert.match(text, /^Hello from the simulator!/);
  await played.interrupt();
  assert.deepEqual(JSON.parse(played.stdout.trimEnd().split("\n").at(-1) ?? ""), {
    type: "simulator-finish",
    requests: 2,
    problems: [],
  });
});

Deno.test("codex simulator is signed in, in a file of its own that only its owner can read", async () => {
  await using played = new Played(["--json", "--profile", "work"]);
  const env = await played.env();
  const path = env["CODEX_AUTH_FILE"] ?? "";
  assert.equal((await Deno.stat(path)).mode ?? 0 & 0o777, 0o100600);
  assert.equal((await Deno.stat(path.replace(/\/auth\.json$/, ""))).mode, 0o40700);
  for (const profile of ["default", "work"]) {
    assert.equal((await clientOf(env, profile).account())?.email, "ada@example.com");
  }
});

Deno.test("codex simulator with signedIn: false names a file that is not there", async () => {
  await using dir = await TempDir.make();
  const file = await scenario(dir, { signedIn: false });
  await using played = new Played(["--json", "--scenario", file]);
  const env = await played.env();
  assert.equal(await exists(env["CODEX_AUTH_FILE"] ?? ""), false);
  const client = clientOf(env);
  await client.login({ method: "api-key", key: env["CODEX_API_KEY"] ?? "" });
  assert.equal((await client.account())?.method, "api-key");
});

Deno.test("codex simulator keeps what went past the proxy, and hides a sign-in of the environment", async () => {
  const outer = { no_proxy: "intern.test, 127.0.0.1", CODEX_ACCESS_TOKEN: "at" };
  await using played = new Played(["--json"], { env: outer });
  const env = await played.env();
  assert.equal(env["NO_PROXY"], "intern.test,127.0.0.1");
  assert.equal(env["no_proxy"], "intern.test,127.0.0.1");
  assert.equal(env["CODEX_ACCESS_TOKEN"], "");
  assert.equal(env["CODEX_AUTH_JSON"], undefined);
});

Deno.test("codex simulator keeps what went past the proxy by either name", async () => {
  for (
    const [outer, all] of [
      [{ NO_PROXY: "foo", no_proxy: "bar" }, "foo,bar,127.0.0.1"],
      [{ NO_PROXY: "foo, bar", no_proxy: "bar" }, "foo,bar,127.0.0.1"],
      [{ NO_PROXY: "foo", no_proxy: "" }, "foo,127.0.0.1"],
    ] as const
  ) {
    await using played = new Played(["--json"], { env: outer });
    const env = await played.env();
    assert.deepEqual([env["NO_PROXY"], env["no_proxy"]], [all, all]);
  }
  await using played = new Played(["--json"], { env: { NO_PROXY: "foo" } });
  assert.equal((await played.env())["no_proxy"], undefined);
});

Deno.test("codex simulator --tls names its authority where another one would come first", async () => {
  const outer = { CURL_CA_BUNDLE: "/c.pem", REQUESTS_CA_BUNDLE: "/r.pem", SSL_CERT_DIR: "/certs" };
  await using played = new Played(["--json", "--tls"], { env: outer });
  const env = await played.env();
  assert.equal(env["CURL_CA_BUNDLE"], env["SSL_CERT_FILE"]);
  assert.equal(env["REQUESTS_CA_BUNDLE"], env["SSL_CERT_FILE"]);
  assert.equal(env["SSL_CERT_DIR"], "");
  await using bare = new Played(["--json", "--tls"]);
  const names = Object.keys(await bare.env());
  for (const name of Object.keys(outer)) assert.ok(!names.includes(name), name);
  await using plain = new Played(["--json"], { env: outer });
  assert.equal((await plain.env())["SSL_CERT_DIR"], undefined);
});

Deno.test("codex simulator --scenario - reads stdin", async () => {
  const stdin = '{"turns":[{"reply":"from stdin"}]}';
  await using played = new Played(["--json", "--scenario", "-"], { stdin });
  const { text } = await clientOf(await played.env()).stream("hello").final();
  assert.equal(text, "from stdin");
  const wrong = new Played(["--scenario", "-"], { stdin: '{"turn":[]}' });
  assert.equal(await wrong.ended, 2);
  assert.match(wrong.stderr, /The scenario on stdin cannot be used: "\/turn" is not known/);
  const empty = new Played(["--scenario", "-"]);
  assert.equal(await empty.ended, 2);
  assert.match(empty.stderr, /The scenario on stdin is no JSON\nhint: /);
});

Deno.test("codex simulator takes a scenario with a byte order mark, and none past 64 MiB", async () => {
  await using dir = await TempDir.make();
  const marked = await dir.write("marked.json", '\ufeff{"seed":"s"}');
  await using played = new Played(["--json", "--scenario", marked]);
  assert.ok(await played.env());
  const large = await sparse(dir.join("large.json"), 70 * 1024 * 1024, "{}");
  const refused = new Played(["--scenario", large]);
  assert.equal(await refused.ended, 2);
  assert.match(refused.stderr, /large\.json" holds more than 67108864 bytes\nhint: /);
});

Deno.test("codex simulator --tls speaks TLS by an authority in a file", async () => {
  await using played = new Played(["--json", "--tls"]);
  const env = await played.env();
  const file = env["CODEX_CA_CERTIFICATE"] ?? "";
  for (const name of ["SSL_CERT_FILE", "DENO_CERT", "NODE_EXTRA_CA_CERTS"]) {
    assert.equal(env[name], file);
  }
  const page = `${env["CODEX_ISSUER_URL"]}/codex/device`;
  assert.match(page, /^https:/);
  await assert.rejects(fetch(page), { name: "TypeError" });
  using client = Deno.createHttpClient({ caCerts: [await Deno.readTextFile(file)] });
  assert.match(await (await fetch(page, { client })).text(), /Sign in with a code/);
  await played.interrupt();
  assert.equal(await exists(file), false);
});

Deno.test("codex simulator tells each request with -v, and on a terminal, but not with -q", async () => {
  await using dir = await TempDir.make();
  const file = await scenario(dir, {
    turns: [{ reply: "a", when: "never" }, { reply: "b" }],
    faults: [{ route: "models", status: 500 }],
  });
  for (
    const [args, isTerminal, isTold] of [
      [[], false, false],
      [["-v"], false, true],
      [[], true, true],
      [["-q"], true, false],
    ] as const
  ) {
    await using played = new Played(["--json", "--scenario", file, ...args], { isTerminal });
    await clientOf(await played.env()).stream("hello", { model: "gpt-5.5" }).final();
    const lines = played.stderr.trimEnd().split("\n");
    assert.equal(
      lines.includes("POST /backend-api/codex/responses 200 /turns/1"),
      isTold,
      played.stderr,
    );
    assert.equal(lines.includes("GET /backend-api/codex/models 500 /faults/0"), isTold);
    if (!isTold) assert.equal(played.stderr, "");
  }
});

Deno.test("codex simulator ends with 1 when a request was not as expected, and shows where", async () => {
  await using dir = await TempDir.make();
  const expect = [{ prompt: { exact: "two" } }, { route: "usage" }];
  const file = await scenario(dir, { expect });
  await using played = new Played(["--json", "-q", "--scenario", file]);
  const client = clientOf(await played.env());
  await client.stream("one").final();
  // Told at once, and not only at the end.
  const early = "codex: POST /backend-api/codex/responses is not as expected (/expect/0)\n" +
    '- prompt: {"exact":"two"}\n+ prompt: "one"\n';
  assert.equal(played.stderr, early);
  assert.equal(await played.interrupt(), 1);
  assert.equal(
    played.stderr,
    `${early}codex: 1 request for usage expected, none came (/expect/1)\n- {"route":"usage"}\n`,
  );
  const { problems } = JSON.parse(played.stdout.trimEnd().split("\n").at(-1) ?? "");
  assert.deepEqual(problems.map(({ path }: { path: string }) => path), ["/expect/0", "/expect/1"]);
});

Deno.test("codex simulator ends as the signal says when all was as expected", async () => {
  await using dir = await TempDir.make();
  const file = await scenario(dir, { expect: [{ prompt: "one", effort: "low" }] });
  await using played = new Played(["--json", "--scenario", file]);
  await clientOf(await played.env()).stream("one", { effort: "low" }).final();
  assert.equal(await played.interrupt("SIGTERM"), 143);
});

Deno.test("codex simulator lets time run on from the scenario's instant", async () => {
  await using dir = await TempDir.make();
  const file = await scenario(dir, {
    now: "2035-01-15T08:00:00Z",
    turns: [{ reply: "late", delayMs: 20 }],
  });
  await using played = new Played(["--json", "--scenario", file]);
  const env = await played.env();
  assert.equal((await clientOf(env).stream("hello").final()).text, "late");
  const { openai } = JSON.parse(await Deno.readTextFile(env["CODEX_AUTH_FILE"] ?? ""));
  assert.match(new Date(openai.expires).toISOString(), /^2035-01-25T08:/);
});

/** What cannot be, and what is said. */
const MISTAKES: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["--port", "65536"], /"65536" is not a port/],
  [["--port", "http"], /"http" is not a port/],
  [["--scenario", "/nowhere.json"], /Cannot read "\/nowhere\.json": there is no such file/],
  [["--auth-file", "auth.json"], /keeps its sign-in in a file of its own/],
  [["--profile", "a b"], /"a b" cannot be the name of a profile/],
  [["--", "/nowhere/program"], /Cannot run "\/nowhere\/program": there is no such program/],
];

for (const [args, message] of MISTAKES) {
  Deno.test(`codex simulator ${args.join(" ")} ends with status 2`, async () => {
    await using played = new Played(args);
    assert.equal(await played.ended, 2);
    assert.match(played.stderr, message);
    assert.match(played.stderr, /^hint: /m);
    assert.equal(played.stdout, "");
  });
}

Deno.test("codex simulator names the file and the place of a mistake before it starts", async () => {
  await using dir = await TempDir.make();
  const wrong = await dir.write("wrong.json", '{"turns":[{"repply":"a"}]}');
  await using played = new Played(["--scenario", wrong, "--json"]);
  assert.equal(await played.ended, 2);
  const { type, code, message } = JSON.parse(played.stdout);
  assert.deepEqual([type, code], ["error", "invalid_usage"]);
  assert.ok(message.includes(`The scenario "${wrong}" cannot be used: "/turns/0" must be a turn`));
  const broken = await dir.write("broken.json", '{"turns":[}');
  await using other = new Played(["--scenario", broken]);
  assert.equal(await other.ended, 2);
  assert.match(other.stderr, /The scenario ".*broken\.json" is no JSON/);
});

Deno.test("codex simulator says that a port is taken, and leaves nothing behind", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using played = new Played(["--port", String(taken.addr.port)]);
  assert.equal(await played.ended, 2);
  assert.equal(
    played.stderr,
    `codex: Port ${taken.addr.port} is taken by another program\n` +
      "hint: Give another --port, or leave it out to get a free one\n",
  );
});
