/** What a command says and a page explains: the page has to name it as it is said. */
import assert from "node:assert/strict";

const PAGE = new URL("../../docs/credentials.md", import.meta.url);

/**
 * Asserts that docs/credentials.md explains a sentence.
 *
 * @param sentence The sentence, with `FILE` in the place of the credential file.
 */
export async function assertDocumented(sentence: string): Promise<void> {
  const page = await Deno.readTextFile(PAGE);
  // The page's own lines are wrapped, those of its tables are not.
  assert.ok(page.replace(/\s+/g, " ").includes(sentence), `credentials.md lacks: ${sentence}`);
}
