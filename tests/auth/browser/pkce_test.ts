import assert from "node:assert/strict";
import { pkce, randomState } from "../../../src/auth/browser/pkce.ts";

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index);

Deno.test("pkce() makes the challenge of RFC 7636, appendix B", async () => {
  const octets = Uint8Array.fromBase64("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", {
    alphabet: "base64url",
  });
  assert.deepEqual(await pkce(() => octets), {
    verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  });
});

Deno.test("pkce() makes an 86-character verifier and a 43-character challenge", async () => {
  const { verifier, challenge } = await pkce();
  assert.match(verifier, /^[\w-]{86}$/);
  assert.match(challenge, /^[\w-]{43}$/);
});

Deno.test("pkce() asks for 64 random bytes and uses them all", async () => {
  const asked: number[] = [];
  const { verifier } = await pkce((length) => {
    asked.push(length);
    return bytes(length);
  });
  assert.deepEqual(asked, [64]);
  assert.deepEqual(Uint8Array.fromBase64(verifier, { alphabet: "base64url" }), bytes(64));
});

Deno.test("pkce() makes another verifier each time", async () => {
  assert.notEqual((await pkce()).verifier, (await pkce()).verifier);
});

Deno.test("randomState() makes 43 characters from 32 random bytes", () => {
  const state = randomState(bytes);
  assert.match(state, /^[\w-]{43}$/);
  assert.deepEqual(Uint8Array.fromBase64(state, { alphabet: "base64url" }), bytes(32));
  assert.notEqual(randomState(), randomState());
});
