/**
 * Bundles the command into `dist/`: one small entry and a chunk for each part that is loaded on
 * use. What comes out runs with Deno alone, from any folder, and is the same bytes wherever it is
 * built.
 */
import { denoOutput, print, removeIfThere, ROOT } from "./process.ts";
import { withStableNames } from "./release/chunk_names.ts";
import { type Bundle, type Pack, packed } from "./release/pack.ts";
import { noticesOf } from "./release/notices.ts";
import { rehearse } from "./release/rehearsal.ts";
import { disposalsIn } from "./release/disposals.ts";
import { compiledAtOnce } from "./release/eager.ts";
import { permissionsOf } from "./release/permissions.ts";

/** Where the bundle goes. */
export const DIST: URL = new URL("dist/", ROOT);

/** The licences of what is bundled, beside it. */
export const NOTICES = "THIRD_PARTY_NOTICES";

/** What the bundle may weigh, licences included: loading it is a part of every start. */
export const MOST_BYTES = 700_000;

/** What is loaded at one go: by each command, by `codex run`, and at its first tool call. */
const PACKS: readonly Pack[] = [
  { name: "core", entries: ["process", "status"] },
  { name: "run", entries: ["run", "tools"] },
  { name: "calls", entries: ["calls", "shell_call", "apply_patch_call", "create_sandbox"] },
];

/** When every file of the bundle was written, as it says: an executable embeds it (Deno 2.9.6). */
const WRITTEN: Date = new Date("2020-01-01T00:00:00Z");

/**
 * Builds. What was built before stays until all is done, and is replaced as a whole.
 *
 * @returns How many files and bytes it made.
 * @throws Error when it cannot be built, does not run, or has become too large.
 */
export async function build(): Promise<{ readonly files: number; readonly bytes: number }> {
  const made = await Deno.makeTempDir({ dir: ROOT.pathname, prefix: ".dist-" });
  const folder = new URL(`file://${made}/`);
  try {
    await Deno.chmod(folder, 0o755);
    await bundleCommand(folder, ["--minify"]);
    await arrangeChunks(folder);
    await checkDisposals(folder);
    await Deno.writeTextFile(new URL(NOTICES, folder), await noticesOf("cli.ts"));
    for (const [args, wanted] of TRIED) await tryOut(folder, args, wanted);
    let bytes = 0;
    const names = await namesIn(folder);
    for (const name of names) {
      const file = new URL(name, folder);
      await Deno.utime(file, WRITTEN, WRITTEN);
      bytes += (await Deno.stat(file)).size;
    }
    if (bytes > MOST_BYTES) throw new Error(`dist/ has ${bytes} bytes, more than ${MOST_BYTES}`);
    await removeIfThere(DIST);
    await Deno.rename(folder, DIST);
    return { files: names.length, bytes };
  } finally {
    await removeIfThere(folder);
  }
}

async function bundleCommand(folder: URL, flags: readonly string[]): Promise<void> {
  const output = ["--code-splitting", "--outdir", folder.pathname];
  const { success, stdout, stderr } = await denoOutput(
    ["bundle", "-q", "--frozen", ...flags, ...output, "cli.ts"],
  );
  if (!success) throw new Error(stdout + stderr);
}

/** Holds the bundle against one that is only put together. */
async function checkDisposals(made: URL): Promise<void> {
  const folder = await Deno.makeTempDir();
  const plain = new URL(`file://${folder}/`);
  try {
    await bundleCommand(plain, []);
    const [wanted, left] = [
      disposalsIn(await scriptsIn(plain)),
      disposalsIn(await scriptsIn(made)),
    ];
    if (left === wanted) return;
    throw new Error(
      `${
        wanted - left
      } of ${wanted} \`using\` are lost in dist/: a variable that is used just once, ` +
        "in the next statement, has to be disposed of in a `finally`",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function scriptsIn(folder: URL): Promise<readonly string[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".js"));
  return await Promise.all(names.map((name) => Deno.readTextFile(new URL(name, folder))));
}

/** Gives the chunks their names, packs those that are loaded together, and readies what starts call. */
async function arrangeChunks(folder: URL): Promise<void> {
  const before = new Map<string, string>();
  for (const name of await namesIn(folder)) {
    before.set(name, await Deno.readTextFile(new URL(name, folder)));
    await Deno.remove(new URL(name, folder));
  }
  const chunks = await withStableNames(before);
  const files = await packed(chunks, "cli.js", PACKS, bundle);
  for (const [name, text] of files) await Deno.writeTextFile(new URL(name, folder), text);
  const calls = await rehearse(folder, "core.js");
  for (const { name } of PACKS) {
    const file = `${name}.js`;
    const text = compiledAtOnce(files.get(file) ?? "", calls.get(file) ?? (() => false));
    await Deno.writeTextFile(new URL(file, folder), text);
  }
}

const bundle: Bundle = async (files, entry, external) => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of files) await Deno.writeTextFile(`${folder}/${name}`, text);
    const others = external.flatMap((name) => ["--external", `./${name}`]);
    const output = `${folder}/packed/${entry}`;
    const flags = ["-q", "--no-config", "--no-lock", "--minify", ...others, "--output", output];
    const { success, stdout, stderr } = await denoOutput([
      "bundle",
      ...flags,
      `${folder}/${entry}`,
    ]);
    if (!success) throw new Error(stdout + stderr);
    return await Deno.readTextFile(output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
};

async function namesIn(folder: URL): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

/** What is tried, and what it has to print: each loads other chunks. */
const TRIED: readonly (readonly [args: readonly string[], wanted: RegExp])[] = [
  [["--version"], /^codex \d+\.\d+\.\d+\S*\n$/],
  [["--help"], /^USAGE\n/],
  [["completions", "bash"], /^# Completions/],
  [["completions", "--list", "models"], /^[\w.-]+\n/],
];

/** Runs the bundle in a folder without configuration, lock or cached packages. */
async function tryOut(folder: URL, args: readonly string[], wanted: RegExp): Promise<void> {
  const elsewhere = await Deno.makeTempDir();
  try {
    const entry = new URL("cli.js", folder);
    const permissions = permissionsOf(await Deno.readTextFile(entry));
    const flags = ["run", "-q", "--no-prompt", "--no-config", "--no-lock", "--no-remote"];
    const env = { HOME: elsewhere, LOCALAPPDATA: elsewhere, DENO_DIR: elsewhere, NO_COLOR: "1" };
    const { success, stdout, stderr } = await denoOutput(
      [...flags, ...permissions, entry.href, ...args],
      { cwd: elsewhere, env },
    );
    if (success && wanted.test(stdout) && stderr === "") return;
    throw new Error(`dist/cli.js ${args.join(" ")} does not run:\n${stdout}${stderr}`);
  } finally {
    await Deno.remove(elsewhere, { recursive: true });
  }
}

if (import.meta.main) {
  const { files, bytes } = await build();
  print(`dist/: ${files} files, ${Math.ceil(bytes / 1024)} KiB`);
}
