import assert from "node:assert/strict";
import { VERSION } from "../../../src/base/version.ts";
import { tagProblem } from "../../../tools/release/check_tag.ts";

Deno.test("tagProblem() takes the tag of a version that the changelog tells of", () => {
  assert.equal(tagProblem(`v${VERSION}`, `# Changelog\n\n## ${VERSION}: 2027-01-01\n`), undefined);
});

Deno.test("tagProblem() refuses another tag, and a version without notes", () => {
  const changes = `## ${VERSION}\n`;
  for (const tag of [undefined, VERSION, "v0.0.0", `v${VERSION}-rc`]) {
    assert.match(tagProblem(tag, changes) ?? "", /^the tag is /);
  }
  assert.match(tagProblem(`v${VERSION}`, "# Changelog\n") ?? "", /has nothing about/);
  const unreleased = `## ${VERSION} (unreleased)\n`;
  assert.match(tagProblem(`v${VERSION}`, unreleased) ?? "", /unreleased/);
  assert.match(tagProblem(`v${VERSION}`, `## Unreleased: ${VERSION}\n`) ?? "", /has nothing/);
});
