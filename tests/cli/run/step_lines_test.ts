import assert from "node:assert/strict";
import type { RunEvent } from "../../../src/agent/run_events.ts";
import { StepLines } from "../../../src/cli/run/step_lines.ts";
import { width } from "../../../src/cli/width.ts";

const call = (name: string, input: unknown, id = "c"): RunEvent => ({
  type: "tool-call",
  id,
  name,
  input,
});
const started = (name: string, id = "c"): RunEvent => ({ type: "tool-start", id, name });
const asked = (tool: string, id = "c"): RunEvent => ({
  type: "approval-request",
  id,
  tool,
  input: {},
  reason: "why",
});
const printed = (delta: string, id = "c"): RunEvent => ({
  type: "tool-output-delta",
  id,
  channel: "stdout",
  delta,
});
const result = (name: string, output: unknown, options: { ok?: boolean; ms?: number } = {}) => {
  const { ok = true, ms = 2345 } = options;
  return { type: "tool-result", id: "c", name, output, ms, ok } satisfies RunEvent;
};

function told(
  events: readonly RunEvent[],
  options: { columns?: number; verbose?: boolean } = {},
): string[] {
  const { columns = 80, verbose = false } = options;
  const lines = new StepLines({ columns: () => columns, verbose });
  return events.flatMap((event) => lines.take(event));
}

const TEST = call("shell", { command: "deno test" });
const EXIT_1 = "Exit code: 1\nWall time: 2.3 seconds\nOutput:\nExit code: 7\n";
const PATCH = "*** Begin Patch\n*** Update File: a.ts\n-1\n+2\n+3\n*** End Patch";

for (
  const [what, events, lines] of [
    ["a command with its exit status and its time", [
      TEST,
      started("shell"),
      printed("1 failed\n"),
      result("shell", EXIT_1),
    ], ["$ deno test  → exit 1, 2.3 s"]],
    ["a command that took longer than it may", [
      TEST,
      started("shell"),
      result(
        "shell",
        "Exit code: 137\nWall time: 120.0 seconds\nCommand timed out after 120 seconds and was " +
          "ended\nOutput:\n",
        { ms: 120_004 },
      ),
    ], ["$ deno test  → timed out, 2 min"]],
    ["a command that could not be run", [
      TEST,
      started("shell"),
      result("shell", "the sandbox broke\nin two", { ok: false }),
    ], ["$ deno test  → failed: the sandbox broke"]],
    ["a call that was refused", [
      TEST,
      asked("shell"),
      result("shell", "This call was not made: …", { ok: false }),
    ], ["$ deno test  → refused"]],
    ["a call that was allowed when it was asked for", [
      TEST,
      asked("shell"),
      started("shell"),
      result("shell", EXIT_1),
    ], ["$ deno test  → exit 1, 2.3 s"]],
    ["a call that was not in order", [
      call("shell", { cmdd: 1 }),
      result("shell", "failed to parse function arguments: `command` is missing", { ok: false }),
    ], [
      'shell {"cmdd":1}  → not run: failed to parse function arguments: `command` i…',
    ]],
    ["a patch with its counts", [
      call("apply_patch", PATCH),
      started("apply_patch"),
      result("apply_patch", "Success. Updated the following files:\nM a.ts\n"),
    ], ["patch a.ts +2 -1"]],
    ["a patch that does not fit", [
      call("apply_patch", PATCH),
      result("apply_patch", "apply_patch verification failed: no\nmore", { ok: false }),
    ], ["patch a.ts +2 -1  → not run: apply_patch verification failed: no"]],
    ["an image", [
      call("view_image", { path: "a.png" }),
      started("view_image"),
      result("view_image", [{ type: "image", size: 9 }]),
    ], ["image a.png"]],
    ["another tool by its name", [
      call("weather", { city: "Basel" }),
      started("weather"),
      result("weather", { sky: "clear" }, { ms: 40 }),
    ], ['weather {"city":"Basel"}  → done, 40 ms']],
    ["a tool with an odd name as one", [
      call("hint: do", {}),
      result("hint: do", "unsupported call: hint: do", { ok: false }),
    ], ['"hint: do" {}  → not run: unsupported call: hint: do']],
    ["a result of a call that it was not told of", [result("shell", EXIT_1)], [
      "shell  → exit 1, 2.3 s",
    ]],
    ["nothing of what is no call", [
      { type: "text-delta", id: "c", delta: "x" },
      { type: "step-start", step: 2 },
      started("shell", "unknown"),
    ], []],
  ] as const
) {
  Deno.test(`StepLines tells ${what}`, () => assert.deepEqual(told(events), lines));
}

