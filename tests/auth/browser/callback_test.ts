import assert from "node:assert/strict";
import fc from "fast-check";
import {
  callbackError,
  readCallback,
  readPastedCallback,
} from "../../../src/auth/browser/callback.ts";

const STATE = "kBznFwUnae8Jg36Ci9WZzTG6gpIiCKobDrdXanRcujM";
const EXPECTED = { state: STATE, port: 1455 };
const HOST = "127.0.0.1:1455";

function read(target: string, method = "GET", host: string | null = HOST) {
  return readCallback({ method, url: `http://${host ?? HOST}${target}`, host }, EXPECTED);
}

Deno.test("readCallback() takes the code and ignores other parameters", () => {
  assert.deepEqual(read(`/auth/callback?code=ac_one&scope=openid&state=${STATE}&x=1`), {
    kind: "code",
    code: "ac_one",
  });
});

Deno.test("readCallback() lets an error win over a code", () => {
  const target = `/auth/callback?code=ac_one&error=access_denied&state=${STATE}`;
  assert.deepEqual(read(target), { kind: "refused", code: "access_denied", message: undefined });
});

Deno.test("readCallback() tells a state without a code from everything else", () => {
  for (const query of [`state=${STATE}`, `code=&state=${STATE}`, `code=a&code=b&state=${STATE}`]) {
    assert.deepEqual(read(`/auth/callback?${query}`), { kind: "missing-code" }, query);
  }
});

Deno.test("readCallback() refuses a state that is missing, wrong, cut, prolonged or doubled", () => {
  const wrong = [
    "",
    "&state=",
    "&state=wrong",
    `&state=${STATE.slice(0, -1)}`,
    `&state=${STATE}x`,
    `&state=${STATE.toLowerCase()}`,
    `&state=${STATE}&state=${STATE}`,
    `&state=${"x".repeat(60_000)}`,
  ];
  for (const state of wrong) {
    assert.deepEqual(
      read(`/auth/callback?code=ac_one${state}`),
      { kind: "wrong-state" },
      state.slice(0, 60),
    );
    assert.deepEqual(read(`/auth/callback?error=access_denied${state}`), { kind: "wrong-state" });
  }
});

Deno.test("readCallback() takes no state but its own", () => {
  fc.assert(fc.property(fc.string(), (state) => {
    const query = new URLSearchParams({ code: "ac_one", state });
    assert.equal(read(`/auth/callback?${query}`).kind, state === STATE ? "code" : "wrong-state");
  }));
});

Deno.test("readCallback() ignores every other path, those that end the official client included", () => {
  for (const path of ["/", "/success", "/cancel", "/auth/callback/", "//auth/callback", "/auth"]) {
    for (const method of ["GET", "POST", "HEAD"]) {
      assert.deepEqual(
        read(`${path}?code=a&state=${STATE}`, method),
        { kind: "ignored", status: 404 },
        `${method} ${path}`,
      );
    }
  }
});

Deno.test("readCallback() ignores every method but GET", () => {
  for (const method of ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "get"]) {
    assert.deepEqual(
      read(`/auth/callback?code=a&state=${STATE}`, method),
      { kind: "ignored", status: 405 },
      method,
    );
  }
});

Deno.test("readCallback() ignores a request that was made for another host", () => {
  const target = `/auth/callback?code=a&state=${STATE}`;
  const foreign = [
    "rebound.example:1455",
    "127.0.0.1",
    "127.0.0.1:1457",
    "localhost",
    "[::1]:1455",
    "127.0.0.1:1455.rebound.example",
  ];
  for (const host of foreign) {
    assert.equal(read(target, "GET", host).kind, "ignored", host);
    assert.equal(read("/", "GET", host).kind, "ignored", host);
  }
  assert.deepEqual(read(target, "GET", null), { kind: "ignored", status: 421 });
  assert.deepEqual(read(target, "GET", "a b"), { kind: "ignored", status: 400 });
});

Deno.test("readCallback() knows itself as 127.0.0.1 and as localhost", () => {
  for (const host of ["127.0.0.1:1455", "localhost:1455", "LocalHost:1455"]) {
    assert.equal(read(`/auth/callback?code=a&state=${STATE}`, "GET", host).kind, "code", host);
  }
});

