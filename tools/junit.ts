/** Reports in JUnit's form, as `deno test --junit-path` writes them. */

/** How many tests there were; those left out are not counted. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/**
 * Counts the tests of a report.
 *
 * @param xml The report.
 */
export function countTests(xml: string): Count {
  let passed = 0;
  let failed = 0;
  for (const [suite] of xml.matchAll(/<testsuite\s[^>]*>/g)) {
    const bad = attribute(suite, "failures") + attribute(suite, "errors");
    failed += bad;
    passed += attribute(suite, "tests") - attribute(suite, "disabled") - bad;
  }
  return { passed, failed };
}

function attribute(tag: string, name: string): number {
  return Number(new RegExp(`\\s${name}="(\\d+)"`).exec(tag)?.[1] ?? 0);
}

/**
 * The tests that take longer than they may. Those of the real command, in e2e, and those that need
 * other programs (registered by a helper in support) may take their time.
 *
 * @param xml The report.
 * @param seconds The most that a test may take.
 * @returns Their names, each with how long it took.
 */
export function slowTests(xml: string, seconds: number): string[] {
  const cases = xml.matchAll(/<testcase name="([^"]*)" classname="([^"]*)" time="([\d.]+)"/g);
  return [...cases]
    .filter(([, , file = "", time]) => Number(time) > seconds && !/\/(e2e|support)\//.test(file))
    .map(([, name, file, time]) => `${file}: ${name} (${time} s)`);
}

/**
 * Adds up the reports of a folder.
 *
 * @param folder Where they are.
 * @returns The sum, and how many reports there were.
 */
export async function countReports(folder: URL): Promise<Count & { readonly reports: number }> {
  const sum = { passed: 0, failed: 0, reports: 0 };
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".xml")) continue;
    const { passed, failed } = countTests(await Deno.readTextFile(new URL(name, folder)));
    sum.passed += passed;
    sum.failed += failed;
    sum.reports++;
  }
  return sum;
}

/** The line with which the gate ends. */
export function countLine({ passed, failed }: Count): string {
  return `${passed} passed, ${failed} failed`;
}
