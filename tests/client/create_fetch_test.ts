import assert from "node:assert/strict";
import { createFetch, isCodexError, memoryStore } from "../../mod.ts";
import { createSimulator } from "../../testing.ts";

const BODY = JSON.stringify({ model: "gpt-5.5", input: "Hi" });

Deno.test("createFetch() carries the token to the sign-in's own host and to no other", async () => {
  await using own = createSimulator();
  await using other = createSimulator();
  const { issuer, baseUrl } = await own.listen();
  const { issuer: theirs } = await other.listen();
  const store = memoryStore(own.signIn({ issuer, baseUrl }));
  const { fetch: platform } = globalThis;
  const fetch = createFetch({ store, issuer, baseUrl, fetch: platform });

  const answer = await fetch(new URL("/v1/responses", theirs), { method: "POST", body: BODY });
  assert.equal(answer.status, 200);
  await answer.body?.cancel();
  await (await fetch(new URL("/v1/models", theirs))).body?.cancel();
  assert.equal(own.requests.length, 2);

  const REFUSED = [
    ["POST", "/v1/chat/completions"],
    ["POST", "/v1/files"],
    ["GET", "/v1/responses"],
    ["GET", "/v1/models/gpt-5.5"],
    ["POST", "/oauth/token"],
    ["POST", "/v1/responses/compact"],
  ] as const;
  for (const [method, path] of REFUSED) {
    for (const host of [theirs, issuer]) {
      const init = method === "POST" ? { method, body: BODY } : { method };
      await assert.rejects(
        fetch(new URL(path, host), init),
        (error) => isCodexError(error, "invalid_request"),
      );
    }
  }
  assert.equal(own.requests.length, 2);
  assert.deepEqual(other.requests, [], "the other host has seen nothing at all");
});

Deno.test("createFetch() follows no redirect, so that the token goes nowhere else", async () => {
  await using other = createSimulator();
  const { issuer: theirs } = await other.listen();
  await using own = createSimulator();
  const { store } = own;
  const redirecting = () =>
    Promise.resolve(
      new Response(null, { status: 307, headers: { location: `${theirs}v1/responses` } }),
    );
  const fetch = createFetch({ store, fetch: redirecting });
  const answer = await fetch("https://api.openai.com/v1/responses", { method: "POST", body: BODY });
  assert.equal((await answer.json()).error.code, "network");
  assert.deepEqual(other.requests, []);
});

Deno.test("createFetch() reads and sends nothing before it is called", () => {
  const store = {
    read: () => Promise.reject(new Error("was read")),
    update: () => Promise.reject(new Error("was updated")),
  };
  createFetch({ store, fetch: () => Promise.reject(new Error("was sent")) });
});

Deno.test("createFetch() throws at once for an address that is no good", () => {
  assert.throws(
    () => createFetch({ baseUrl: "http://example.com" }),
    (error) => isCodexError(error, "invalid_usage"),
  );
});
