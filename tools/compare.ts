/**
 * Nine ordinary tests of a program in a pipe, put to this command and to the official
 * `codex exec`, both talking to the simulator on this machine. Prints the table of
 * `docs/compared.md`: `deno run -P=tools tools/compare.ts PATH/TO/OFFICIAL/codex`.
 */
import {
  createSimulator,
  httpError,
  reply,
  type Scenario,
  silent,
  type Simulator,
  usageLimit,
} from "../testing.ts";
import { print, ROOT } from "./process.ts";

/** A tool with all that it needs to run. */
interface Tool {
  /** The words that start a run. */
  readonly run: readonly string[];
  /** What asks for events. */
  readonly json: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** How a run went. */
interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  /** When the first byte came, in milliseconds. */
  readonly firstMs: number | undefined;
}

interface RunOptions {
  readonly stdin?: "null" | "open";
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
  readonly signal?: { readonly name: Deno.Signal; readonly afterMs: number };
}

/** A world of its own for a tool: a simulator, a home, a sign-in. */
interface World extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly tool: Tool;
}

const CLI = new URL("cli.ts", ROOT).pathname;
const LIMIT_MS = 30_000;

async function world(official: string | undefined, scenario: Scenario, signedIn = true) {
  // The official tool sends its instructions within the input.
  const simulator = createSimulator({ ...scenario, rules: { instructions: "optional" } });
  const { env, issuer, baseUrl } = await simulator.listen();
  const home = await Deno.makeTempDir({ prefix: "codex-compare-" });
  const base = { HOME: home, PATH: Deno.env.get("PATH") ?? "", TZ: "UTC", ...env };
  const credentials = simulator.signIn({ issuer, baseUrl });
  const tool = official === undefined
    ? await ours(home, base, signedIn ? credentials : undefined)
    : await theirs(official, home, base, String(baseUrl), signedIn ? credentials : undefined);
  return {
    simulator,
    tool,
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await Deno.remove(home, { recursive: true });
    },
  } satisfies World;
}

type SignIn = ReturnType<Simulator["signIn"]>;

async function ours(
  home: string,
  base: Readonly<Record<string, string>>,
  openai: SignIn | undefined,
): Promise<Tool> {
  const file = `${home}/auth.json`;
  if (openai !== undefined) {
    await Deno.writeTextFile(file, JSON.stringify({ openai }), { mode: 0o600 });
  }
  const denoDir = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  return {
    run: [Deno.execPath(), "run", "-q", "--no-prompt", "--cached-only", "-A", CLI, "run"],
    json: "--json",
    env: { ...base, CODEX_AUTH_FILE: file, DENO_DIR: denoDir },
    cwd: home,
  };
}

async function theirs(
  program: string,
  home: string,
  base: Readonly<Record<string, string>>,
  baseUrl: string,
  openai: SignIn | undefined,
): Promise<Tool> {
  const folder = `${home}/.codex`;
  await Deno.mkdir(folder);
  const config = [
    'model = "gpt-5.5"',
    'model_provider = "sim"',
    `chatgpt_base_url = "${baseUrl.replace(/codex$/, "")}"`,
    "[model_providers.sim]",
    'name = "sim"',
    `base_url = "${baseUrl}"`,
    'wire_api = "responses"',
    "requires_openai_auth = true",
  ];
  await Deno.writeTextFile(`${folder}/config.toml`, `${config.join("\n")}\n`);
  if (openai !== undefined) {
    const tokens = {
      id_token: openai.access,
      access_token: openai.access,
      refresh_token: openai.refresh,
      account_id: openai.accountId,
    };
    const auth = { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens };
    const file = { ...auth, last_refresh: new Date().toISOString() };
    await Deno.writeTextFile(`${folder}/auth.json`, JSON.stringify(file), { mode: 0o600 });
  }
  return {
    run: [program, "exec", "--skip-git-repo-check"],
    json: "--json",
    env: { ...base, CODEX_HOME: folder },
    cwd: home,
  };
}

async function run(tool: Tool, prompt: string, options: RunOptions = {}): Promise<Run> {
  const [program = "", ...words] = tool.run;
  const start = performance.now();
  // A session of its own, so that what the program starts can be ended with it.
  const child = new Deno.Command("setsid", {
    args: [program, ...words, ...options.args ?? [], prompt],
    cwd: tool.cwd,
    env: { ...tool.env, ...options.env },
    clearEnv: true,
    stdin: options.stdin === "open" ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const kill = (signal: Deno.Signal) => {
    try {
      Deno.kill(-child.pid, signal);
    } catch {
      // It has ended.
    }
  };
  const timers = [setTimeout(() => kill("SIGKILL"), options.limitMs ?? LIMIT_MS)];
  const { signal } = options;
  if (signal !== undefined) timers.push(setTimeout(() => kill(signal.name), signal.afterMs));
  let firstMs: number | undefined;
  let stdout = "";
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      firstMs ??= performance.now() - start;
      stdout += decoder.decode(chunk, { stream: true });
    }
  })();
  const stderr = await new Response(child.stderr).text();
  await reading;
  const { code } = await child.status;
  timers.forEach(clearTimeout);
  if (options.stdin === "open") await child.stdin.close().catch(() => {});
  return { code, stdout, stderr, ms: performance.now() - start, firstMs };
}

/** A pipe into `head -c1`: the status and what the first program left on stderr. */
async function intoHead(tool: Tool): Promise<{ readonly code: string; readonly stderr: string }> {
  const words = [...tool.run, "x"].map((word) => `'${word}'`).join(" ");
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `${words} </dev/null | head -c1 >/dev/null; echo "\${PIPESTATUS[0]}"`],
    cwd: tool.cwd,
    env: tool.env,
    clearEnv: true,
  }).output();
  const decoder = new TextDecoder();
  return { code: decoder.decode(stdout).trim(), stderr: decoder.decode(stderr) };
}

