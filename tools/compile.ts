/**
 * Compiles the bundle into one executable: `dist/codex` for this machine, or `dist/codex-TARGET` for
 * each target that is named; `--all` names the five usual ones.
 *
 * Its permissions are those that the entry asks for in its first line, the least that the tool's work
 * leaves possible:
 *
 * - read and write are without bounds, since `-f`, `-o`, `--session`, `--auth-file` and the patches of a
 *   run go where the user says, and since Deno would fix a path at the time of compiling, on the
 *   machine that compiles.
 * - net is without bounds: the addresses can be set, a proxy may stand between, the callback of a
 *   sign-in listens.
 * - run is: a run's commands go through bwrap, sandbox-exec or a shell, and `BROWSER` may name any
 *   program. A list of names would shut nothing out while a shell is on it.
 * - env is: commands inherit it, and which variables steer TLS, proxies and terminals is for others
 *   to say.
 * - of sys only the user's number, to tell whose file the sign-in is; no foreign code (ffi); no
 *   question is ever asked (`--no-prompt`), and no code is loaded from anywhere but the executable.
 *
 * So these permissions are a second wall at most. What holds a model's commands is the sandbox.
 */
import { build, DIST, NOTICES } from "./build.ts";
import { denoOutput, print } from "./process.ts";
import { permissionsOf } from "./release/permissions.ts";
import { assetName, TARGETS } from "./release/targets.ts";

/** What is compiled, and what for. */
export interface CompileOptions {
  /** The folder of the bundle. */
  readonly bundle: URL;
  /** Where the executable goes. */
  readonly output: URL;
  /** The platform, in Deno's name for it; this one when absent. */
  readonly target?: string;
}

/**
 * Compiles.
 *
 * `DENORT_BIN` in the environment names another base than the one that Deno fetches.
 *
 * @returns What Deno prints: the embedded files with their sizes.
 * @throws Error with what Deno says when that does not work.
 */
export async function compile({ bundle, output, target }: CompileOptions): Promise<string> {
  const permissions = permissionsOf(await Deno.readTextFile(new URL("cli.js", bundle)));
  const { success, stdout, stderr } = await denoOutput([
    "compile",
    "--no-check",
    "--no-config",
    "--no-lock",
    "--no-remote",
    "--no-npm",
    "--no-prompt",
    "--deny-import",
    ...permissions,
    "--app-name=codex",
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...await included(bundle),
    "--output",
    filePath(output),
    filePath(new URL("cli.js", bundle)),
  ]);
  if (!success) throw new Error(stdout + stderr);
  return stdout + stderr;
}

/** All that is loaded later, which the entry's graph does not show, and the licences. */
async function included(bundle: URL): Promise<readonly string[]> {
  const names: string[] = [NOTICES];
  for await (const { name } of Deno.readDir(bundle)) {
    if (name.endsWith(".js") && name !== "cli.js") names.push(name);
  }
  return names.sort().flatMap((name) => ["--include", filePath(new URL(name, bundle))]);
}

/** A path of this system. */
function filePath(url: URL): string {
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

/** The targets that are named on the command line. */
function named(args: readonly string[]): readonly (typeof TARGETS)[number][] {
  if (args.includes("--all")) return TARGETS;
  return args.map((triple) => {
    const target = TARGETS.find((one) => one.triple === triple);
    if (target !== undefined) return target;
    const known = TARGETS.map((one) => one.triple).join(", ");
    throw new Error(`There is no target "${triple}"; the targets are ${known}`);
  });
}

if (import.meta.main) {
  const targets = named(Deno.args);
  await build();
  const outputs = targets.length > 0
    ? targets.map((target) => ({ name: assetName(target), target: target.triple }))
    : [{ name: Deno.build.os === "windows" ? "codex.exe" : "codex" }];
  for (const { name, ...target } of outputs) {
    await compile({ bundle: DIST, output: new URL(name, DIST), ...target });
    print(`dist/${name}`);
  }
}
