import assert from "node:assert/strict";
import { reply, toolCall } from "../../testing.ts";
import { openDesk } from "../support/desk.ts";

const MAIN = new URL("main.ts", import.meta.url);

const TURNS = [
  toolCall("stock", { article: "lamp" }, { when: "How many lamps" }),
  reply("4711", { when: "How many lamps" }),
  reply('{"colour":"blue"}', { when: "one colour" }),
];

Deno.test("the live check wants to be told that it may ask the service", async () => {
  await using desk = await openDesk();
  const { code, stdout } = await desk.run([], { entry: MAIN });
  assert.equal(code, 2);
  assert.match(stdout, /^This asks the real service .* CODEX_LIVE=1 deno task live\.\n$/);
  assert.equal(desk.simulator.requests.length, 0);
});

Deno.test("the live check does the main job and settles what is only reported", async () => {
  await using desk = await openDesk({
    turns: TURNS,
    rules: { wantsLite: ["gpt-6-luna"], wantsIdentity: ["gpt-6-sol"] },
    refresh: { revokeFamily: true },
  });
  const env = { CODEX_LIVE: "1" };
  const { code, stdout, stderr } = await desk.run(["--reuse"], { entry: MAIN, env });
  assert.equal(code, 0, stdout + stderr);
  for (
    const line of [
      /gpt-5\.5: classic shape$/m,
      /gpt-6-luna: lite shape, after 404 .*Model not found/,
      /gpt-6-sol: neither shape \(model_unavailable/,
      /^ {2}no {4}every listed model answers a program with a name of its own$/m,
      /^ {2}yes {3}a version of our own \(0\.1\.0\) is shown no models/m,
      /^ {2}yes {3}the parameter temperature is refused by its name/m,
      /^ {2}no {4}a request works without chatgpt-account-id/m,
      /^ {2}yes {3}a function tool without strict is taken, and called$/m,
      /^ {2}yes {3}the answer's items are taken back, with the result$/m,
      /^ {2}yes {3}the answer is JSON of the schema$/m,
      /^ {2}yes {3}a refresh gives a new refresh token$/m,
      /^ {2}yes {3}a spent refresh token ends the whole sign-in/m,
      /^\d+ yes, \d+ no, 0 open, 0 failed$/m,
    ]
  ) assert.match(stdout, line);
  assert.doesNotMatch(stdout, /eyJ|rt_|Bearer/);
});

Deno.test("the live check fails when the main job does, and asks for a sign-in where there is none", async () => {
  await using desk = await openDesk({
    faults: [{ route: "responses", status: 400, body: { detail: "No" }, times: "always" }],
  });
  const env = { CODEX_LIVE: "1" };
  const { code, stdout } = await desk.run([], { entry: MAIN, env });
  assert.equal(code, 1, stdout);
  assert.match(stdout, /FAILED an answer: no model gave one/);
  const nobody = await desk.run([], {
    entry: MAIN,
    env: { ...env, CODEX_AUTH_FILE: desk.home.join("none.json") },
  });
  assert.equal(nobody.code, 3, nobody.stdout + nobody.stderr);
  assert.match(nobody.stdout, /run codex login first/);
});
