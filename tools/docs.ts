/**
 * Writes the pages that are made from the source: `docs/exit-status.md` from the table of error
 * codes. With `--check` it writes nothing and fails when a page is out of date.
 */
import { ERROR_TABLE, type ErrorCode } from "../src/base/errors.ts";

/** Statuses that no error code stands for. */
const OTHER: readonly (readonly [status: number, code: string, meaning: string])[] = [
  [0, "", "done"],
  [141, "", "the reader of stdout has gone; nothing is said, as with SIGPIPE"],
  [143, "`aborted`", "ended by SIGTERM"],
];

/** The page of exit statuses. */
export function exitStatusPage(): string {
  const rows = [
    ...OTHER,
    ...(Object.keys(ERROR_TABLE) as ErrorCode[]).map((code) => {
      const { exit, retryable, meaning } = ERROR_TABLE[code];
      return [exit, `\`${code}\``, retryable ? `${meaning} (may work later)` : meaning] as const;
    }),
  ].sort((one, other) => one[0] - other[0]);
  return [
    "# Exit statuses and error codes",
    "",
    "Frozen: a script may rely on every line. The codes are those of `CodexError.code` in the library",
    "and of the `error` object that `--json` prints. This page is made from `src/base/errors.ts` by",
    "`deno task docs`.",
    "",
    "| status | code | meaning |",
    "| ---: | --- | --- |",
    ...rows.map(([status, code, meaning]) => `| ${status} | ${code} | ${meaning} |`),
    "",
    "Every failure prints one line `codex: …` on stderr and one line `hint: …` with what to do next. With",
    "`--json` both are members of one object on stdout, and stderr stays silent.",
    "",
  ].join("\n");
}

const PAGES: readonly (readonly [name: string, page: () => string])[] = [
  ["docs/exit-status.md", exitStatusPage],
];

/** A page as the formatter leaves it. */
async function formatted(page: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    cwd: new URL("..", import.meta.url),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(page));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

if (import.meta.main) {
  const check = Deno.args.includes("--check");
  for (const [name, page] of PAGES) {
    const file = new URL(`../${name}`, import.meta.url);
    const content = await formatted(page());
    if (!check) await Deno.writeTextFile(file, content);
    else if (await Deno.readTextFile(file) !== content) {
      throw new Error(`${name} is out of date: deno task docs`);
    }
  }
}
