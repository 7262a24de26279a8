import assert from "node:assert/strict";
import { loadedWith, readModules } from "./modules.ts";

/** What only some runs need, and no other shall wait for. */
const FOR_SOME = [
  "npm:/@cfworker/",
  "src/responses/output_check.ts",
  "src/responses/strict_schema.ts",
  "src/agent/session_file.ts",
  "src/cli/event_lines.ts",
  "src/cli/run/answer_form.ts",
  "src/cli/run/attachments.ts",
  "src/cli/run/fenced.ts",
  "src/cli/run/narration.ts",
  "src/cli/run/output_file.ts",
  "src/cli/run/schema_file.ts",
  "src/cli/run/session.ts",
];

Deno.test("a plain codex run loads nothing that only some runs need", async () => {
  const graph = await readModules();
  for (const entry of ["src/cli/process.ts", "src/cli/commands/run.ts"]) {
    const loaded = [...loadedWith(graph, entry)];
    const wrong = loaded.filter((path) => FOR_SOME.some((name) => path.startsWith(name)));
    assert.deepEqual(wrong, [], `loaded with ${entry}`);
  }
  // They are there, and loaded later.
  for (const path of FOR_SOME) {
    if (path.startsWith("src/")) assert.ok(graph.has(path), path);
  }
});
