/**
 * Names for the chunks of a bundle that depend on what is in them and on nothing else.
 *
 * The bundler's own names hold a hash over the paths of the sources too (Deno 2.9.6, esbuild 0.25),
 * so that the same source gives other names in another folder.
 */

/** A chunk's name as the bundler makes it: what it is of, and its hash. */
const CHUNK = /^(.+)-[A-Z0-9]{8}\.js$/;

/** More rounds than any chunk's imports are deep. */
const MOST_ROUNDS = 64;

/**
 * Renames the chunks.
 *
 * @param files The text of each file of the bundle by its name.
 * @returns The same files, their imports changed along; those without a hash keep their names.
 * @throws Error when two chunks cannot be told apart.
 */
export async function withStableNames(
  files: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  // From names without a hash on, each round tells apart what imports what the last one did.
  let names = new Map([...files.keys()].map((file) => [file, baseOf(file)]));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = new Map<string, string>();
    for (const [file, text] of files) {
      next.set(file, CHUNK.test(file) ? await hashed(file, rewritten(text, names)) : file);
    }
    const settled = count(next) === count(names) && round > 0;
    names = next;
    if (count(names) === files.size || settled) break;
  }
  if (count(names) !== files.size) throw new Error("two chunks of the bundle are the same");
  const found = [...files].map(([file, text]): [string, string] => [
    names.get(file) ?? file,
    rewritten(text, names),
  ]);
  return new Map(found.sort());
}

function baseOf(file: string): string {
  return CHUNK.exec(file)?.[1] ?? file;
}

async function hashed(file: string, text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `${baseOf(file)}-${new Uint8Array(hash).toHex().slice(0, 8)}.js`;
}

/** A text with the chunks that it imports under their new names. */
function rewritten(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(
    /(["'])\.\/([\w.-]+\.js)\1/g,
    (all, quote, file) => names.has(file) ? `${quote}./${names.get(file)}${quote}` : all,
  );
}

function count(names: ReadonlyMap<string, string>): number {
  return new Set(names.values()).size;
}
