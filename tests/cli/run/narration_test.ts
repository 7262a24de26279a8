import assert from "node:assert/strict";
import { narrateDefaults, narrator } from "../../../src/cli/run/narration.ts";
import { fakeCli } from "../fake_cli.ts";

function setup(env: Readonly<Record<string, string>> = {}) {
  const { cli, clock, told } = fakeCli({ env });
  return { cli, clock, told: () => told.stderr };
}

Deno.test("narrateDefaults() tells each choice with its origin, and what else is set", () => {
  const { cli, told } = setup({ CODEX_BASE_URL: "http://127.0.0.1:1/x", CODEX_PROFILE: "work" });
  narrateDefaults(cli, {
    model: { value: "m", origin: "CODEX_MODEL" },
    effort: { value: undefined, origin: "default" },
    sandbox: { value: undefined, origin: "default" },
  });
  assert.equal(
    told(),
    "codex: model m (CODEX_MODEL)\n" +
      "codex: effort the model's own (default)\n" +
      "codex: no tools (--no-tools)\n" +
      "codex: CODEX_PROFILE is set: work\n" +
      "codex: CODEX_BASE_URL is set: http://127.0.0.1:1/x\n",
  );
});

Deno.test("narrateDefaults() tells no secret of the environment", () => {
  const secret = "sk-0123456789abcdef";
  const { cli, told } = setup({
    CODEX_ACCESS_TOKEN: secret,
    CODEX_AUTH_JSON: `{"access":"${secret}"}`,
    HTTPS_PROXY: `http://me:${secret}@proxy.test`,
    CODEX_API_KEY: secret,
    OPENAI_API_KEY: secret,
    CODEX_ISSUER_URL: `https://me:${secret}@issuer.test`,
  });
  narrateDefaults(cli, {
    model: { value: undefined, origin: "default" },
    effort: { value: undefined, origin: "default" },
    sandbox: { value: undefined, origin: "default" },
  });
  assert.ok(!told().includes(secret), told());
  assert.match(told(), /^codex: CODEX_ACCESS_TOKEN is set$/m);
  assert.match(told(), /^codex: HTTPS_PROXY is set$/m);
});

Deno.test("narrator() tells requests, retries, limits once, and timings", async () => {
  const { cli, clock, told } = setup();
  const tell = narrator(cli);
  tell({ type: "step-start", step: 1 });
  await clock.advance(1500);
  const limits = { primary: { usedPercent: 12.4, windowSeconds: 18_000 } };
  tell({ type: "limits", limits });
  tell({ type: "limits", limits });
  tell({ type: "retry", attempt: 1, of: 4, delayMs: 2000, code: "overloaded" });
  tell({ type: "start", id: "r", model: "m", requestId: "req_1" });
  tell({
    type: "run-finish",
    reason: "stop",
    steps: 1,
    usage: {
      inputTokens: 9,
      cachedInputTokens: 4,
      outputTokens: 7,
      reasoningTokens: 2,
      totalTokens: 16,
    },
    text: "Yes.",
    ms: 2500,
    firstTokenMs: 1800,
  });
  assert.equal(
    told(),
    "codex: step 1, after 0.0 s\n" +
      "codex: limits: 5 h 12% used\n" +
      "codex: overloaded, retry 1 of 4 in 2 s\n" +
      "codex: model m, request req_1, after 1.5 s\n" +
      "codex: stop after 2.5 s, first text after 1.8 s, 9 tokens in (4 cached), 7 out (2 reasoning)\n",
  );
});
