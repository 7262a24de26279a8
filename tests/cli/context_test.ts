import assert from "node:assert/strict";
import type { LastWork } from "../../src/cli/cli.ts";
import { openContext, openFileContext } from "../../src/cli/context.ts";
import { json, ScriptedFetch } from "../support/scripted_fetch.ts";
import { TempDir } from "../support/temp_dir.ts";
import { fakeCli } from "./fake_cli.ts";

const EXPIRED = { type: "oauth", refresh: "rt_1", access: "old", expires: 0, accountId: "acct-1" };

/** A command's world with a file, and what is to be done before it ends. */
function world(env: Readonly<Record<string, string>>, net: ScriptedFetch = new ScriptedFetch()) {
  const atEnd: LastWork[] = [];
  const { cli } = fakeCli({
    env,
    parts: { fetch: net.fetch, finishBeforeExit: (work) => void atEnd.push(work) },
  });
  return { cli, atEnd };
}

Deno.test("openContext() uses the command's own fetch and clock", () => {
  const net = new ScriptedFetch();
  const { cli } = world({ CODEX_AUTH_FILE: "/named.json" }, net);
  const context = openContext(cli, { profile: "work" });
  assert.deepEqual([context.fetch, context.clock], [net.fetch, cli.clock]);
  assert.deepEqual([context.path, context.profile], ["/named.json", "work"]);
});

Deno.test("openContext() has a spent token's successor saved before the command ends", async () => {
  await using dir = await TempDir.make();
  const file = await dir.write("auth.json", JSON.stringify({ openai: EXPIRED }), 0o600);
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const net = new ScriptedFetch(async (request) => {
    ask();
    await answered;
    return await json({ access_token: "new", refresh_token: "rt_2", expires_in: 60_000 })(request);
  });
  const { cli, atEnd } = world({ CODEX_AUTH_FILE: file }, net);
  const { session } = openContext(cli, {});
  const controller = new AbortController();
  const work = session.authorize({ signal: controller.signal });
  await asked;
  controller.abort(new Error("interrupted"));
  await assert.rejects(work, /interrupted/);
  assert.equal(atEnd.length, 1);
  const finished = Promise.all(atEnd.map((finish) => finish()));
  assert.equal(JSON.parse(await dir.read("auth.json")).openai.refresh, "rt_1");
  answer();
  await finished;
  assert.equal(JSON.parse(await dir.read("auth.json")).openai.refresh, "rt_2");
});

Deno.test("openFileContext() keeps to the file, whatever the environment holds", () => {
  const env = { CODEX_AUTH_FILE: "/named.json", CODEX_ACCESS_TOKEN: "a.b.c" };
  const { cli, atEnd } = world(env);
  assert.equal(openContext(cli, {}).store.origin, "environment");
  assert.equal(openFileContext(cli, {}).store.origin, "file");
  assert.equal(atEnd.length, 2);
});
