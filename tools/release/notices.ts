/** The licences of what is bundled, as they ask to be kept with every copy. */
import { denoOutput } from "../process.ts";

/** A package as `deno info --json` tells it. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly localPath: string;
}

interface Info {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, Package>>;
}

const LICENCE_FILE = /^licen[cs]e(\.(md|txt))?$/i;

/**
 * Gathers the notices.
 *
 * @param entry What is bundled.
 * @returns The text, the packages in the order of their names.
 * @throws Error for a package whose licence is not to be found.
 */
export async function noticesOf(entry: string): Promise<string> {
  const { success, stdout, stderr } = await denoOutput(["info", "-q", "--frozen", "--json", entry]);
  if (!success) throw new Error(stderr);
  const parts = await Promise.all(bundled(JSON.parse(stdout)).map(notice));
  return ["This program holds code of these packages.", ...parts].join(`\n\n${"-".repeat(80)}\n\n`);
}

/** The packages that are imported, with what they depend on. */
function bundled({ modules, npmPackages }: Info): readonly Package[] {
  const found = new Map<string, Package>();
  const add = (id: string): void => {
    const one = npmPackages[id];
    if (one === undefined || found.has(id)) return;
    found.set(id, one);
    one.dependencies.forEach(add);
  };
  for (const { npmPackage } of modules) if (npmPackage !== undefined) add(npmPackage);
  return [...found.values()].sort((one, other) => one.name < other.name ? -1 : 1);
}

async function notice({ name, version, localPath }: Package): Promise<string> {
  for await (const { name: file, isFile } of Deno.readDir(localPath)) {
    if (!isFile || !LICENCE_FILE.test(file)) continue;
    const text = await Deno.readTextFile(`${localPath}/${file}`);
    return `${name} ${version}\n\n${text.replaceAll("\r\n", "\n").trim()}\n`;
  }
  return await noticeWithoutFile(name, version, localPath);
}

/** For a package that says in its package.json what its licence is, and brings no text of it. */
async function noticeWithoutFile(name: string, version: string, path: string): Promise<string> {
  const { license, author }: { license?: unknown; author?: unknown } = JSON.parse(
    await Deno.readTextFile(`${path}/package.json`),
  );
  if (typeof license !== "string" || !/^[\w.-]+$/.test(license)) {
    throw new Error(`${name} names no licence`);
  }
  const text = await Deno.readTextFile(new URL(`licences/${license}.txt`, import.meta.url));
  return `${name} ${version} (${license})\n\nBy ${String(author)}\n\n${text.trim()}\n`;
}
