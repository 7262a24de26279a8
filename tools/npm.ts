/**
 * Packs the library for npm, into `dist/`: what `deno pack` makes, in words that Node 22 knows, with
 * the bundled command beside it. Deno 2.9.6 leaves `using` as it is, and Node has it from 24 on.
 */
import { build, DIST } from "./build.ts";
import { denoOutput, print } from "./process.ts";
import { HOST, REPOSITORY } from "./release/home.ts";

/** What puts `using` in older words. */
export const LOWERING = "esbuild@0.25";

/** The oldest Node that the library is tried in. */
const OLDEST_NODE = 22;

/** Where the command is in the package. */
const COMMAND = "bin/codex.js";

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
  const files = await filesIn(folder, (name) => name.endsWith(".js"));
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

/** Where the names are from that TypeScript only knows in its newest library. */
const DISPOSABLE = '/// <reference lib="esnext.disposable" />\n';

/**
 * Lets the types of an unpacked package be read by whoever names an older library, such as ES2022.
 *
 * @param folder Where it is unpacked.
 */
export async function referToLib(folder: string): Promise<void> {
  for (const name of await filesIn(folder, (name) => name.endsWith(".d.ts"))) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    if (
      text.startsWith(DISPOSABLE) ||
      !/\b(?:Async)?Disposable\b|\[Symbol\.(?:d|asyncD)ispose\]/.test(text)
    ) {
      continue;
    }
    await Deno.writeTextFile(`${folder}/${name}`, DISPOSABLE + text);
  }
}

/**
 * Adds the command to an unpacked package, and takes out the sources that nothing in it imports: the
 * command's own.
 *
 * @param folder Where it is unpacked.
 * @param bundle The folder of the bundled command.
 */
export async function addCommand(folder: string, bundle: URL): Promise<void> {
  for (const name of await filesIn(folder, (name) => /(?<!\.d)\.ts$/.test(name))) {
    await Deno.remove(`${folder}/${name}`);
  }
  await Deno.mkdir(`${folder}/bin`);
  for await (const { name } of Deno.readDir(bundle)) {
    // Executables and packages lie there too.
    if (!/\.js$|^[A-Z_]+$/.test(name)) continue;
    await Deno.copyFile(new URL(name, bundle), `${folder}/bin/${name}`);
  }
  await Deno.copyFile(new URL("release/launcher.js", import.meta.url), `${folder}/${COMMAND}`);
  await Deno.chmod(`${folder}/${COMMAND}`, 0o755);
  const path = `${folder}/package.json`;
  const described = {
    ...JSON.parse(await Deno.readTextFile(path)),
    description: "A ChatGPT subscription as a Unix command and a small TypeScript library",
    repository: { type: "git", url: `git+${HOST}/${REPOSITORY}.git` },
    engines: { node: `>=${OLDEST_NODE}` },
    bin: { codex: `./${COMMAND}` },
  };
  await Deno.writeTextFile(path, `${JSON.stringify(described, undefined, 2)}\n`);
}

async function filesIn(
  folder: string,
  wanted: (name: string) => boolean,
  below: string = "",
): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${below}`)) {
    if (isDirectory) found.push(...await filesIn(folder, wanted, `${below}${name}/`));
    else if (wanted(name)) found.push(below + name);
  }
  return found;
}

async function run([program = "", ...args]: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd, stdin: "null" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** All of it: built, packed, unpacked, rewritten, completed, packed again. */
async function npm(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "codex_npm_" });
  try {
    await build();
    await pack(`${folder}/package.tgz`);
    await run(["tar", "xzf", "package.tgz"], folder);
    const esbuild = ["npm", "exec", "--yes", `--package=${LOWERING}`, "--", "esbuild"];
    await lower(`${folder}/package`, esbuild);
    await referToLib(`${folder}/package`);
    await addCommand(`${folder}/package`, DIST);
    await run(
      ["npm", "pack", "--silent", "--pack-destination", DIST.pathname],
      `${folder}/package`,
    );
    print("the package for npm is in dist/");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await npm();
