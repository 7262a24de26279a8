/**
 * Packs the library for npm, into `dist/`: what `deno pack` makes, in words that Node 22 knows.
 * Deno 2.9.6 leaves `using` as it is, and Node has it from 24 on.
 */
import { denoOutput, print, ROOT } from "./process.ts";

/** What puts `using` in older words. */
export const LOWERING = "esbuild@0.25";

/**
 * Packs the library as it is.
 *
 * @param path Where to; a `.tgz`.
 * @throws Error with what Deno says when that does not work.
 */
export async function pack(path: string): Promise<void> {
  const { success, stderr } = await denoOutput(["pack", "-q", "--allow-dirty", "-o", path]);
  if (!success) throw new Error(stderr);
}

/**
 * Rewrites the modules of an unpacked package for Node 22.
 *
 * @param folder Where it is unpacked.
 * @param esbuild The program, and what comes before its own arguments.
 */
export async function lower(folder: string, esbuild: readonly string[]): Promise<void> {
  const files = await modulesIn(folder);
  await run([
    ...esbuild,
    ...files,
    "--supported:using=false",
    "--format=esm",
    "--log-level=warning",
    "--allow-overwrite",
    "--outdir=.",
    "--outbase=.",
  ], folder);
}

async function modulesIn(folder: string, below: string = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    if (isDirectory) found.push(...await modulesIn(folder, `${below}${name}/`));
    else if (name.endsWith(".js")) found.push(below + name);
  }
  return found;
}

async function run([program = "", ...args]: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd, stdin: "null" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** All of it: packed, unpacked, rewritten, packed again. */
async function npm(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "codex_npm_" });
  try {
    await pack(`${folder}/package.tgz`);
    await run(["tar", "xzf", "package.tgz"], folder);
    await lower(`${folder}/package`, [
      "npm",
      "exec",
      "--yes",
      `--package=${LOWERING}`,
      "--",
      "esbuild",
    ]);
    const dist = new URL("dist/", ROOT);
    await Deno.mkdir(dist, { recursive: true });
    await run(
      ["npm", "pack", "--silent", "--pack-destination", dist.pathname],
      `${folder}/package`,
    );
    print("the package for npm is in dist/");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await npm();