/** A test: its name, and what came of it for one tool. */
type Test = readonly [name: string, put: (official: string | undefined) => Promise<string>];

const seconds = (ms: number | undefined) => ms === undefined ? "–" : `${(ms / 1000).toFixed(1)} s`;
const bytes = (text: string) => new TextEncoder().encode(text).length;
const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;
const lastLine = (text: string) => text.trimEnd().split("\n").at(-1) ?? "";
const short = (text: string) => text.length > 340 ? `${text.slice(0, 340)}…` : text;

const KILLED = 137;

/** The names of an event's members, with those of the objects in it. */
function members(event: Record<string, unknown>): string[] {
  return Object.entries(event).flatMap(([name, value]) =>
    name === "error" && typeof value === "object" && value !== null
      ? Object.keys(value).map((inner) => `${name}.${inner}`)
      : [name]
  );
}

const TESTS: readonly Test[] = [
  ["text as it comes: an answer of 2 s in 20 pieces", async (official) => {
    const turns = [reply("word ".repeat(20), { chunks: 20, delayMs: 100 })];
    await using w = await world(official, { turns });
    const { firstMs, ms } = await run(w.tool, "x");
    return `first text after ${seconds(firstMs)}, end after ${seconds(ms)}`;
  }],
  ["quiet stderr: a run that goes well, no terminal", async (official) => {
    await using w = await world(official, {});
    const { stderr, code } = await run(w.tool, "x");
    return `status ${code}, ${bytes(stderr)} bytes on stderr`;
  }],
  ["open stdin: a prompt, and a pipe that nobody closes", async (official) => {
    await using w = await world(official, {});
    const args = official === undefined ? ["--stdin-timeout", "5s"] : [];
    const { code: status, ms, stderr } = await run(w.tool, "x", { stdin: "open", args });
    if (status === KILLED) return `still waiting after ${seconds(ms)}, killed`;
    const notice = stderr.includes("waiting for stdin") ? "says so after 2 s, " : "";
    return `${notice}ends with ${status} after ${
      seconds(ms)
    } (the limit was set to 5 s; 60 s unless set)`;
  }],
  ["closed pipe: `… \\| head -c1`", async (official) => {
    const turns = [reply("word ".repeat(5000), { chunks: 5000 })];
    await using w = await world(official, { turns });
    const { code: status, stderr } = await intoHead(w.tool);
    const panic = /panicked|backtrace/i.test(stderr) ? ", a panic among them" : "";
    return `status ${status}, ${bytes(stderr)} bytes on stderr${panic}`;
  }],
  ["exit statuses: limit, refused request, signed out, Ctrl-C", async (official) => {
    const statuses: number[] = [];
    for (const turn of [usageLimit({ resetsIn: 3600 }), httpError(400, { detail: "No" })]) {
      await using w = await world(official, { turns: [turn] });
      statuses.push((await run(w.tool, "x")).code);
    }
    await using out = await world(official, {}, false);
    statuses.push((await run(out.tool, "x")).code);
    await using w = await world(official, { turns: [silent()] });
    const signal = { name: "SIGINT", afterMs: 1500 } as const;
    statuses.push((await run(w.tool, "x", { signal })).code);
    return statuses.join(", ");
  }],
  ["machine errors: the last event of a run that hit the limit", async (official) => {
    await using w = await world(official, {
      turns: [usageLimit({ resetsIn: 3600, plan: "plus" })],
    });
    const { stdout } = await run(w.tool, "x", { args: [w.tool.json] });
    const last: Record<string, unknown> = JSON.parse(lastLine(stdout));
    const { code: stable, resetsAt } = last;
    const told = stable === undefined ? "no code" : `${code(String(stable))}, resets ${resetsAt}`;
    return `${told}; members: ${members(last).join(", ")}`;
  }],
  ["reset time: what a person is told", async (official) => {
    await using w = await world(official, {
      turns: [usageLimit({ resetsIn: 3600, plan: "plus" })],
    });
    const { stderr } = await run(w.tool, "x");
    const line = stderr.split("\n").find((one) => /limit/i.test(one)) ?? lastLine(stderr);
    return code(short(line));
  }],
  ["fast failure: nobody signed in; no network", async (official) => {
    await using out = await world(official, {}, false);
    const signedOut = await run(out.tool, "x");
    await using w = await world(official, {});
    await w.simulator[Symbol.asyncDispose]();
    const offline = await run(w.tool, "x");
    return [signedOut, offline].map(({ code: status, ms }) =>
      status === KILLED ? `not ended after ${seconds(ms)}` : `status ${status} after ${seconds(ms)}`
    ).join("; ");
  }],
  ["side traffic: requests of a second, trivial run", async (official) => {
    await using w = await world(official, {});
    await run(w.tool, "x");
    w.simulator.clearRequests();
    await run(w.tool, "x");
    const all = w.simulator.requests;
    const [asked] = w.simulator.requestsTo("responses");
    return `${all.length} in all; the model request has ${bytes(asked?.body ?? "")} bytes`;
  }],
];

if (import.meta.main) {
  const [official] = Deno.args;
  if (official === undefined) throw new Error("name the official codex: see docs/compared.md");
  print("| test | this command | official `codex exec` |");
  print("| --- | --- | --- |");
  for (const [name, put] of TESTS) {
    print(`| ${name} | ${await put(undefined)} | ${await put(official)} |`);
  }
}
