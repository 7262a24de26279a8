/**
 * Tests of the browser sign-in need the two ports to which the issuer lets a browser come back.
 * They take turns with those of another run, and where another program holds a port they are
 * ignored and say so; with `CODEX_TEST_REQUIRE_ALL=1`, as in CI, that is a failure.
 *
 * Only one test file may import this: its tests run one after another.
 */
import { CALLBACK_PORTS } from "../../src/protocol/endpoints.ts";
import { type Program, testWith } from "./need.ts";

/** How long a run that has just ended may still hold a port. */
const PATIENCE_MS = 10_000;

// Held until the process ends.
const turn = await Deno.open(
  `${Deno.env.get("TMPDIR") ?? Deno.env.get("TEMP") ?? "/tmp"}/codex_test_ports.lock`,
  { create: true, read: true, write: true },
);
await turn.lock(true);
const taken = await takenPorts();

/**
 * Registers a test that needs the ports.
 *
 * @param programs The programs that it needs as well.
 * @param name Its name.
 * @param fn The test.
 */
export function testOnPorts(
  programs: readonly Program[],
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  if (taken.length === 0) return testWith(programs, name, fn);
  const why = `needs port ${taken.join(" and ")}, which another program holds`;
  Deno.test({
    name: `${name} (${why})`,
    ignore: Deno.env.get("CODEX_TEST_REQUIRE_ALL") !== "1",
    fn: () => {
      throw new Error(why);
    },
  });
}

async function takenPorts(): Promise<readonly number[]> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = CALLBACK_PORTS.filter(isTaken);
    if (found.length === 0 || Date.now() > end) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isTaken(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return false;
  } catch {
    return true;
  }
}
