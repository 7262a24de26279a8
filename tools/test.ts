/**
 * All tests: units, the real command, the documentation's examples, and how much of `src/` they
 * reach. Arguments go to `deno test`, and then only what they name is run.
 *
 * What happens to be set on this machine must not decide a test, so the tests get an environment
 * without any of it and a HOME of their own.
 */
import { slowTests } from "./junit.ts";
import { deno, denoOutput, type Output, print, removeIfThere, REPORTS, ROOT } from "./process.ts";

/** The files that coverage is asked of. */
const MEASURED = `^${RegExp.escape(new URL("src/", ROOT).href)}`;

/** The least share of lines, of branches and of functions, in percent. */
const THRESHOLD = 90;

/** What the runtime notes for coverage. */
const PROFILES = new URL("profiles", REPORTS);

/** How long a test may take that does not run the real command; longer ones are named. */
const MOST_SECONDS = 1;

/** Variables that reach the tests; everything else stays outside. */
const KEPT = [
  "PATH",
  "TMPDIR",
  "TEMP",
  "SystemRoot",
  "CODEX_TEST_REQUIRE_ALL",
  "DENO_JOBS",
  "NPM_CONFIG_REGISTRY",
  "NODE_EXTRA_CA_CERTS",
];

/** Runs the tests with a HOME that is removed afterwards. */
async function test(args: readonly string[]): Promise<boolean> {
  await removeIfThere(REPORTS);
  await Deno.mkdir(REPORTS);
  // Everything that is loaded later, by the real command too, is fetched before the clock runs.
  if (!await deno(["ci", "-q"])) return false;
  const home = await Deno.makeTempDir({ prefix: "codex_test_home_" });
  try {
    const env = await environment(home);
    return args.length === 0
      ? await everything(env)
      : await deno(["test", "-P=test", ...flags("tests"), ...args], { env });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function everything(env: Readonly<Record<string, string>>): Promise<boolean> {
  const tests = await denoOutput(["test", "-P=test", ...flags("tests"), "--parallel", "tests/"], {
    env,
  });
  show("tests", tests);
  for (const slow of slowTests(await report("tests"), MOST_SECONDS)) print(`slow: ${slow}`);
  // Loaded only now: what does not load is then one failure, after the tests have named it.
  const { runExamples } = await import("./doc_examples.ts");
  const examples = await runExamples(env, flags("examples"));
  show("examples", examples);
  await dropUnfinishedProfiles();
  const covered = await denoOutput([
    "coverage",
    "-q",
    `--include=${MEASURED}`,
    `--threshold=${THRESHOLD}`,
    PROFILES.pathname,
  ], { env });
  print(covered.stdout + covered.stderr);
  // A file for every module of every process that a test started: more than anybody wants to keep.
  await removeIfThere(PROFILES);
  return tests.success && examples.success && covered.success;
}

/** A process that a test kills while it writes down what it reached leaves half a file, or none of it. */
async function dropUnfinishedProfiles(): Promise<void> {
  const folder = new URL("profiles/", REPORTS);
  for await (const { name } of Deno.readDir(folder)) {
    const file = new URL(name, folder);
    if (name.endsWith(".json") && !(await Deno.readTextFile(file)).trimEnd().endsWith("}")) {
      await Deno.remove(file);
    }
  }
}

function flags(name: string): string[] {
  return [
    "-q",
    "--hide-stacktraces",
    `--junit-path=.coverage/${name}.xml`,
    "--coverage=.coverage/profiles",
    "--coverage-raw-data-only",
  ];
}

/** A report; empty when the run came to no end. */
async function report(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(`${name}.xml`, REPORTS)).catch(() => "");
}

/** The last line of a run that went well, and of another one what is worth reading. */
function show(name: string, { success, stdout, stderr }: Output): void {
  if (success) return print(`${name}: ${stdout.trimEnd().split("\n").at(-1)}`);
  // From the first error on; all of it when it did not come to that.
  const start = stdout.indexOf("\n ERRORS");
  print(stdout.slice(Math.max(0, start)) + stderr);
}

async function environment(home: string): Promise<Record<string, string>> {
  const env: Record<string, string> = {
    HOME: home,
    LANG: "C.UTF-8",
    TZ: "UTC",
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    DENO_DIR: await denoDir(),
  };
  for (const name of KEPT) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

async function denoDir(): Promise<string> {
  const { stdout } = await denoOutput(["info", "--json"]);
  const info: unknown = JSON.parse(stdout);
  if (typeof info === "object" && info !== null && "denoDir" in info) return String(info.denoDir);
  throw new Error("deno info names no cache folder");
}

if (import.meta.main) Deno.exit(await test(Deno.args) ? 0 : 1);
