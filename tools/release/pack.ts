/**
 * Puts chunks that are always loaded together into one file.
 *
 * The bundler makes a chunk of what the same entries share, so that a command which needs forty
 * modules loads twenty files, most of them of some hundred bytes. Each costs a tenth of a
 * millisecond at every start (Deno 2.9.6): to be found, read, looked up in the code cache, linked.
 */

/** A file to be made. */
export interface Pack {
  /** Its name, without the suffix. */
  readonly name: string;
  /** The chunks that it is made for, by their names without hash; what they import comes along. */
  readonly entries: readonly string[];
}

/** Bundles a file that imports others beside it. */
export type Bundle = (
  files: ReadonlyMap<string, string>,
  entry: string,
  external: readonly string[],
) => Promise<string>;

/** As the bundler writes them when it minifies. */
const IMPORT = /import(?:\{([^}]*)\}from)?"\.\/([^"]+)"/g;
const DYNAMIC_IMPORT = /\bimport\("(\.\/[^"]+)"\)/g;
// At the end, where only licences follow.
const EXPORT = /export\{([^}]*)\};?(?:\s|\/\*.*?\*\/)*$/;

/** What stands for a dynamic import while the bundler works, which would follow it. */
const LATER = "loadLater__";

/**
 * Packs the chunks.
 *
 * @param files The text of each file of the bundle by its name.
 * @param entry The file that all begins with: what it imports stays as it is.
 * @param packs What to make, those first that others import from.
 * @param bundle Bundles one.
 * @returns The packs, and the files that are in none of them, their imports changed along.
 */
export async function packed(
  files: ReadonlyMap<string, string>,
  entry: string,
  packs: readonly Pack[],
  bundle: Bundle,
): Promise<ReadonlyMap<string, string>> {
  const first = closure(files, [entry]);
  /** In which pack a chunk is. */
  const home = new Map<string, string>();
  for (const { name, entries } of packs) {
    for (const file of closure(files, entries.map((base) => chunkOf(files, base)))) {
      if (!first.has(file) && !home.has(file)) home.set(file, `${name}.js`);
    }
  }
  const packFiles = packs.map(({ name }) => `${name}.js`);
  const found = new Map<string, string>();
  for (const pack of packFiles) {
    const members = [...home.keys()].filter((file) => home.get(file) === pack);
    const texts = new Map<string, string>([[
      pack,
      members.map((file) => exported(files, file)).join(""),
    ]]);
    for (const [file, text] of files) {
      texts.set(file, rewritten(text, home, pack).replaceAll(DYNAMIC_IMPORT, `${LATER}("$1")`));
    }
    const external = [...packFiles.filter((other) => other !== pack), ...first];
    const text = await bundle(texts, pack, external);
    found.set(pack, hidden(text.replaceAll(`${LATER}(`, "import("), home));
  }
  for (const [file, text] of files) {
    if (home.has(file)) continue;
    const outside = rewritten(text, home);
    found.set(file, file === entry ? entryRewritten(outside, home) : hidden(outside, home));
  }
  return found;
}

/** Files and all that they import, but for what is loaded later, in an order of their names. */
function closure(files: ReadonlyMap<string, string>, from: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const [, , imported = ""] of files.get(file)?.matchAll(IMPORT) ?? []) visit(imported);
  };
  from.forEach(visit);
  return new Set([...seen].sort());
}

function chunkOf(files: ReadonlyMap<string, string>, base: string): string {
  const [file, ...others] = [...files.keys()].filter((name) =>
    name.startsWith(`${base}-`) && !name.slice(base.length + 1).includes("-")
  );
  if (file !== undefined && others.length === 0) return file;
  throw new Error(`there is not just one chunk "${base}"`);
}

/** The line of a pack that gives on what a chunk exports. */
function exported(files: ReadonlyMap<string, string>, file: string): string {
  const [, list] = EXPORT.exec(files.get(file) ?? "") ?? [];
  if (list === undefined || list === "") return `import"./${file}";\n`;
  const names = list.split(",").map((each) => each.split(" as ").at(-1) ?? "");
  const given = names.map((name) => `${name} as ${nameIn(file, name)}`);
  return `export{${given.join(",")}}from"./${file}";\n`;
}

/** What a pack calls it: chunks call theirs a, b, c; what is loaded later has names of its own. */
function nameIn(file: string, name: string): string {
  return file.startsWith("chunk-") ? `${file.replaceAll(/\W/g, "_")}_${name}` : name;
}

/** A text that imports from the packs what is in them, but for one that it becomes a part of. */
function rewritten(text: string, home: ReadonlyMap<string, string>, own?: string): string {
  return text.replaceAll(IMPORT, (whole, names: string | undefined, file: string) => {
    const pack = home.get(file);
    if (pack === undefined || pack === own) return whole;
    if (names === undefined) return `import"./${pack}"`;
    const renamed = names.split(",").map((each) => {
      const [name = "", as = name] = each.split(" as ");
      return `${nameIn(file, name)} as ${as}`;
    });
    return `import{${renamed.join(",")}}from"./${pack}"`;
  });
}

/** What the entry loads stays in sight: without it not even the help could be had. */
function entryRewritten(text: string, home: ReadonlyMap<string, string>): string {
  return text.replaceAll(DYNAMIC_IMPORT, (_, path: string) => `import("${placeOf(path, home)}")`);
}

/**
 * A text whose dynamic imports are in brackets: so they are no part of the graph that Deno reads
 * before anything runs, which costs every command 4 ms. Such an import takes the permission to read.
 */
function hidden(text: string, home: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    DYNAMIC_IMPORT,
    (_, path: string) => `import((0,"${placeOf(path, home)}"))`,
  );
}

function placeOf(path: string, home: ReadonlyMap<string, string>): string {
  const pack = home.get(path.slice(2));
  return pack === undefined ? path : `./${pack}`;
}
