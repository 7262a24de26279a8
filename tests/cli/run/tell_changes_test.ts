import assert from "node:assert/strict";
import { Messages } from "../../../src/cli/output.ts";
import { Changes } from "../../../src/cli/run/changes.ts";
import type { RunFlags } from "../../../src/cli/run/flags.ts";
import { tellChanges } from "../../../src/cli/run/tell_changes.ts";

/** A patched file, and a new image. */
function someChanges(): Changes {
  const changes = new Changes();
  changes.add([{ path: "a", kind: "changed", before: "1\n", after: "\x1b2\n" }]);
  changes.watch({
    before: () => undefined,
    after: () =>
      new Map([
        ["a", { exists: true, text: "\x1b2\n" }],
        ["b.png", { exists: true, sum: "1" }],
      ]),
    whole: true,
  });
  return changes;
}

async function told(changes: Changes, flags: RunFlags, isTerminal = false): Promise<string> {
  let text = "";
  const stderr = new Messages((bytes) => {
    text += new TextDecoder().decode(bytes);
    return bytes.length;
  }, isTerminal);
  await tellChanges({ stderr }, flags, changes);
  return text;
}

const LINE = "changed 2 files: a, b.png (new)\n";
const DIFF = "Binary files /dev/null and b/b.png differ\n" +
  "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+\x1b2\n";

Deno.test("tellChanges() writes one line, unless nobody wants it", async () => {
  assert.equal(await told(someChanges(), {}), LINE);
  assert.equal(await told(someChanges(), { quiet: true }), "");
  assert.equal(await told(someChanges(), { json: true }), "");
});

Deno.test("tellChanges() shows the difference of what is text and names the rest, to a pipe as it is", async () => {
  assert.equal(await told(someChanges(), { diff: true }), DIFF + LINE);
  assert.equal(await told(someChanges(), { diff: true, quiet: true }), DIFF);
  assert.equal(
    await told(someChanges(), { diff: true }, true),
    DIFF.replace("\x1b", "\\x1b") + LINE,
  );
});

Deno.test("tellChanges() writes nothing where nothing changed, and one line where that is not sure", async () => {
  const changes = new Changes();
  assert.equal(await told(changes, { diff: true }), "");
  changes.watch({ before: () => undefined, after: () => new Map(), whole: false });
  assert.match(await told(changes, { diff: true }), /^changed no file that was looked at[^\n]*\n$/);
});
