/**
 * A process that renews the sign-in in a file as the command does, and stands still at one step of
 * the way: for tests that kill it there.
 */
import type { FaultPoint } from "../../src/auth/store/file_store.ts";
import type { Desk } from "./desk.ts";
import { cliEnv } from "./run_cli.ts";

/** The steps of a renewal that the process itself knows of, in order. */
export const STEPS: readonly FaultPoint[] = [
  "locked",
  "settled",
  "read",
  "temp-created",
  "before-fn",
  "after-fn",
  "temp-written",
  "temp-synced",
  "renamed",
  "saved",
];

/** The steps at which nothing was asked of the issuer yet. */
export const BEFORE_REQUEST: ReadonlySet<FaultPoint> = new Set(STEPS.slice(0, 5));

/** The step at which the answer is in memory and nowhere else. */
export const IN_MEMORY: FaultPoint = "after-fn";

const CHILD = new URL("renewing_child.ts", import.meta.url).pathname;

/**
 * Renews the sign-in of a desk in a process of its own, and kills that at a step.
 *
 * @param desk Whose sign-in, and which issuer.
 * @param path The credential file.
 * @param step Where.
 * @param wrapper A program that runs it, with its arguments; `exec` must be its last act.
 */
export async function killAt(
  desk: Desk,
  path: string,
  step: FaultPoint,
  wrapper: readonly string[] = [],
): Promise<void> {
  const run = [Deno.execPath(), "run", "-q", "-A", "--cached-only", CHILD, path, step];
  const [program = "", ...args] = [...wrapper, ...run];
  const child = new Deno.Command(program, {
    args,
    env: { ...await cliEnv(desk.home.path), ...desk.env },
    clearEnv: true,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  try {
    await standsStill(child.stdout, step);
  } finally {
    child.kill("SIGKILL");
    await child.stdin.close().catch(() => {});
    await child.status;
  }
}

async function standsStill(stdout: ReadableStream<Uint8Array>, step: string): Promise<void> {
  let text = "";
  for await (const chunk of stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.includes(step)) return;
  }
  throw new Error(`the process ended before it came to ${step}`);
}
