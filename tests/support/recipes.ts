/** The recipes of docs/recipes.md. */

const PAGE = new URL("../../docs/recipes.md", import.meta.url);

/**
 * The code of a recipe, as it stands on the page.
 *
 * @param name As the comment above it says: `<!-- recipe: name -->`.
 */
export async function recipe(name: string): Promise<string> {
  const page = await Deno.readTextFile(PAGE);
  const [, after = ""] = page.split(`<!-- recipe: ${name} -->`);
  const code = /^\s*```\w+[^\n]*\n([\s\S]*?)\n```/.exec(after)?.[1];
  if (code === undefined) throw new Error(`docs/recipes.md has no recipe "${name}"`);
  return `${code}\n`;
}
