/**
 * Tests that need an installed program. Where it is missing they are ignored and say why; with
 * `CODEX_TEST_REQUIRE_ALL=1`, as in CI, a missing program is a failure.
 */

/** The programs that tests use, with what shows that each works here. */
const PROBES = {
  bash: ["--version"],
  busybox: ["true"],
  bwrap: ["--unshare-all", "--ro-bind", "/", "/", "true"],
  chromium: ["--version"],
  curl: ["--version"],
  dash: ["-c", "true"],
  fish: ["--version"],
  git: ["--version"],
  jq: ["--version"],
  make: ["--version"],
  node: ["--version"],
  openssl: ["version"],
  perl: ["-MSocket", "-e", "1"],
  python3: ["--version"],
  "redis-server": ["--version"],
  setpriv: ["--version"],
  tmux: ["-V"],
  zsh: ["--version"],
} as const;

/** A program that a test may need. */
export type Program = keyof typeof PROBES;

const works = new Map<Program, boolean>();

/** Whether a program is installed and does its simplest work here. */
export function hasProgram(program: Program): boolean {
  const known = works.get(program);
  if (known !== undefined) return known;
  let found = false;
  try {
    const { success } = new Deno.Command(program, {
      args: [...PROBES[program]],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync();
    found = success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  works.set(program, found);
  return found;
}

/**
 * Registers a test that needs programs.
 *
 * @param programs What it needs.
 * @param name Its name.
 * @param fn The test.
 */
export function testWith(
  programs: readonly Program[],
  name: string,
  fn: (t: Deno.TestContext) => void | Promise<void>,
): void {
  const missing = programs.filter((program) => !hasProgram(program));
  if (missing.length === 0) return Deno.test(name, fn);
  const why = `needs ${missing.join(" and ")}, which is not installed or does not work here`;
  const required = Deno.env.get("CODEX_TEST_REQUIRE_ALL") === "1";
  Deno.test({
    name: `${name} (${why})`,
    ignore: !required,
    fn: () => {
      throw new Error(why);
    },
  });
}
