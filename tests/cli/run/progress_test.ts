import assert from "node:assert/strict";
import { Progress } from "../../../src/cli/run/progress.ts";
import { fakeCli } from "../fake_cli.ts";

function setup(isTerminal: boolean = true, term: string = "xterm") {
  const parts = { columns: () => 100 };
  const { cli, clock, told } = fakeCli({ env: { TERM: term }, isTerminal, parts });
  const written = () => told.stderr;
  return { cli, clock, line: () => written().split("\r\x1b[2K").at(-1), written };
}

const USAGE = {
  inputTokens: 9,
  cachedInputTokens: 0,
  outputTokens: 7,
  reasoningTokens: 0,
  totalTokens: 16,
};

Deno.test("Progress tells elapsed time, tokens and what is being done", async () => {
  const { cli, clock, line } = setup();
  using progress = new Progress(cli, {}, "reading");
  assert.equal(line(), "0 s, reading");
  progress.look({ type: "run-start", schema: 1, version: "0", model: "m" });
  assert.equal(line(), "0 s, asking");
  progress.look({ type: "start", id: "r", model: "m" });
  progress.look({ type: "reasoning-delta", id: "a", delta: "x".repeat(40) });
  await clock.advance(65_000);
  assert.equal(line(), "1 min 5 s, about 10 tokens, thinking");
  progress.look({ type: "text-start", id: "b" });
  progress.look({ type: "text-delta", id: "b", delta: "x".repeat(40) });
  await clock.advance(1000);
  assert.equal(line(), "1 min 6 s, about 20 tokens, answering");
  progress.look({ type: "step-finish", step: 1, usage: USAGE });
  progress.look({ type: "step-start", step: 2 });
  assert.equal(line(), "1 min 6 s, 7 tokens, asking again, step 2");
});

Deno.test("Progress counts waits down and says what they are for", async () => {
  const { cli, clock, line } = setup();
  using progress = new Progress(cli, {}, "asking");
  const wait = { type: "retry", attempt: 1, of: 4, delayMs: 3000 } as const;
  progress.look({ ...wait, code: "overloaded" });
  assert.equal(line(), "0 s, trying again (1 of 4) in 3 s");
  await clock.advance(2000);
  assert.equal(line(), "2 s, trying again (1 of 4) in 1 s");
  await clock.advance(1000);
  assert.equal(line(), "3 s, asking again");
  progress.look({ ...wait, delayMs: 7_200_000, code: "usage_limit" });
  assert.match(line() ?? "", /^3 s, waiting for the usage limit, which resets .* \(in 2 h\)$/);
});

Deno.test("Progress takes its line away, once and for all", async () => {
  const { cli, clock, line, written } = setup();
  const progress = new Progress(cli, {}, "reading");
  progress[Symbol.dispose]();
  assert.equal(line(), "");
  const before = written();
  progress.look({ type: "start", id: "r", model: "m" });
  await clock.advance(5000);
  assert.equal(written(), before);
});

for (
  const [what, isTerminal, term, flags] of [
    ["off a terminal", false, "xterm", {}],
    ["on a dumb terminal", true, "dumb", {}],
    ["with --quiet", true, "xterm", { quiet: true }],
    ["with --json", true, "xterm", { json: true }],
  ] as const
) {
  Deno.test(`Progress shows nothing ${what}`, async () => {
    const { cli, clock, written } = setup(isTerminal, term);
    using progress = new Progress(cli, flags, "reading");
    assert.ok(!progress.isShown);
    progress.look({ type: "start", id: "r", model: "m" });
    await clock.advance(5000);
    assert.equal(written(), "");
  });
}
