/**
 * Conformance: the official client 0.169.0 from npm, run against the simulator. It has to be at
 * home there, and what it sends has to be what it was recorded to send elsewhere; so the simulator
 * asks for what the service asks for, and refuses nothing that a real client does.
 *
 *     deno task conformance [PART OF A NAME]
 *
 * It is installed into a temporary folder, or into that of `CODEX_CONFORMANCE_DIR`, once. Nothing
 * else leaves the machine. The status is 1 when a case failed.
 */
import { installProgram, OFFICIAL, officialProgram } from "../../tools/npm_program.ts";
import { print } from "../../tools/process.ts";
import type { Case } from "./case.ts";
import { Check } from "./check.ts";
import { SIGN_IN_CASES } from "./sign_in_cases.ts";
import { TROUBLE_CASES } from "./trouble_cases.ts";
import { TURN_CASES } from "./turn_cases.ts";

const CASES: readonly Case[] = [...SIGN_IN_CASES, ...TURN_CASES, ...TROUBLE_CASES];

async function problemsOf([, run]: Case, program: string): Promise<readonly string[]> {
  const check = new Check();
  try {
    await run(program, check);
  } catch (error) {
    check.problems.push(String(error));
  }
  return check.problems;
}

async function main(part = ""): Promise<number> {
  const folder = await installProgram(OFFICIAL, Deno.env.get("CODEX_CONFORMANCE_DIR"));
  const program = await officialProgram(folder);
  const cases = CASES.filter(([name]) => name.includes(part));
  const width = Math.max(...cases.map(([name]) => name.length));
  let failures = 0;
  for (const one of cases) {
    const start = performance.now();
    const problems = await problemsOf(one, program);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const verdict = problems.length === 0 ? "passed" : "FAILED";
    print(`${one[0].padEnd(width)}  ${verdict}  ${seconds.padStart(5)} s`);
    for (const problem of problems) print(`    ${problem}`);
    if (problems.length > 0) failures++;
  }
  print(`${cases.length - failures} passed, ${failures} failed`);
  return failures === 0 && cases.length > 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args[0]));
