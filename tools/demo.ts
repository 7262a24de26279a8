/**
 * The main job, shown: signs in, lists the models, and has a failing test fixed through a pipe,
 * with the real command, against the simulator on this machine. The model's turns are scripted;
 * the project, its tests, the sandbox and the patch are real. Nothing leaves this machine, and
 * nothing stays behind.
 *
 * An argument names a compiled command to show in place of the source.
 */
import { createSandbox } from "../src/agent/sandbox/create_sandbox.ts";
import { createSimulator, customToolCall, reply, toolCall, type Turn } from "../testing.ts";

const cli = new URL("../cli.ts", import.meta.url).href;
const config = new URL("../deno.json", import.meta.url).pathname;

/** Variables of your own that would change what is shown; empty ones count as absent. */
const NOTHING_OF_YOURS = Object.fromEntries(
  [
    "CODEX_PROFILE",
    "CODEX_MODEL",
    "CODEX_EFFORT",
    "CODEX_ORIGINATOR",
    "CODEX_STDIN_TIMEOUT",
    "CODEX_RUN_SANDBOX",
    "CODEX_ACCESS_TOKEN",
    "CODEX_AUTH_JSON",
  ].map((name) => [name, ""]),
);

/** A project with a test that fails. */
const PROJECT: Readonly<Record<string, string>> = {
  ".git/HEAD": "ref: refs/heads/main\n",
  "deno.json": "{}\n",
  "sum.ts": `export function sum(numbers: number[]): number {
  let total = 1;
  for (const number of numbers) total += number;
  return total;
}
`,
  "sum_test.ts": `import { sum } from "./sum.ts";

Deno.test("sum() adds up", () => {
  if (sum([1, 2]) !== 3) throw new Error("1 and 2 are not " + sum([1, 2]));
});
`,
};

/** What the model says and wants done. */
const TURNS: readonly Turn[] = [
  toolCall("shell", { command: "cat sum.ts" }),
  customToolCall(
    "apply_patch",
    `*** Begin Patch
*** Update File: sum.ts
@@ export function sum(numbers: number[]): number {
-  let total = 1;
+  let total = 0;
*** End Patch
`,
  ),
  toolCall("shell", { command: "deno test" }),
  reply("sum() started at 1 instead of 0. I changed that; the test passes now."),
];

/** Where the demo takes place. */
interface Place {
  readonly home: string;
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
}

async function demo(): Promise<number> {
  await using simulator = createSimulator();
  const { env: simulated } = await simulator.listen();
  const home = await Deno.makeTempDir({ prefix: "codex-demo-" });
  const project = `${home}/project`;
  const env = {
    ...simulated,
    ...NOTHING_OF_YOURS,
    NO_COLOR: "1",
    CODEX_AUTH_FILE: `${home}/sign-in/auth.json`,
    // What runs this is what the project's tests run with.
    PATH: `${dirname(Deno.execPath())}${SEPARATOR}${Deno.env.get("PATH") ?? ""}`,
  };
  const place = { home, project, env };
  say("The real command, against a simulator of the service on this machine.\n");
  try {
    for (const [name, text] of Object.entries(PROJECT)) {
      await Deno.mkdir(dirname(`${project}/${name}`), { recursive: true });
      await Deno.writeTextFile(`${project}/${name}`, text);
    }
    for (const args of [["login", "--headless"], ["status"], ["models"]]) {
      say(`$ codex ${args.join(" ")}`);
      if (await codex(args, place) !== 0) return 1;
      say("");
    }
    simulator.enqueue(...TURNS);
    return await fixTheTests(place);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function dirname(path: string): string {
  return path.slice(0, path.search(/[\\/][^\\/]*$/));
}

const SEPARATOR = Deno.build.os === "windows" ? ";" : ":";

/** The main job; its success is that the tests pass afterwards. */
async function fixTheTests(place: Place): Promise<number> {
  const sandbox = await sandboxFlags(place);
  const failing = await denoTest(place);
  say(failing.text.split("\n").filter((line) => /\.\.\. |^error: Error/.test(line)).join("\n"));
  say("");
  const args = ["run", ...sandbox, "--diff", "fix the tests"];
  say(`$ deno test 2>&1 | codex run ${[...sandbox, "--diff"].join(" ")} "fix the tests"`);
  if (await codex(args, place, failing.text) !== 0) return 1;
  say("");
  const passing = await denoTest(place);
  say(passing.text.split("\n").filter((line) => line.includes("... ")).join("\n"));
  say("\nThat was: a sign-in, the account's models, and a failing test mended through a pipe.");
  return failing.success || !passing.success ? 1 : 0;
}

/** Where there is no sandbox, nothing runs unasked. What is run here is known, and thrown away. */
async function sandboxFlags({ project }: Place): Promise<readonly string[]> {
  const { mechanism, missing, hint } = await createSandbox({
    mode: "workspace-write",
    workspace: await Deno.realPath(project),
    writable: [],
    network: false,
    hidden: [],
  }).confinement();
  if (mechanism !== "none") return [];
  say(`(${missing ?? "There is no sandbox here"}. ${hint ?? ""})\n`);
  return ["-s", "danger-full-access"];
}

async function denoTest({ project, env }: Place): Promise<{ text: string; success: boolean }> {
  say("$ deno test");
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test"],
    cwd: project,
    env,
    stdin: "null",
  }).output();
  return { success, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

/** Runs the command, and says so when it fails. */
async function codex(args: readonly string[], { project, env }: Place, stdin?: string) {
  const [compiled] = Deno.args;
  const source = ["run", "-q", "--no-prompt", "-A", "--config", config, cli];
  const child = new Deno.Command(compiled ?? Deno.execPath(), {
    args: [...compiled === undefined ? source : [], ...args],
    cwd: project,
    env,
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  if (stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(stdin));
    await writer.close();
  }
  const { code } = await child.status;
  if (code !== 0) say(`ended with status ${code}`);
  return code;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await demo());
