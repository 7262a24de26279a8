/** Whether a tag is the version that would be released: `check_tag.ts v1.2.3`. */
import { VERSION } from "../../src/base/version.ts";

/**
 * What is wrong with a tag.
 *
 * @param tag The tag.
 * @param changes The text of the changelog.
 * @returns In words; `undefined` when nothing is.
 */
export function tagProblem(tag: string | undefined, changes: string): string | undefined {
  if (tag !== `v${VERSION}`) return `the tag is ${tag ?? "missing"}, and the version ${VERSION}`;
  const heading = changes.split("\n").find((line) => line.startsWith(`## ${VERSION}`));
  if (heading === undefined) return `the changelog has nothing about ${VERSION}`;
  return /unreleased/i.test(heading) ? `the changelog calls ${VERSION} unreleased` : undefined;
}

if (import.meta.main) {
  const changes = await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url));
  const problem = tagProblem(Deno.args[0], changes);
  if (problem !== undefined) {
    Deno.stderr.writeSync(new TextEncoder().encode(`${problem}\n`));
    Deno.exit(1);
  }
}
