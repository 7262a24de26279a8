/**
 * The main job, shown: signs in, lists the models and runs a prompt through a pipe, with the real
 * command, against the simulator on this machine. Nothing leaves it, and nothing stays behind.
 */
import { createSimulator, reply } from "../testing.ts";

const cli = new URL("../cli.ts", import.meta.url).href;
const config = new URL("../deno.json", import.meta.url).pathname;

/** A line to show, and the arguments and input that it stands for. */
interface Step {
  readonly line: string;
  readonly args: readonly string[];
  readonly stdin?: string;
}

/** Variables of your own that would change what is shown; empty ones count as absent. */
const NOTHING_OF_YOURS = Object.fromEntries(
  ["CODEX_PROFILE", "CODEX_MODEL", "CODEX_EFFORT", "CODEX_ORIGINATOR", "CODEX_STDIN_TIMEOUT"]
    .map((name) => [name, ""]),
);

const LOG = "test sum ... FAILED\n  expected 4, got 5 (src/sum.ts:3)\n";

const STEPS: readonly Step[] = [
  { line: "codex login --headless", args: ["login", "--headless"] },
  { line: "codex status", args: ["status"] },
  { line: "codex models", args: ["models"] },
  {
    line: 'deno test 2>&1 | codex run "why does this fail? one sentence"',
    args: ["run", "why does this fail? one sentence"],
    stdin: LOG,
  },
];

async function demo(): Promise<number> {
  await using simulator = createSimulator();
  simulator.enqueue(
    reply("The sum in src/sum.ts line 3 starts at 1 instead of 0, so every total is one too high."),
  );
  const { env: simulated } = await simulator.listen();
  const home = await Deno.makeTempDir({ prefix: "codex-demo-" });
  const env = { ...simulated, ...NOTHING_OF_YOURS, CODEX_AUTH_FILE: `${home}/auth.json` };
  say("The real command, against a simulator of the service on this machine.\n");
  try {
    for (const step of STEPS) {
      say(`$ ${step.line}`);
      const code = await run(step, env);
      if (code !== 0) {
        say(`ended with status ${code}`);
        return 1;
      }
      say("");
    }
    say("That was: a sign-in, the account's models, and an answer through a pipe.");
    return 0;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function run({ args, stdin }: Step, env: Record<string, string>): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-A", "--config", config, cli, ...args],
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
  return (await child.status).code;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) Deno.exit(await demo());
