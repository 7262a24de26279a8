/** What is run when somebody types `codex`: the official client bears the same name. */
import { isAbsolute, join } from "../../base/path.ts";
import type { Env } from "../../base/platform.ts";
import { type Finding, note, ok } from "./finding.ts";

/** What is looked at. */
export interface InstallationFacts {
  /** Reads the environment. */
  readonly env: Env;
  /** The operating system, in Deno's names. */
  readonly os: string;
  /** What this process is: its program, and the module that it began with. */
  readonly self: { readonly program: string; readonly main: string };
  /** Where a file really is, without links; `undefined` where there is none. */
  readonly realPath: (path: string) => Promise<string | undefined>;
}

const ABOUT = "install";
const INSTEAD = "Install this one under another name: install.sh --name codex-deno";

/** Looks for every `codex` on the path. Nothing is run. */
export async function checkInstallation(facts: InstallationFacts): Promise<readonly Finding[]> {
  const { self } = facts;
  const compiled = !/(?:^|[\\/])deno(?:\.exe)?$/i.test(self.program);
  const own = ok(
    ABOUT,
    compiled ? `the compiled command, ${self.program}` : `run by deno from ${self.main}`,
  );
  const others = await installed(facts);
  return [own, ...others.map((other, at) => told(other, at === 0))];
}

/** A program: where it was found, and where it is. */
interface Found {
  readonly path: string;
  readonly real: string;
}

/** Those that are somebody else's, in the order of the path. */
async function installed({ env, os, self, realPath }: InstallationFacts): Promise<Found[]> {
  const windows = os === "windows";
  const names = windows ? ["codex.exe", "codex.cmd"] : ["codex"];
  const folders = (env("PATH") ?? "").split(windows ? ";" : ":")
    .filter((folder) => isAbsolute(os, folder));
  const program = await realPath(self.program);
  const seen = new Set([program, await realPath(self.main)]);
  const found: Found[] = [];
  for (const folder of folders) {
    for (const name of names) {
      const path = join(os, folder, name);
      const real = await realPath(path);
      if (real === undefined || seen.has(real) || await startsUs(real, self.main)) continue;
      seen.add(real);
      found.push({ path, real });
    }
  }
  return found;
}

/** Whether it is a script that starts this command, such as `deno install --global` writes. */
async function startsUs(path: string, main: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    const start = new Uint8Array(2048);
    const count = await file.read(start) ?? 0;
    const text = new TextDecoder().decode(start.subarray(0, count));
    return /^(?:#!|@|%)/.test(text) && (text.includes(main) || text.includes("@x/codex"));
  } catch {
    return false;
  }
}

function told({ path, real }: Found, first: boolean): Finding {
  const official = /@openai[\\/]codex/.test(real) ? "the official client" : "another program";
  return note(
    ABOUT,
    first ? `"codex" on the PATH is ${official}: ${path}` : `one more "codex" is at ${path}`,
    INSTEAD,
  );
}
