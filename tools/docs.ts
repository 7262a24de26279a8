/**
 * Writes the pages that are made from the source: `docs/exit-status.md` from the table of error
 * codes, `docs/cli.md` from the definitions of the commands, `schema/events.v1.json` and
 * `docs/json-events.md` from the types of the events, `schema/scenario.v1.json` from the shapes of
 * scenario files. With `--check` it writes nothing and fails when a page is out of date.
 */
import { ERROR_TABLE, type ErrorCode } from "../src/base/errors.ts";
import { scenarioSchema } from "../src/testing/scenario_file.ts";
import { cliPage } from "./cli_page.ts";
import { eventSchema } from "./event_schema.ts";
import { eventsPage } from "./events_page.ts";

/** Statuses that no error code stands for. */
const OTHER: readonly (readonly [status: number, code: string, meaning: string])[] = [
  [0, "", "done"],
  [141, "", "the reader of stdout has gone; nothing is said, as with SIGPIPE"],
  [143, "`aborted`", "ended by SIGTERM, or by the end of its terminal (SIGHUP)"],
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
    "Every failure prints one line `codex: …` on stderr and one line `hint: …` with what to do next, which",
    "an interruption alone does not have. With `--json` both are members of one object on stdout, and",
    "stderr stays silent.",
    "",
    "A signal ends a command though its parent may have it ignored, as `nohup` does: to outlive a terminal,",
    "start it with `setsid`. Signals that come within a quarter of a second are one; a later one ends it at",
    "once.",
    "",
  ].join("\n");
}

const PAGES: readonly (readonly [name: string, page: () => string | Promise<string>])[] = [
  ["docs/exit-status.md", exitStatusPage],
  ["docs/cli.md", cliPage],
  ["docs/json-events.md", eventsPage],
  ["schema/events.v1.json", async () => JSON.stringify(await eventSchema())],
  ["schema/scenario.v1.json", () => JSON.stringify(scenarioSchema())],
];

/** A page as the formatter leaves it. */
async function formatted(name: string, page: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", name.slice(name.lastIndexOf(".") + 1), "-"],
    cwd: new URL("..", import.meta.url),
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(page));
  await writer.close();
  const { success, stdout } = await output;
  if (!success) throw new Error(`${name} cannot be formatted`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  const check = Deno.args.includes("--check");
  for (const [name, page] of PAGES) {
    const file = new URL(`../${name}`, import.meta.url);
    const content = await formatted(name, await page());
    if (!check) await Deno.writeTextFile(file, content);
    else if (await Deno.readTextFile(file) !== content) {
      throw new Error(`${name} is out of date: deno task docs`);
    }
  }
}
