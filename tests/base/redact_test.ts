import assert from "node:assert/strict";
import fc from "fast-check";
import { redact } from "../../src/base/redact.ts";

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const word = (min: number, max: number, alphabet: string = BASE64URL) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });

/** What the kinds of secrets look like that this package handles. */
const TOKEN = fc.oneof(
  // JSON Web Tokens, with and without a signature.
  fc.tuple(word(8, 40), word(0, 60), word(0, 60)).map(([a, b, c]) => `eyJ${a}.${b}.${c}`),
  // Refresh tokens, keys, personal tokens and authorization codes.
  fc.tuple(fc.constantFrom("rt_", "rt-", "sk-", "sk-proj-", "at-", "ac_"), word(8, 60))
    .map(([prefix, rest]) => prefix + rest),
);

/** Where a server, a library or a runtime may put one. */
const PLACES: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => `The token ${secret} is not valid`,
  (secret) => `The token "${secret}", sent twice: ${secret}.`,
  (secret) => `{"error":{"message":"got '${secret}'"}}`,
  (secret) => `{"refresh_token":"${secret}"}`,
  (secret) => `https://a.test/auth/callback?code=${secret}&state=x`,
  (secret) => `authorization: Bearer ${secret}\r\nx: y`,
  (secret) => `a\n${secret}\tb`,
  (secret) => `(${secret})`,
  (secret) => `<p>${secret}</p>`,
];

Deno.test("redact() masks every kind of token wherever it stands", () => {
  fc.assert(fc.property(TOKEN, fc.constantFrom(...PLACES), (secret, place) => {
    const clean = redact(place(secret));
    assert.ok(!clean.includes(secret), clean);
    // Not half of it either.
    assert.ok(!clean.includes(secret.slice(-8)), clean);
    assert.ok(clean.includes("***"));
  }));
});

Deno.test("redact() masks the secrets it is told, whatever they look like", () => {
  const units = [
    "a",
    "B",
    "0",
    "/",
    "+",
    "=",
    "%",
    '"',
    "\\",
    "\n",
    " ",
    "$&",
    "é",
    "😀",
    "\ud800",
  ];
  const anything = fc.string({
    unit: fc.constantFrom(...units),
    minLength: 8,
    maxLength: 60,
  });
  fc.assert(fc.property(anything, fc.array(anything, { maxLength: 3 }), (secret, others) => {
    const clean = redact(`before ${secret} after`, [...others, secret]);
    assert.ok(!clean.includes(secret), clean);
  }));
});

Deno.test("redact() masks a secret that was percent-encoded on its way", () => {
  const secret = "pass/word+with=all&of it";
  const clean = redact(`GET /?a=${encodeURIComponent(secret)}`, [secret]);
  assert.equal(clean, "GET /?a=***");
});

Deno.test("redact() leaves nothing of a secret that another one is part of", () => {
  assert.equal(redact("x abcdefgh-ijklmnop y", ["abcdefgh", "abcdefgh-ijklmnop"]), "x *** y");
});

Deno.test("redact() leaves a short secret alone, which would garble the text", () => {
  assert.equal(redact("the answer is yes", ["", "e", "yes"]), "the answer is yes");
});

Deno.test("redact() masks user and password of an address, an @ within them too", () => {
  assert.equal(
    redact("proxy http://user:pa55@proxy.test:3128 is down"),
    "proxy http://***@proxy.test:3128 is down",
  );
  assert.equal(redact("http://user:p@ss@proxy.test/"), "http://***@proxy.test/");
  assert.equal(redact("http://me@proxy.test/"), "http://***@proxy.test/");
});

Deno.test("redact() masks members and parameters that are secret by their name", () => {
  const names = [
    "access_token",
    "refresh_token",
    "id_token",
    "code_verifier",
    "client_secret",
    "api_key",
    "device_auth_id",
    "authorization_code",
  ];
  for (const name of names) {
    assert.equal(redact(`{"${name}": "0pa.que-Value_1"}`), `{"${name}": "***"}`);
    assert.equal(redact(`a=b&${name}=0pa.que-Value_1&c=d`), `a=b&${name}=***&c=d`);
  }
  assert.equal(redact("/callback?code=Xy0Z1234abcd&state=s"), "/callback?code=***&state=s");
});

Deno.test("redact() leaves ordinary words and the names of errors as they are", () => {
  const texts = [
    "The model gpt-5.5 is not available for your plan",
    '{"error":{"code":"refresh_token_reused","message":"Your refresh token has already been used"}}',
    "code=deviceauth_authorization_pending.",
    "https://chatgpt.com/backend-api/codex/responses?client_version=0.169.0",
    "mail to someone@example.com at 10:00",
    "rt_1 sk-2 at-3 are too short, start-up is not one and at-risk neither",
    "request id 7b6fd29f-90a4-4b3f-9fbd-2b3c1b1d6c55",
  ];
  for (const text of texts) assert.equal(redact(text), text);
});

Deno.test("redact() takes time in proportion to the text, whatever a server makes of it", () => {
  const size = 400_000;
  const parts = [" ", "eyJ-", "eyJaaaaaaaa.", "://a", "@:", "rt_", "code=", "bearer "];
  const start = performance.now();
  for (const part of parts) redact(part.repeat(size / part.length));
  // Linear it takes a tenth of a second in all; quadratic it takes minutes.
  assert.ok(performance.now() - start < 20_000);
});

Deno.test("redact() twice is redact() once", () => {
  fc.assert(fc.property(fc.string(), TOKEN, (text, secret) => {
    const once = redact(`${text} ${secret}`);
    assert.equal(redact(once), once);
  }));
});
