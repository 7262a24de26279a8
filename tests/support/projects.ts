/** Small projects, each with a test that truly fails, and the model's turns that mend it. */
import { customToolCall, reply, toolCall, type Turn } from "../../testing.ts";
import type { Program } from "./need.ts";

/** A project. */
export interface Project {
  /** What it is written in. */
  readonly language: string;
  /** What its tests need. */
  readonly needs: readonly Program[];
  /** Its files. */
  readonly files: Readonly<Record<string, string>>;
  /** Runs its tests. */
  readonly test: string;
  /** What mends it. */
  readonly patch: string;
}

/** What the model does: looks, mends, looks again, and answers. */
export function turnsFor({ test, patch }: Project): readonly Turn[] {
  return [
    toolCall("shell", { command: test }),
    customToolCall("apply_patch", patch),
    toolCall("shell", { command: test }),
    reply("Fixed."),
  ];
}

/** A work tree of one's own, as far as that is looked at. */
export const WORK_TREE: Readonly<Record<string, string>> = {
  ".git/HEAD": "ref: refs/heads/main\n",
};

/** One in each of four languages. */
export const PROJECTS: readonly Project[] = [
  {
    language: "Deno",
    needs: [],
    files: {
      "deno.json": "{}\n",
      "sum.ts": "export const sum = (a: number, b: number): number => a - b;\n",
      "sum_test.ts": `import { sum } from "./sum.ts";
Deno.test("sum", () => {
  if (sum(1, 2) !== 3) throw new Error("wrong");
});
`,
    },
    test: "deno test --no-check",
    patch: `*** Begin Patch
*** Update File: sum.ts
@@
-export const sum = (a: number, b: number): number => a - b;
+export const sum = (a: number, b: number): number => a + b;
*** End Patch
`,
  },
  {
    language: "Node",
    needs: ["node"],
    files: {
      "package.json": '{ "name": "p", "type": "module", "scripts": { "test": "node --test" } }\n',
      "sum.js": "export const sum = (a, b) => a - b;\n",
      "sum.test.js": `import assert from "node:assert";
import test from "node:test";
import { sum } from "./sum.js";
test("sum", () => assert.equal(sum(1, 2), 3));
`,
    },
    test: "node --test",
    patch: `*** Begin Patch
*** Update File: sum.js
@@
-export const sum = (a, b) => a - b;
+export const sum = (a, b) => a + b;
*** End Patch
`,
  },
  {
    language: "Python",
    needs: ["python3"],
    files: {
      "total.py": "def total(a, b):\n    return a - b\n",
      "test_total.py": `import unittest
from total import total


class TestTotal(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total(1, 2), 3)
`,
    },
    test: "python3 -m unittest",
    patch: `*** Begin Patch
*** Update File: total.py
@@ def total(a, b):
-    return a - b
+    return a + b
*** End Patch
`,
  },
  {
    language: "shell",
    needs: [],
    files: {
      "sum.sh": "sum() { echo $(($1 - $2)); }\n",
      "test.sh": '. ./sum.sh\n[ "$(sum 1 2)" = 3 ] || { echo "not 3"; exit 1; }\necho ok\n',
    },
    test: "sh test.sh",
    patch: `*** Begin Patch
*** Update File: sum.sh
@@
-sum() { echo $(($1 - $2)); }
+sum() { echo $(($1 + $2)); }
*** End Patch
`,
  },
];
