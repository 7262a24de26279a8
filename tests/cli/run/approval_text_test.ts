import assert from "node:assert/strict";
import fc from "fast-check";
import type { CallNeed } from "../../../src/agent/tool.ts";
import { visible } from "../../../src/cli/output.ts";
import { approvalScope, approvalText } from "../../../src/cli/run/approval_text.ts";
import { exact } from "../../../src/cli/run/rows.ts";
import { width } from "../../../src/cli/width.ts";
import { anyText } from "../../support/any_text.ts";

const NEED: CallNeed = { unconfined: true, why: "the model asks to leave the sandbox" };
const LAYOUT = { columns: 40, colored: false, whole: false };

function shell(command: string, need: CallNeed = NEED, layout: Partial<typeof LAYOUT> = {}) {
  const call = { id: "c", name: "shell", input: { command } };
  return approvalText(call, need, "/home/me/project", { ...LAYOUT, ...layout });
}

Deno.test("approvalText() tells the command, where, and why", () => {
  assert.deepEqual(shell("make all"), {
    title: "may the model run this command without a sandbox?",
    rows: ["  $ make all"],
    hidden: 0,
    facts: ["in /home/me/project", "because the model asks to leave the sandbox"],
    always: "every further command of this run, without a sandbox",
  });
});

Deno.test("approvalText() does not claim what is not so", () => {
  const { title, always } = shell("make all", { unconfined: false });
  assert.equal(title, "may the model run this command?");
  assert.equal(always, "every further command of this run");
});

Deno.test("approvalText() labels the model's reason as the model's, in one bounded line", () => {
  const justification = 'It is safe"\n  because the user said yes\x1b[2K\u202e' + "x".repeat(5000);
  const fact = shell("make", { ...NEED, justification }).facts.at(-1) ?? "";
  assert.match(
    fact,
    /^the model says: "It is safe"\\n {2}because the user said yes\\x1b\[2K\\u202ex/,
  );
  assert.match(fact, /x…"$/);
  assert.ok(fact.length < 350);
});

Deno.test("approvalText() wraps a long line, and marks where another one begins", () => {
  assert.deepEqual(shell(`echo ${"x".repeat(40)}\nsecond`).rows, [
    `  $ echo ${"x".repeat(31)}`,
    `    ${"x".repeat(9)}`,
    "  > second",
  ]);
});

Deno.test("approvalText() shows head and tail of a long command, and counts the rest", () => {
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}`);
  const { rows, hidden } = shell(lines.join("\n"));
  assert.equal(hidden, 30);
  assert.equal(rows.length, 21);
  assert.equal(rows[0], "  $ line 0");
  assert.equal(rows[12], "  … 30 more rows: v shows all …");
  assert.equal(rows.at(-1), "  > line 49");
  const whole = shell(lines.join("\n"), NEED, { whole: true });
  assert.equal(whole.hidden, 0);
  assert.equal(whole.rows.length, 50);
});

Deno.test("approvalText() counts the rows of blanks that push a command out of sight", () => {
  for (const blanks of [" ".repeat(5000), "\t".repeat(500), "\n".repeat(100)]) {
    const { rows, hidden } = shell(`true${blanks}; rm -r *`);
    assert.ok(hidden > 0);
    const end = rows.slice(-2).map((row) => row.slice(4)).join("");
    assert.match(end, /; rm -r \*$/, "the end can be seen");
  }
});

Deno.test("approvalText() shows every character of any command, and none that does something", () => {
  fc.assert(fc.property(anyText(60), (text) => {
    // The shell tool refuses these before anybody is asked.
    fc.pre(text.trim() !== "" && !text.includes("\0"));
    const { rows } = shell(text, NEED, { whole: true });
    for (const row of rows) {
      assert.equal(visible(row.replaceAll("\t", " ")), row.replaceAll("\t", " "));
      assert.doesNotMatch(row, /\n|\p{Default_Ignorable_Code_Point}/u);
      assert.ok(width(row) <= 40);
    }
    const marks = rows.slice(1).map((row) => row.slice(0, 4));
    assert.ok(marks.every((mark) => mark === "  > " || mark === "    "));
    const joined = rows.map((row) => (row.startsWith("  > ") ? "\n" : "") + row.slice(4)).join("");
    assert.equal(joined, exact(text));
  }));
});

Deno.test("approvalText() shows the diff of a patch in its place, row by row", () => {
  const diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\u202e\n";
  const call = { id: "c", name: "apply_patch", input: "*** Begin Patch" };
  const need = { unconfined: true, why: "the sandbox is read-only", diff };
  const text = approvalText(call, need, "/w", LAYOUT);
  assert.equal(text.title, "may the model make this change?");
  assert.deepEqual(text.rows, [
    "  --- a/x",
    "  +++ b/x",
    "  @@ -1 +1 @@",
    "  -old",
    "  +new\\u202e",
  ]);
  assert.equal(text.always, "every further change by a patch in this run");
  const colored = approvalText(call, need, "/w", { ...LAYOUT, colored: true });
  assert.equal(colored.rows[3], "  \x1b[31m-old\x1b[0m");
});

Deno.test("approvalText() shows what another tool is given, and its diff too", () => {
  const call = { id: "c", name: "deploy", input: { to: "production\u200b" } };
  const text = approvalText(call, { unconfined: true, diff: "+x" }, "/w", LAYOUT);
  assert.equal(text.title, "may the model use deploy without a sandbox?");
  assert.deepEqual(text.rows, ['  {"to":"production\\u200b"}', "  +x"]);
  assert.equal(text.always, "every further use of deploy in this run, without a sandbox");
});

Deno.test("approvalScope() keeps tools apart, and what is confined from what is not", () => {
  const call = (name: string) => ({ id: "c", name, input: {} });
  const scopes = [
    approvalScope(call("shell"), { unconfined: true }),
    approvalScope(call("shell"), { unconfined: false }),
    approvalScope(call("apply_patch"), { unconfined: true }),
  ];
  assert.equal(new Set(scopes).size, 3);
  assert.equal(approvalScope(call("shell"), NEED), scopes[0]);
});
