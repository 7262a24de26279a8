/**
 * Bundles the command into `dist/`: one small entry and a chunk for each part that is loaded on
 * use. What comes out runs with Deno alone, from any folder.
 */
import { denoOutput, print, removeIfThere, ROOT } from "./process.ts";

const DIST = new URL("dist/", ROOT);

/** Builds, and tries what was built. */
async function build(): Promise<boolean> {
  await removeIfThere(DIST);
  const bundled = await denoOutput([
    "bundle",
    "-q",
    "--frozen",
    "--minify",
    "--code-splitting",
    "--outdir",
    "dist",
    "cli.ts",
  ]);
  if (!bundled.success) {
    print(bundled.stdout + bundled.stderr);
    return false;
  }
  for (const args of [["--version"], ["--help"]]) {
    if (!await runs(args)) return false;
  }
  let bytes = 0;
  let files = 0;
  for await (const { name } of Deno.readDir(DIST)) {
    bytes += (await Deno.stat(new URL(name, DIST))).size;
    files++;
  }
  print(`dist/: ${files} files, ${Math.ceil(bytes / 1024)} KiB`);
  return true;
}

/** Whether the bundle answers in a folder without configuration, lock or cached packages. */
async function runs(args: readonly string[]): Promise<boolean> {
  const elsewhere = await Deno.makeTempDir();
  try {
    const entry = new URL("cli.js", DIST).href;
    const flags = ["run", "-q", "--no-prompt", "--no-config", "--no-lock", "--no-remote", "-A"];
    const env = { HOME: elsewhere, DENO_DIR: elsewhere, NO_COLOR: "1" };
    const tried = await denoOutput([...flags, entry, ...args], { cwd: elsewhere, env });
    if (tried.success && tried.stdout.startsWith(args[0] === "--version" ? "codex " : "")) {
      return true;
    }
    print(`dist/cli.js ${args.join(" ")} does not run:\n${tried.stdout}${tried.stderr}`);
    return false;
  } finally {
    await Deno.remove(elsewhere, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await build() ? 0 : 1);
