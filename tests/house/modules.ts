/** What imports what, as Deno resolves it. */
import { TempDir } from "../support/temp_dir.ts";

/** The project's folder, with a slash at the end. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** One import. */
export interface Import {
  /** The specifier as it is written. */
  readonly specifier: string;
  /** What it leads to: a path from the project's folder, or the resolved specifier. */
  readonly target: string;
  /** Only loaded when it is called. */
  readonly lazy: boolean;
  /** Only of types, and so not loaded at all. */
  readonly typeOnly: boolean;
}

/** Every module of the project with its imports, both by paths from the project's folder. */
export type Modules = ReadonlyMap<string, readonly Import[]>;

/** The entries that stand above every floor. */
export const ENTRIES: readonly string[] = ["cli.ts", "mod.ts", "testing.ts", "tools.ts"];

/** Every source file, sorted. */
export async function sourceFiles(folder: string = "src"): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sourceFiles(path));
    else if (path.endsWith(".ts")) found.push(path);
  }
  return found.sort();
}

/** Reads the imports of every source file from `deno info --json`. */
export async function readModules(): Promise<Modules> {
  await using dir = await TempDir.make();
  const files = [...ENTRIES, ...await sourceFiles()];
  const lines = files.map((file) => `import ${JSON.stringify(new URL(file, ROOT).href)};\n`);
  const all = await dir.write("all.ts", lines.join(""));
  const config = new URL("deno.json", ROOT).pathname;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "-q", "--json", "--frozen", "--config", config, all],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  const info: InfoJson = JSON.parse(decoder.decode(stdout));
  const modules = new Map<string, readonly Import[]>();
  for (const { specifier, error, dependencies = [] } of info.modules) {
    const path = pathOf(specifier);
    if (!files.includes(path)) continue;
    if (error !== undefined) throw new Error(`${path}: ${error}`);
    modules.set(path, dependencies.map(importOf));
  }
  return modules;
}

/** The part of `deno info --json` that is used. */
interface InfoJson {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly Dependency[];
  }[];
}

interface Dependency {
  readonly specifier: string;
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier?: string; readonly error?: string };
  readonly type?: { readonly specifier?: string; readonly error?: string };
}

function importOf({ specifier, isDynamic, code, type }: Dependency): Import {
  const resolved = code ?? type;
  return {
    specifier,
    target: pathOf(resolved?.specifier ?? specifier),
    lazy: isDynamic ?? false,
    typeOnly: code === undefined,
  };
}

function pathOf(specifier: string): string {
  return specifier.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : specifier;
}

/** Everything that is loaded along with a module before it runs, itself included. */
export function loadedWith(modules: Modules, start: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const { target, lazy, typeOnly } of modules.get(path) ?? []) {
      if (!lazy && !typeOnly) visit(target);
    }
  };
  visit(start);
  return seen;
}
