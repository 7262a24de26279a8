import assert from "node:assert/strict";
import { callLine, inputText } from "../../../src/cli/run/call_text.ts";

const PATCH = `*** Begin Patch
*** Add File: new.txt
+one
+two
*** Delete File: old.txt
*** Update File: src/a.ts
*** Move to: src/b.ts
@@
 stays
-goes
+comes
+comes too
*** End Patch`;

for (
  const [what, name, input, line] of [
    ["a command", "shell", { command: "deno test" }, "$ deno test"],
    ["a command as a list", "shell", { command: ["bash", "-lc", "ls | wc"] }, "$ ls | wc"],
    ["lines of a command in one", "shell", { command: "a \\\n  b\x1b[2K" }, "$ a \\\\n  b\\x1b[2K"],
    ["arguments that are no command", "shell", { cmdd: 1 }, 'shell {"cmdd":1}'],
    [
      "a patch with its counts",
      "apply_patch",
      PATCH,
      "patch new.txt (new) +2, old.txt (deleted), src/a.ts → src/b.ts +2 -1",
    ],
    ["a patch among arguments", "apply_patch", {
      input: PATCH.replace(/\*\*\* Del[^]*(?=\*{3} End)/, ""),
    }, "patch new.txt (new) +2"],
    ["a patch that is none", "apply_patch", { input: "nonsense" }, "patch"],
    ["an image", "view_image", { path: "shot\n.png" }, "image shot\\n.png"],
    ["another tool", "weather", { city: "Basel" }, 'weather {"city":"Basel"}'],
    ["another tool without arguments", "now", "", "now"],
  ] as const
) {
  Deno.test(`callLine() tells ${what}`, () => assert.equal(callLine(name, input), line));
}

Deno.test("inputText() leaves nothing out", () => {
  assert.equal(inputText("as it is"), "as it is");
  assert.equal(inputText({ a: [1, "b"] }), '{"a":[1,"b"]}');
  assert.equal(inputText(undefined), "");
});
