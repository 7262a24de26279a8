import assert from "node:assert/strict";
import { ROOT } from "./modules.ts";

const LIST = new URL("public_symbols.txt", import.meta.url);

/** The entries whose symbols others may import, as deno.json exports them. */
async function exportedEntries(): Promise<[string, string][]> {
  const { exports }: { exports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  return Object.entries(exports);
}

/** The part of `deno doc --json` that is used. */
interface DocJson {
  readonly nodes: Readonly<
    Record<string, {
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly { readonly kind: string }[];
      }[];
    }>
  >;
}

/** Every public symbol with its kind, one a line. */
async function publicSymbols(): Promise<string> {
  const lines: string[] = [];
  for (const [name, path] of await exportedEntries()) {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "-q", "--json", path],
      cwd: ROOT,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assert.ok(success, decoder.decode(stderr));
    const { nodes }: DocJson = JSON.parse(decoder.decode(stdout));
    const symbols = Object.values(nodes).flatMap(({ symbols }) => symbols);
    const found = symbols.flatMap((
      { name, declarations },
    ) => [...new Set(declarations.map(({ kind }) => `${name} ${kind}`))]);
    lines.push(...found.sort().map((symbol) => `${name} ${symbol}`));
  }
  return lines.join("\n") + "\n";
}

Deno.test("the public symbols are those of the committed list", async () => {
  const now = await publicSymbols();
  if (Deno.args.includes("--update")) return await Deno.writeTextFile(LIST, now);
  assert.equal(
    now,
    await Deno.readTextFile(LIST),
    "The public surface has changed. Where that is meant: deno task symbols",
  );
});
