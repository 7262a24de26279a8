/**
 * The gate: everything that has to hold before a change is taken. All of it runs, whatever fails,
 * and the last line says how many tests
 * passed, and how many tests and other steps failed.
 */
import { countLine, countReports } from "./junit.ts";
import { deno, denoOutput, print, REPORTS } from "./process.ts";

/** A step, and what it runs. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** Whether its output is shown while it runs; else only when it fails. */
  readonly shown?: boolean;
}

const tool = (name: string): readonly string[] => ["run", "-q", "-P=tools", `tools/${name}.ts`];

const TEST = "test";

const STEPS: readonly Step[] = [
  { name: "the lock file is up to date", args: ["ci", "-q"] },
  { name: "fmt", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint", "-q"] },
  { name: "check", args: ["check", "-q", "--frozen"] },
  { name: TEST, args: tool("test"), shown: true },
  // A slice by a fixed seed; `deno task fuzz` goes on from other seeds.
  { name: "fuzz", args: ["run", "-q", "-P=tools", "tests/fuzz/stream.ts", "1", "20"] },
  { name: "fuzz of patches", args: ["run", "-q", "-P=tools", "tests/fuzz/patch.ts", "1", "10"] },
  { name: "doc --lint", args: ["doc", "--lint", "mod.ts", "testing.ts", "tools.ts"] },
  { name: "docs", args: [...tool("docs"), "--check"] },
  { name: "publish --dry-run", args: ["publish", "--dry-run", "--allow-dirty"] },
  { name: "build", args: tool("build") },
];

/** Runs every step; the names of those that failed. */
async function ok(): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, args, shown } of STEPS) {
    const start = performance.now();
    if (shown) print(`--- ${name}`);
    const { success, stdout, stderr } = shown
      ? { success: await deno(args), stdout: "", stderr: "" }
      : await denoOutput(args);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    print(`${success ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
    if (success) continue;
    failed.push(name);
    print(`${stdout}${stderr}`.trim());
  }
  return failed;
}

if (import.meta.main) {
  const failedSteps = await ok();
  const tests = await countReports(REPORTS);
  // A failed test is counted as such, and not again as a failed step.
  const others = failedSteps.filter((name) => name !== TEST || tests.failed === 0);
  const failed = tests.failed + others.length;
  print(countLine({ passed: tests.passed, failed }));
  Deno.exit(failed === 0 ? 0 : 1);
}
