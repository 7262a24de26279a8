import assert from "node:assert/strict";
import fc from "fast-check";
import { CodexError } from "../../src/base/errors.ts";
import { VERSION } from "../../src/base/version.ts";
import { Interrupted, main } from "../../src/cli/main.ts";
import { anyText } from "../support/any_text.ts";
import { type Handler, hang, json, ScriptedFetch } from "../support/scripted_fetch.ts";
import { TempDir } from "../support/temp_dir.ts";
import { fakeCli, type FakeCliOptions } from "./fake_cli.ts";

interface SetupOptions extends FakeCliOptions {
  readonly handlers?: readonly Handler[];
}

function setup({ handlers = [], ...options }: SetupOptions = {}) {
  const net = new ScriptedFetch(...handlers);
  const interrupt = new AbortController();
  const parts = { fetch: net.fetch, signal: interrupt.signal };
  const { cli, clock, told } = fakeCli({ ...options, parts });
  const run = (...args: string[]) => main(args, cli);
  return { told, clock, net, interrupt, run };
}

/** A folder with the sign-in of an API key, and how a command finds it. */
async function signedIn() {
  const dir = await TempDir.make();
  const entry = { openai: { type: "api", key: "sk-test-0123456789" } };
  const path = await dir.write("data/auth.json", JSON.stringify(entry), 0o600);
  await Deno.chmod(dir.join("data"), 0o700);
  return {
    env: { CODEX_AUTH_FILE: path },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** A folder without a sign-in. */
async function signedOut() {
  const dir = await TempDir.make();
  return {
    env: { CODEX_AUTH_FILE: dir.join("auth.json") },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

const brokenPipe = () => new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
const noSpace = () => Object.assign(new Error("No space left (os error 28)"), { code: "ENOSPC" });

for (
  const args of [
    ["--help"],
    ["-h"],
    [],
    ["--json", "--help"],
    ["--profile", "work", "-h"],
    ["-qh"],
    [
      "help",
    ],
  ]
) {
  Deno.test(`main() shows the commands on stdout for \`codex ${args.join(" ")}\``, async () => {
    const { told, run } = setup();
    assert.equal(await run(...args), 0);
    assert.equal(told.stderr, "");
    for (const command of ["login", "logout", "status", "refresh", "models", "run"]) {
      assert.match(told.stdout, new RegExp(`^\\s+${command}\\s`, "m"));
    }
    assert.match(told.stdout, /\n$/);
    assert.ok(!told.stdout.includes("\x1b"));
  });
}

for (
  const args of [["run", "--help"], ["run", "-h"], ["--json", "run", "-h"], ["run", "hi", "-h"], [
    "run",
    "-qh",
  ]]
) {
  Deno.test(`main() shows the help of a command for \`codex ${args.join(" ")}\``, async () => {
    const { told, run } = setup();
    assert.equal(await run(...args), 0);
    assert.equal(told.stderr, "");
    assert.match(told.stdout, /--stdin-timeout/);
    assert.match(told.stdout, /while read/);
    assert.doesNotMatch(told.stdout, /stdinTimeout/);
  });
}

for (const args of [["help", "run"], ["--help", "run"], ["-q", "help", "-v", "run"]]) {
  Deno.test(`main() shows the help of a command for \`codex ${args.join(" ")}\``, async () => {
    const { told, run } = setup();
    assert.equal(await run(...args), 0);
    assert.equal(told.stderr, "");
    assert.match(told.stdout, /--stdin-timeout/);
  });
}

for (const args of [["--version"], ["run", "--version"], ["--json", "status", "--version"]]) {
  Deno.test(`main() tells the version for \`codex ${args.join(" ")}\``, async () => {
    const { told, run } = setup();
    assert.equal(await run(...args), 0);
    assert.deepEqual(told, { stdout: `codex ${VERSION}\n`, stderr: "" });
  });
}

const MISTAKES: readonly (readonly [args: readonly string[], what: RegExp, hint: string])[] = [
  [["help", "stauts"], /"stauts" is not a command, did you mean "status"\?/, "codex --help"],
  [["-q", "--", "run", "hi"], /A command has to stand before --$/, "codex --help"],
  [["-q", "--"], /A command has to stand before --$/, "codex --help"],
  [["stauts"], /"stauts" is not a command, did you mean "status"\?/, "codex --help"],
  [["--json=no", "stauts"], /"stauts" is not a command/, "codex --help"],
  [["--quiet"], /--quiet/, "codex --help"],
  [["status", "--bogus"], /--bogus is not an option/, "codex status --help"],
  [["--profile", "work", "status", "--bogus"], /--bogus/, "codex status --help"],
  [["status", "-x"], /-x/, "codex status --help"],
  [["--bogus", "status"], /--bogus/, "codex --help"],
  [["status", "extra"], /Too many arguments.*"extra"/, "codex status --help"],
  [["run", "one", "two"], /Too many arguments.*"two"/, "codex run --help"],
  [["status", "--color", "green"], /"green".*auto\|always\|never/, "codex status --help"],
  [["run", "--maxstep", "3"], /did you mean --max-steps\?/, "codex run --help"],
  [["run", "--authFile"], /--auth-file has no value/, "codex run --help"],
  [["run", "--model"], /--model has no value/, "codex run --help"],
  [["run", "--model", "--json=false"], /--model has no value: --json follows/, "codex run --help"],
  [["run", "-qxm"], /--model has no value/, "codex run --help"],
  [
    ["run", "-no-tools"],
    /-no-tools is not an option, did you mean --no-tools\?/,
    "codex run --help",
  ],
  [["run", "hi", "-qx=low"], /-qx=low is not an option;/, "codex run --help"],
  [["run", "-1"], /-1 is not an option; a prompt .* stands behind --/, "codex run --help"],
  [["run", "-qz"], /-z is not an option/, "codex run --help"],
  [["run", "-qsgreen"], /"green".*read-only\|workspace-write/, "codex run --help"],
  [["run", "hi", "--model="], /--model= has no value/, "codex run --help"],
  [["run", "-m="], /-m= has no value/, "codex run --help"],
  [["logout", "--auth-file", ""], /--auth-file: "" is not a path/, "codex logout --help"],
  [["--auth-file", "", "logout"], /--auth-file: "" is not a path/, "codex logout --help"],
  [["refresh", "--rotate-to", ""], /--rotate-to: "" is not a path/, "codex refresh --help"],
  [["run", "hi", "-o", ""], /--output-last-message: "" is not a path/, "codex run --help"],
  [["run", "hi", "--session", ""], /--session: "" is not a path/, "codex run --help"],
  [["run", "hi", "-C", ""], /--cd: "" is not a path/, "codex run --help"],
  [["run", "hi", "--add-dir", ""], /--add-dir: "" is not a path/, "codex run --help"],
  [["run", "hi", "--output-schema", ""], /--output-schema: "" is not a path/, "codex run --help"],
  [["run", "hi", "-i", ""], /--image: "" is not a path/, "codex run --help"],
  [["run", "hi", "-f", "a", "-f", ""], /--file: "" is not a path/, "codex run --help"],
  [["run", "hi", "--output-schema", "-"], /--output-schema: "-" stands for no/, "codex run --help"],
  [["run", "hi", "--add-dir", "-"], /--add-dir: "-" stands for no file/, "codex run --help"],
  [["run", "hi", "--session", "-"], /--session: "-" stands for no file/, "codex run --help"],
  [["--auth-file", "-", "status"], /--auth-file: "-" stands for no/, "codex status --help"],
  [["simulator", "--scenario", ""], /--scenario: "" is not a path/, "codex simulator --help"],
  [["run", "hi", "--timeout", "soon"], /"soon" is not a duration/, "codex run --help"],
  [["run", "hi", "--max-stdin", "much"], /"much" is not a size/, "codex run --help"],
  [
    ["run", "--timeout", "soon", "--max-stdin", "much"],
    /soon.*; .*much/,
    "codex run --help",
  ],
  [["run", "a\nb", "--bogus\nx", "c"], /^codex: [^\n]*$/, "codex run --help"],
];

for (const [args, what, hint] of MISTAKES) {
  const typed = JSON.stringify(args.join(" "));
  Deno.test(`main() says in one line and a hint what is wrong with ${typed}`, async () => {
    const { told, net, run } = setup();
    assert.equal(await run(...args), 2);
    assert.equal(told.stdout, "");
    const lines = told.stderr.split("\n");
    assert.equal(lines.length, 3);
    assert.match(lines[0] ?? "", /^codex: /);
    assert.match(lines[0] ?? "", what);
    assert.equal(lines[1], `hint: See: ${hint}`);
    assert.equal(net.requests.length, 0);
  });

  if (args.some((arg) => arg.startsWith("--json"))) continue;
  Deno.test(`main() says with --json as an object what is wrong with ${typed}`, async () => {
    for (const all of [["--json", ...args], [args[0] ?? "", "--json", ...args.slice(1)]]) {
      const { told, run } = setup();
      assert.equal(await run(...all), 2);
      assert.equal(told.stderr, "");
      assert.match(told.stdout, /^[^\n]*\n$/);
      const { type, code, message, retryable } = JSON.parse(told.stdout);
      assert.deepEqual([type, code, retryable], ["error", "invalid_usage", false]);
      assert.equal(typeof message, "string");
    }
  });
}

Deno.test("main() writes an error that any reader of JSON takes, whatever was typed", async () => {
  const { told, run } = setup();
  assert.equal(await run("a\ud83d", "--json"), 2);
  assert.doesNotMatch(told.stdout, /\\ud/);
  assert.match(JSON.parse(told.stdout).message, /"a\ufffd" is not a command/);
});

Deno.test("main() shows what was typed harmlessly on a terminal", async () => {
  const { told, run } = setup({ isTerminal: true, env: { NO_COLOR: "1" } });
  assert.equal(await run("\x1b[31mred"), 2);
  assert.match(told.stderr, /\\x1b\[31mred/);
  assert.ok(!told.stderr.includes("\x1b"));
});

Deno.test("main() ends with the status of the error that a command throws", async () => {
  await using home = await signedOut();
  const { told, run } = setup({ env: home.env });
  assert.equal(await run("status"), 3);
  assert.equal(told.stdout, "");
  assert.equal(told.stderr, "codex: Nobody is signed in\nhint: Sign in with: codex login\n");
});

Deno.test("main() names the profile in its hints, from the command line or the environment", async () => {
  await using home = await signedOut();
  for (
    const [env, args] of [
      [{}, ["status", "--profile", "work"]],
      [{}, ["--profile=work", "status"]],
      [{ CODEX_PROFILE: "work" }, ["status"]],
    ] as const
  ) {
    const { told, run } = setup({ env: { ...home.env, ...env } });
    assert.equal(await run(...args), 3);
    assert.match(told.stderr, /\nhint: Sign in with: codex --profile work login\n$/);
  }
});

Deno.test("main() writes the error of a command to stdout with --json, and nothing to stderr", async () => {
  await using home = await signedOut();
  const { told, run } = setup({ env: home.env });
  assert.equal(await run("--json", "status"), 3);
  assert.equal(told.stderr, "");
  assert.deepEqual(JSON.parse(told.stdout), {
    type: "error",
    code: "not_signed_in",
    message: "Nobody is signed in",
    hint: "Sign in with: codex login",
    retryable: false,
  });
});

Deno.test("main() says nothing of its own when a command succeeds", async () => {
  await using home = await signedIn();
  const { told, run } = setup({
    env: home.env,
    handlers: [json({ data: [{ id: "gpt-test" }] })],
  });
  assert.equal(await run("models"), 0);
  assert.equal(told.stderr, "");
  assert.match(told.stdout, /^gpt-test\b.*\n$/);
});

for (const args of [["models"], ["models", "--json"], ["--help"], ["--version"]]) {
  Deno.test(`main() ends quietly with 141 when nobody reads \`codex ${args.join(" ")}\``, async () => {
    await using home = await signedIn();
    const { told, run } = setup({
      env: home.env,
      handlers: [json({ data: [{ id: "gpt-test" }] })],
      broken: brokenPipe(),
    });
    assert.equal(await run(...args), 141);
    assert.deepEqual(told, { stdout: "", stderr: "" });
  });
}

Deno.test("main() ends quietly with 141 when nobody reads the error's object", async () => {
  await using home = await signedOut();
  const { told, run } = setup({ env: home.env, broken: brokenPipe() });
  assert.equal(await run("status", "--json"), 141);
  assert.deepEqual(told, { stdout: "", stderr: "" });
});

for (const args of [["models"], ["models", "--json"], ["--help"]]) {
  Deno.test(`main() says on stderr that stdout is full for \`codex ${args.join(" ")}\``, async () => {
    await using home = await signedIn();
    const { told, run } = setup({
      env: home.env,
      handlers: [json({ data: [{ id: "gpt-test" }] })],
      broken: noSpace(),
    });
    assert.equal(await run(...args), 1);
    assert.equal(
      told.stderr,
      "codex: Cannot write the output: no space is left\nhint: Look at where stdout goes\n",
    );
  });
}

for (
  const [signal, exit, word] of [["SIGINT", 130, "Interrupted"], [
    "SIGTERM",
    143,
    "Terminated",
  ]] as const
) {
  Deno.test(`main() ends with ${exit} when ${signal} comes`, async () => {
    await using home = await signedIn();
    const { told, clock, interrupt, run } = setup({ env: home.env, handlers: [hang()] });
    const status = run("models");
    // The sign-in is read from a file, which takes more turns than those of a clock.
    while (clock.pending === 0) await clock.advance(1);
    interrupt.abort(new Interrupted(signal));
    assert.equal(await status, exit);
    assert.deepEqual(told, { stdout: "", stderr: `codex: ${word}\n` });
    assert.equal(clock.pending, 0);
  });

  Deno.test(`main() ends with ${exit} when ${signal} makes a command fail in another way`, async () => {
    const { told, interrupt, run } = setup({
      env: {
        get CODEX_AUTH_FILE(): string {
          interrupt.abort(new Interrupted(signal));
          throw new Deno.errors.BadResource("closed");
        },
      },
    });
    assert.equal(await run("status", "--json"), exit);
    const { code, message } = JSON.parse(told.stdout);
    assert.deepEqual([code, message], ["aborted", word]);
  });
}

Deno.test("main() tells of a failure that it does not know as its own, in one line", async () => {
  const { told, run } = setup({
    env: {
      get CODEX_AUTH_FILE(): string {
        throw new TypeError("x is not a function\n    at file:///a.ts:1:2");
      },
    },
  });
  assert.equal(await run("status"), 1);
  assert.match(told.stderr, /^codex: Unexpected: x is not a function[^\n]*\nhint: [^\n]*\n$/);
});

Deno.test("Interrupted is an error of ours that knows the signal's status", () => {
  assert.equal(new Interrupted("SIGINT").exit, 130);
  assert.equal(new Interrupted("SIGTERM").exit, 143);
  assert.ok(new Interrupted("SIGINT") instanceof CodexError);
  assert.equal(new Interrupted("SIGTERM").code, "aborted");
});

Deno.test("main() answers any command line with a status, and never with a stack", async () => {
  await using home = await signedOut();
  const arg = fc.oneof(
    fc.constantFrom("status", "refresh", "models", "--json", "--profile", "--", "-q", "--color=x"),
    anyText(8),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(arg, { maxLength: 4 }), async (args) => {
      fc.pre(!args.includes("run") && !args.includes("login"));
      const { told, run } = setup({ env: home.env });
      const status = await run(...args);
      assert.ok([0, 2, 3].includes(status), `${status} ${told.stderr}`);
      assert.doesNotMatch(told.stderr + told.stdout, /\n\s+at |file:\/\//);
      if (status !== 0) {
        assert.ok(told.stderr === "" || /^codex: [^\n]*\nhint: [^\n]*\n$/.test(told.stderr));
      }
    }),
    { numRuns: 25 },
  );
});
