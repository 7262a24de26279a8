import assert from "node:assert/strict";
import type { RunEvent } from "../../../src/agent/run_events.ts";
import { Progress } from "../../../src/cli/run/progress.ts";
import { TextView } from "../../../src/cli/run/text_view.ts";
import { fakeCli } from "../fake_cli.ts";

function setup({ held = false }: { readonly held?: boolean } = {}) {
  const { cli, told } = fakeCli();
  const view = new TextView(cli, { progress: new Progress(cli, {}, "asking"), held });
  const tell = async (...events: readonly RunEvent[]) => {
    for (const event of events) await view.tell(event);
  };
  return { told, view, tell };
}

const FINISH: RunEvent = {
  type: "run-finish",
  reason: "stop",
  steps: 1,
  usage: {
    inputTokens: 1,
    cachedInputTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
    totalTokens: 2,
  },
  text: "the answer",
  ms: 1,
};
const DIFFERS: RunEvent = { type: "warning", code: "text_differs", message: "It differs" };

Deno.test("TextView writes deltas as they come, and keeps them where the finished answer differs", async () => {
  const { told, tell } = setup();
  await tell({ type: "text-delta", id: "a", delta: "what was " });
  assert.equal(told.stdout, "what was ");
  await tell({ type: "text-delta", id: "a", delta: "said" }, DIFFERS, FINISH);
  assert.deepEqual(told, { stdout: "what was said\n", stderr: "warning: It differs\n" });
});

Deno.test("TextView holds an answer back that must be checked, and shows what came of it", async () => {
  const { told, tell } = setup({ held: true });
  await tell({ type: "text-delta", id: "a", delta: "```\nthe answer\n```" }, DIFFERS);
  assert.deepEqual(told, { stdout: "", stderr: "" });
  await tell(FINISH);
  assert.deepEqual(told, { stdout: "the answer\n", stderr: "" });
});

Deno.test("TextView ends a text that broke off on a line of its own, and a held one not at all", async () => {
  const { told, view, tell } = setup();
  await tell({ type: "text-delta", id: "a", delta: "half" });
  await view.break();
  assert.equal(told.stdout, "half\n");
  const other = setup({ held: true });
  await other.tell({ type: "text-delta", id: "a", delta: "half" });
  await other.view.break();
  assert.equal(other.told.stdout, "");
});

Deno.test("TextView tells of a wait for the usage limit, and of no other one", async () => {
  const { told, tell } = setup();
  const retry = { type: "retry", attempt: 1, of: 4, delayMs: 7_200_000 } as const;
  await tell({ ...retry, code: "overloaded" });
  assert.equal(told.stderr, "");
  await tell({ ...retry, code: "usage_limit" });
  assert.match(told.stderr, /^warning: the usage limit is reached; waiting until .* \(in 2 h\)\n$/);
});

Deno.test("TextView warns where stdout has more than the answer, below it", async () => {
  const { told, tell } = setup();
  await tell({ type: "text-delta", id: "a", delta: "one" });
  await tell({ type: "text-delta", id: "b", delta: "the answer" }, FINISH);
  assert.equal(told.stdout, "one\nthe answer\n");
  assert.match(told.stderr, /^warning: The model gave several messages: [^\n]*\n$/);
  const other = setup({ held: true });
  await other.tell({ type: "text-delta", id: "a", delta: "one" });
  await other.tell({ type: "text-delta", id: "b", delta: "the answer" }, FINISH);
  assert.deepEqual(other.told, { stdout: "the answer\n", stderr: "" });
});
