/**
 * A folder in which other people's packages are installed, and this one as it is packed for npm.
 * They stay out of the project: neither deno.json nor the lock file knows of them.
 */
import { lower, LOWERING, pack } from "../../tools/npm.ts";
import { TempDir } from "./temp_dir.ts";

const ROOT = new URL("../../", import.meta.url);

/** What is installed. */
const PACKAGES = [
  "openai@6",
  "ai@5",
  "@ai-sdk/openai@2",
  "zod@4",
  "arktype@2",
  "valibot@1",
  "@valibot/to-json-schema@1",
  // A Node of its own, whatever is installed here.
  "node@22",
  LOWERING,
];

/** The folder, or why there is none. */
export type NpmFolder = { readonly dir: TempDir } | { readonly missing: string };

/** Makes the folder: a few seconds, and some megabytes from the registry. */
export async function makeNpmFolder(): Promise<NpmFolder> {
  const dir = await TempDir.make();
  try {
    await pack(dir.join("codex.tgz"));
    const own = await ownImports();
    await dir.write("package.json", '{ "private": true, "type": "module" }');
    const packages = [...PACKAGES, ...own.packages, "./codex.tgz"];
    await run(["npm", "install", "--no-audit", "--no-fund", "--silent", ...packages], dir.path);
    await lower(dir.join("node_modules/@x/codex"), [dir.join("node_modules/.bin/esbuild")]);
    const config = {
      nodeModulesDir: "manual",
      imports: own.imports,
      compilerOptions: { strict: true },
    };
    await dir.write("deno.json", JSON.stringify(config));
    return { dir };
  } catch (error) {
    await dir[Symbol.asyncDispose]();
    const why = error instanceof Error ? error.message.trim().split("\n").at(-1) : error;
    return { missing: `needs packages from npm, which cannot be installed here: ${why}` };
  }
}

/** The project's own imports: this package from its source, the others by their names. */
async function ownImports(): Promise<{ imports: Record<string, string>; packages: string[] }> {
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const all = Object.entries(imports).map(([name, target]): [string, string] =>
    target.startsWith("./") ? [name, new URL(target, ROOT).href] : [name, target]
  );
  const used = /eventsource-parser|jose@|json-schema/;
  const packages = Object.values(imports).filter((target) => used.test(target));
  return {
    imports: Object.fromEntries(all),
    packages: packages.map((target) => /^npm:(@?[^@]+@[^/]+)/.exec(target)?.[1] ?? ""),
  };
}

async function run([program = "", ...args]: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd, stdin: "null" })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
