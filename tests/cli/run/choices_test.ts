import assert from "node:assert/strict";
import { CodexError, isCodexError } from "../../../src/base/errors.ts";
import { choose, sandboxMode, streamOptions, withOrigin } from "../../../src/cli/run/choices.ts";
import type { RunFlags } from "../../../src/cli/run/flags.ts";
import { TempDir } from "../../support/temp_dir.ts";

const ENV: Readonly<Record<string, string>> = {
  CODEX_MODEL: "env-model",
  CODEX_EFFORT: "low",
  CODEX_RUN_SANDBOX: "workspace-write",
};

const options = (flags: RunFlags, env: Readonly<Record<string, string>> = {}, kept?: string) =>
  streamOptions(
    flags,
    choose({ env: (name) => env[name] }, flags, kept),
    new AbortController().signal,
  );

Deno.test("choose() takes the flag, then the session, then the environment, and says which", () => {
  const env = (name: string) => ENV[name];
  const flags = { model: "m", effort: "high", sandbox: "read-only" } as const;
  assert.deepEqual(choose({ env }, flags, "kept"), {
    model: { value: "m", origin: "--model" },
    effort: { value: "high", origin: "--effort" },
    sandbox: { value: "read-only", origin: "--sandbox" },
  });
  assert.deepEqual(choose({ env }, {}, "kept").model, { value: "kept", origin: "the session" });
  assert.deepEqual(choose({ env }, {}), {
    model: { value: "env-model", origin: "CODEX_MODEL" },
    effort: { value: "low", origin: "CODEX_EFFORT" },
    sandbox: { value: "workspace-write", origin: "CODEX_RUN_SANDBOX" },
  });
  assert.deepEqual(choose({ env: () => undefined }, {}).model, {
    value: undefined,
    origin: "default",
  });
});

Deno.test("streamOptions() asks for nothing that was not asked for", async () => {
  assert.deepEqual(await options({}), {
    model: undefined,
    effort: undefined,
    instructions: undefined,
  });
});

Deno.test("streamOptions() makes the service's search and the waits of their flags", async () => {
  const made = await options({ search: true, onLimit: "wait", maxWait: 5000 });
  assert.deepEqual(made.tools, [{ type: "web-search", live: true }]);
  assert.deepEqual(made.retry, { onUsageLimit: "wait", maxDelay: 5000 });
});

Deno.test("streamOptions() names the place of an effort that no model has", async () => {
  await assert.rejects(options({ effort: "much" }), /"much" from --effort is not an effort/);
  await assert.rejects(options({}, { CODEX_EFFORT: "much" }), /from CODEX_EFFORT/);
});

Deno.test("streamOptions() reads instructions from a file, and takes text as it is", async () => {
  await using dir = await TempDir.make();
  const file = await dir.write("i.md", "Be brief\n");
  assert.equal((await options({ instructions: `@${file}` })).instructions, "Be brief\n");
  assert.equal((await options({ instructions: "Be @home" })).instructions, "Be @home");
  await assert.rejects(
    options({ instructions: `@${file}.none` }),
    (error) => isCodexError(error, "invalid_usage"),
  );
});

for (
  const flags of [
    { noTools: true, search: true },
    { noTools: true, sandbox: "read-only" },
    { noTools: true, addDir: ["."] },
    { noTools: true, network: true },
    { noTools: true, cd: "." },
    { noTools: true, askForApproval: "never" },
    { noTools: true, diff: true },
    { extract: true, outputSchema: "x.json" },
    { repair: 1 },
  ] satisfies RunFlags[]
) {
  Deno.test(`streamOptions() refuses ${JSON.stringify(flags)} together`, async () => {
    await assert.rejects(options(flags), (error) => isCodexError(error, "invalid_usage"));
  });
}

Deno.test("sandboxMode() takes the official tool's modes, and names them for another word", () => {
  const of = (value: string | undefined) => sandboxMode({ value, origin: "CODEX_RUN_SANDBOX" });
  assert.equal(of("read-only"), "read-only");
  assert.equal(of(undefined), undefined);
  assert.throws(() => of("danger-full-access"), { code: "invalid_usage", hint: /--sandbox/ });
  const typed = { value: "danger-full-access", origin: "--sandbox" };
  assert.equal(sandboxMode(typed), "danger-full-access");
  assert.throws(() => of("none"), {
    code: "invalid_usage",
    message: /"none" from CODEX_RUN_SANDBOX/,
    hint: /workspace-write/,
  });
});

Deno.test("withOrigin() says where a model comes from that was not typed", () => {
  const refused = new CodexError("model_unavailable", "No such model", {
    hint: "Use a",
    status: 404,
    requestId: "r",
  });
  const env = (name: string) => ENV[name];
  const hintOf = (flags: RunFlags, kept?: string) => {
    const error = withOrigin(refused, choose({ env }, flags, kept));
    assert.ok(isCodexError(error, "model_unavailable"));
    assert.deepEqual([error.message, error.status, error.requestId], ["No such model", 404, "r"]);
    return error.hint;
  };
  assert.equal(hintOf({}), "Use a; the model comes from CODEX_MODEL");
  assert.equal(hintOf({}, "kept"), "Use a; the model comes from the session");
  assert.equal(hintOf({ model: "typed" }), "Use a");
  const none = choose({ env: () => undefined }, {});
  assert.equal(withOrigin(refused, none), refused);
});

Deno.test("withOrigin() says where an effort comes from that the model does not take", () => {
  const choices = choose({ env: (name) => ENV[name] }, {});
  const about = (message: string) => withOrigin(new CodexError("invalid_usage", message), choices);
  const hint = (error: unknown) => isCodexError(error) ? error.hint : "no error of ours";
  assert.equal(
    hint(about('m does not take the effort "low"')),
    "Note that the effort comes from CODEX_EFFORT",
  );
  assert.equal(hint(about("m does not take images")), undefined);
});