Deno.test("readCallback() makes one short clean line of an error_description", () => {
  const query = new URLSearchParams({
    error: "server_error",
    error_description: `  first\r\nsecond\x1b[31m\u202e <b>bold</b> ${STATE} ${"x".repeat(50_000)}`,
    state: STATE,
  });
  const answer = read(`/auth/callback?${query}`);
  assert.ok(answer.kind === "refused" && answer.message !== undefined);
  assert.match(answer.message, /^first second \[31m  ?<b>bold<\/b> \*\*\* x+ …$/);
  assert.ok(answer.message.length <= 302);
});

Deno.test("readCallback() keeps secrets out of an error_description", () => {
  const token = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(20)}`;
  const query = new URLSearchParams({
    error: "server_error",
    error_description: `bad ${token}`,
    state: STATE,
  });
  const answer = read(`/auth/callback?${query}`);
  assert.ok(answer.kind === "refused");
  assert.equal(answer.message, "bad ***");
});

Deno.test("readCallback() has a code for every refusal", () => {
  for (const query of ["error=", "error=a&error=b", "error=%00%07"]) {
    const answer = read(`/auth/callback?${query}&state=${STATE}`);
    assert.ok(answer.kind === "refused");
    assert.equal(answer.code, "unknown");
  }
  const long = read(`/auth/callback?error=${"e".repeat(5000)}&state=${STATE}`);
  assert.ok(long.kind === "refused" && long.code.length === 64);
});

Deno.test("readPastedCallback() takes the whole address, however it is wrapped", () => {
  const address = `http://127.0.0.1:1455/auth/callback?code=ac_one&state=${STATE}`;
  const pastes = [
    address,
    `  ${address}\t\r\n`,
    `"${address}"`,
    `'${address}'`,
    `<${address}>`,
    `\`${address}\``,
    `\x1b[200~${address}\x1b[201~`,
    address.replace("127.0.0.1", "localhost"),
    address.replace("http://127.0.0.1:1455", "https://forwarded.example"),
  ];
  for (const paste of pastes) {
    assert.deepEqual(readPastedCallback(paste, STATE), { kind: "code", code: "ac_one" }, paste);
  }
});

Deno.test("readPastedCallback() checks the state all the same", () => {
  for (const state of ["", "&state=other"]) {
    const paste = `http://127.0.0.1:1455/auth/callback?code=ac_one${state}`;
    assert.deepEqual(readPastedCallback(paste, STATE), { kind: "wrong-state" });
  }
});

Deno.test("readPastedCallback() takes a refusal too", () => {
  const paste = `http://127.0.0.1:1455/auth/callback?error=access_denied&state=${STATE}`;
  assert.equal(readPastedCallback(paste, STATE).kind, "refused");
});

Deno.test("readPastedCallback() wants nothing less than an address", () => {
  const pastes = [
    "",
    "ac_one",
    `ac_one#${STATE}`,
    `?code=ac_one&state=${STATE}`,
    `/auth/callback?code=ac_one&state=${STATE}`,
    `127.0.0.1:1455/auth/callback?code=ac_one&state=${STATE}`,
    `file:///auth/callback?code=ac_one&state=${STATE}`,
    `https://auth.openai.com/oauth/authorize?state=${STATE}`,
    `http://127.0.0.1:1455/success?code=ac_one&state=${STATE}`,
  ];
  for (const paste of pastes) {
    assert.deepEqual(readPastedCallback(paste, STATE), { kind: "not-an-address" }, paste);
  }
});

Deno.test("callbackError() tells a workspace without Codex from a refusal", () => {
  for (const message of ["missing_codex_entitlement", "x: MISSING_CODEX_ENTITLEMENT (403)"]) {
    const error = callbackError({ kind: "refused", code: "access_denied", message });
    assert.equal(error.code, "plan_not_included");
    assert.match(error.message, /no Codex in this workspace/);
    assert.match(error.hint ?? "", /administrator/);
  }
});

Deno.test("callbackError() repeats the description, else the code", () => {
  const refused = { kind: "refused", code: "access_denied" } as const;
  const said = callbackError({ ...refused, message: "The user said no" });
  assert.equal(said.code, "sign_in_rejected");
  assert.equal(said.message, "The sign-in was refused: The user said no");
  const silent = callbackError({ ...refused, message: undefined });
  assert.equal(silent.message, "The sign-in was refused: access_denied");
});

Deno.test("callbackError() says that there was no code", () => {
  const error = callbackError({ kind: "missing-code" });
  assert.equal(error.code, "sign_in_rejected");
  assert.match(error.message, /without a sign-in code/);
});
