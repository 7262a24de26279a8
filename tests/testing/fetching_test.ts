import assert from "node:assert/strict";
import { createSimulator, reply, silent } from "../../testing.ts";
import { ask, ISSUER } from "./client.ts";

Deno.test("fetch rejects at once for a signal that was aborted before", async () => {
  await using simulator = createSimulator();
  const signal = AbortSignal.abort(new Error("too late"));
  await assert.rejects(ask(simulator, undefined, { signal }), { message: "too late" });
  assert.equal(simulator.requests.length, 0);
});

Deno.test("an abort ends a pending read with the signal's own reason", async () => {
  await using simulator = createSimulator({ turns: [silent({ afterChunks: 1 })] });
  const controller = new AbortController();
  const response = await ask(simulator, undefined, { signal: controller.signal });
  const reading = response.text();
  await simulator.clock.advance(1000);
  controller.abort(new Error("stop"));
  await assert.rejects(reading, { message: "stop" });
});

Deno.test("a reader that leaves stops the stream, and no timer is left behind", async () => {
  await using simulator = createSimulator({ turns: [reply("a b c", { delayMs: 60_000 })] });
  const response = await ask(simulator);
  const reader = response.body?.getReader();
  for (let event = 0; event < 4; event++) await reader?.read();
  const pending = reader?.read();
  await reader?.cancel();
  assert.deepEqual(await pending, { done: true, value: undefined });
});

Deno.test("nothing is written that is not read", async () => {
  await using simulator = createSimulator({ turns: [reply("word ".repeat(10_000))] });
  const response = await ask(simulator);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  assert.ok((first?.value?.length ?? 0) < 2000);
  await reader?.cancel();
});

Deno.test("a redirect is handed back, or is an error, but is never followed", async () => {
  await using simulator = createSimulator();
  const url = new URL(`${ISSUER}/oauth/authorize`);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: "app_EMoamEEZ73f0CkXaXp7hrann",
    redirect_uri: "http://127.0.0.1:1455/auth/callback",
    code_challenge: "x".repeat(43),
    code_challenge_method: "S256",
    state: "state",
    scope: "openid",
  }).toString();
  for (const redirect of ["manual", "follow"] as const) {
    const response = await simulator.fetch(url, { redirect });
    assert.equal(response.status, 302);
    assert.match(response.headers.get("location") ?? "", /^http:\/\/127\.0\.0\.1:1455\/auth/);
  }
  await assert.rejects(simulator.fetch(url, { redirect: "error" }), TypeError);
});