Deno.test("StepLines cuts the command before the result, and keeps to the terminal", () => {
  const long = call("shell", { command: `echo ${"x".repeat(200)}` });
  const events = [long, started("shell"), result("shell", EXIT_1)];
  const [line = ""] = told(events, { columns: 40 });
  assert.match(line, /^\$ echo x+… {2}→ exit 1, 2\.3 s$/);
  assert.ok(width(line) < 40);
  const failed = [long, started("shell"), result("shell", "y".repeat(200), { ok: false })];
  const [other = ""] = told(failed, { columns: 40 });
  assert.match(other, /^\$ echo x+… {2}→ failed: y+…$/);
  assert.ok(width(other) < 40, `${width(other)}`);
});

Deno.test("StepLines keeps one line of what would move the cursor", () => {
  const events = [
    call("shell", { command: "printf 'a\x1b[2K\n\u202eb'" }),
    started("shell"),
    result("shell", "no\x1b[2K", { ok: false }),
  ];
  assert.deepEqual(told(events), [
    "$ printf 'a\\x1b[2K\\n\\u202eb'  → failed: no\\x1b[2K",
  ]);
});

Deno.test("StepLines tells calls that run at the same time each with its own", () => {
  const lines = new StepLines({ columns: () => 80 });
  for (const id of ["a", "b"]) {
    lines.take(call("weather", { id }, id));
    lines.take(started("weather", id));
  }
  assert.equal(lines.doing("b"), 'weather {"id":"b"}');
  assert.deepEqual(lines.take({ ...result("weather", 1), id: "b" }), [
    'weather {"id":"b"}  → done, 2.3 s',
  ]);
  assert.deepEqual(lines.take({ ...result("weather", 1), id: "a" }), [
    'weather {"id":"a"}  → done, 2.3 s',
  ]);
  assert.equal(lines.doing("a"), undefined, "what has ended is forgotten");
});

Deno.test("StepLines shows the output while it comes, with --verbose", () => {
  const lines = new StepLines({ columns: () => 20, verbose: true });
  const command = "deno test --a-long-option";
  lines.take(call("shell", { command }));
  assert.deepEqual(lines.take(started("shell")), [`$ ${command}`]);
  assert.deepEqual(lines.take(printed("one\ntw")), ["  one"]);
  assert.deepEqual(lines.take(printed("o\n\tthree\x1b[2K")), ["  two"]);
  assert.deepEqual(lines.take(result("shell", EXIT_1)), [
    "  \tthree\\x1b[2K",
    "→ exit 1, 2.3 s",
  ]);
});

Deno.test("StepLines holds back no more than some of a line that does not end", () => {
  const lines = new StepLines({ columns: () => 20, verbose: true });
  lines.take(TEST);
  lines.take(started("shell"));
  const given = Array.from({ length: 100 }, () => lines.take(printed("x".repeat(1000)))).flat();
  const rest = lines.take(result("shell", EXIT_1)).slice(0, -1);
  assert.equal([...given, ...rest].map((line) => line.slice(2)).join(""), "x".repeat(100_000));
  assert.ok(given.length > 10);
});

for (
  const [what, events, lines] of [
    ["what another tool gave", [
      call("weather", {}),
      started("weather"),
      result("weather", { sky: "clear" }),
    ], ["weather {}", '  {"sky":"clear"}', "→ done, 2.3 s"]],
    ["what a patch gave", [
      call("apply_patch", PATCH),
      started("apply_patch"),
      result("apply_patch", "Success.\nM a.ts\n"),
    ], ["patch a.ts +2 -1", "  Success.", "  M a.ts", "→ done"]],
    ["nothing of a command that printed nothing", [
      TEST,
      started("shell"),
      result("shell", "Exit code: 0\nWall time: 0.1 seconds\nOutput:\n", { ms: 99 }),
    ], ["$ deno test", "→ exit 0, 99 ms"]],
    ["all of what went wrong", [
      TEST,
      started("shell"),
      result("shell", "it broke\nin two", { ok: false }),
    ], ["$ deno test", "  it broke", "  in two", "→ failed: it broke"]],
    ["a refused call in one line", [
      TEST,
      asked("shell"),
      result("shell", "This call was not made: …", { ok: false }),
    ], ["$ deno test  → refused"]],
  ] as const
) {
  Deno.test(`StepLines with --verbose shows ${what}`, () => {
    assert.deepEqual(told(events, { verbose: true }), lines);
  });
}
