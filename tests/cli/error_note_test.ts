import assert from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import { withNote } from "../../src/cli/error_note.ts";

Deno.test("withNote() puts a note behind a hint, or in its place where there is none", () => {
  const error = new CodexError("model_unavailable", "No such model", { status: 404 });
  const noted = withNote(error, "it comes from CODEX_MODEL");
  assert.equal(noted.hint, "Note that it comes from CODEX_MODEL");
  assert.equal(withNote(noted, "so it does").hint, `${noted.hint}; so it does`);
  assert.deepEqual([noted.code, noted.message, noted.status], [error.code, error.message, 404]);
});
