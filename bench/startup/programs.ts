/** What is started: the command from its bundle and from source, and programs that import the library. */
import type { Server } from "../peers/measure.ts";

/** A program that is measured. */
export interface Program {
  /** What it is called in the table. */
  readonly name: string;
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** What ends the measurement: its end, or the first byte of its answer. */
  readonly until: "end" | "first byte";
  /** The most, in times of the empty program; absent for what is only shown. */
  readonly limit?: Limit;
}

/** A limit with the reason for it. */
export interface Limit {
  readonly most: number;
  readonly why: string;
}

/** What all are measured beside. */
export const EMPTY = "an empty program";

/** `--cached-only`, so that no network is waited for; permissions cost half a millisecond at most. */
const DENO = [Deno.execPath(), "run", "-q", "--no-prompt", "--cached-only"];

/** What people wait for at a prompt. */
const LIMITS = {
  version: { most: 1.2, why: "answered before anything else is loaded" },
  help: { most: 1.4, why: "the table of commands and options, and no command" },
  status: { most: 1.5, why: "one file is read, and nothing is sent" },
  run: { most: 2.1, why: "one request; what is above its bare fetch is ours" },
  library: { most: 1.2, why: "what is not called is not loaded" },
} satisfies Record<string, Limit>;

/**
 * Writes the programs into a folder, and a sign-in for them.
 *
 * @param folder Where to; none of the project's configuration may apply there.
 * @param server What `run` asks, at once.
 * @param root The project's folder.
 * @param bundle The folder of the bundle, which is copied as it would be installed.
 * @returns The empty program first.
 */
export async function programs(
  folder: string,
  server: Server,
  root: string,
  bundle: string,
): Promise<readonly Program[]> {
  await Deno.writeTextFile(`${folder}/empty.ts`, "");
  await Deno.writeTextFile(`${folder}/import.ts`, `import "${root}mod.ts";\n`);
  await Deno.writeTextFile(
    `${folder}/stream.ts`,
    `import { stream } from "${root}mod.ts";\nexport const ask = () => stream("");\n`,
  );
  const sign = JSON.stringify({ openai: server.credentials });
  await Deno.writeTextFile(`${folder}/auth.json`, sign, { mode: 0o600 });
  await Deno.mkdir(`${folder}/bundle`);
  for await (const { name, isFile } of Deno.readDir(bundle)) {
    if (isFile && name.endsWith(".js")) {
      await Deno.copyFile(`${bundle}/${name}`, `${folder}/bundle/${name}`);
    }
  }
  // The library's packages are named in the project's configuration: the empty program has it too.
  const config = ["--config", `${root}deno.json`];
  const { access, accountId } = server.credentials;
  return [
    { name: EMPTY, command: [...DENO, "-A", `${folder}/empty.ts`], until: "end" },
    ...uses("bundle", [...DENO, "-A", `${folder}/bundle/cli.js`], LIMITS),
    {
      name: "bare `fetch`, first delta",
      command: [
        "env",
        `BARE_URL=${server.baseUrl}/responses`,
        `BARE_ACCESS=${access}`,
        `BARE_ACCOUNT=${accountId}`,
        ...[...DENO, "-A", "--no-config", `${root}bench/peers/bare_fetch.ts`, "hi"],
      ],
      until: "first byte",
    },
    // As `deno task start` runs it.
    ...uses("source", [...DENO, "-A", "--unstable-lazy-dynamic-imports", `${root}cli.ts`], {}),
    {
      name: "empty, configured as the project",
      command: [...DENO, ...config, `${folder}/empty.ts`],
      until: "end",
    },
    {
      name: "import of mod.ts",
      command: [...DENO, ...config, `${folder}/import.ts`],
      until: "end",
      limit: LIMITS.library,
    },
    {
      name: "import of `stream`, not called",
      command: [...DENO, ...config, `${folder}/stream.ts`],
      until: "end",
      limit: LIMITS.library,
    },
    {
      name: "the same, lazy-dynamic-imports",
      command: [...DENO, "--unstable-lazy-dynamic-imports", ...config, `${folder}/stream.ts`],
      until: "end",
    },
  ];
}

/** The uses of the command that are measured. */
function uses(
  from: string,
  command: readonly string[],
  { version, help, status, run }: Partial<typeof LIMITS>,
): readonly Program[] {
  const until = "end";
  const first = "first byte";
  return [
    {
      name: `${from}: --version`,
      command: [...command, "--version"],
      until,
      ...limited(version),
    },
    { name: `${from}: --help`, command: [...command, "--help"], until, ...limited(help) },
    { name: `${from}: status`, command: [...command, "status"], until, ...limited(status) },
    {
      name: `${from}: run, first delta`,
      command: [...command, "run", "hi"],
      until: first,
      ...limited(run),
    },
    {
      name: `${from}: run --no-tools, first delta`,
      command: [...command, "run", "--no-tools", "hi"],
      until: first,
    },
  ];
}

function limited(limit: Limit | undefined): { readonly limit?: Limit } {
  return limit === undefined ? {} : { limit };
}
