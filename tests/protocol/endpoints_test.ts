import assert from "node:assert/strict";
import { type CodexError, isCodexError } from "../../src/base/errors.ts";
import {
  ADDRESS_VARIABLES,
  type Addresses,
  CALLBACK_PORTS,
  callbackUrl,
  isLoopback,
  issuerEndpoints,
  modelsUrl,
  PRODUCTION,
  resolveAddresses,
  responsesUrl,
  usageUrl,
} from "../../src/protocol/endpoints.ts";

/** What an override of one address becomes. */
function resolved(value: string | URL | undefined, member: keyof Addresses = "baseUrl"): string {
  return resolveAddresses((asked) => asked === member ? value : undefined)[member];
}

/** The error with which an override is refused. */
function refusal(value: string, member: keyof Addresses = "baseUrl"): CodexError {
  try {
    resolved(value, member);
  } catch (error) {
    if (isCodexError(error, "invalid_usage")) return error;
    throw error;
  }
  throw new Error(`${value} was taken`);
}

Deno.test("resolveAddresses() gives the production addresses when nothing overrides them", () => {
  assert.deepEqual(resolveAddresses(() => undefined), {
    issuer: "https://auth.openai.com",
    baseUrl: "https://chatgpt.com/backend-api/codex",
    apiBaseUrl: "https://api.openai.com/v1",
  });
  assert.deepEqual(resolveAddresses(() => ""), PRODUCTION);
});

Deno.test("resolveAddresses() puts each override in its own place", () => {
  for (const member of ["issuer", "baseUrl", "apiBaseUrl"] as const) {
    const got = resolveAddresses((asked) => asked === member ? "https://a.test" : undefined);
    assert.deepEqual(got, { ...PRODUCTION, [member]: "https://a.test" });
  }
});

const TAKEN: readonly (readonly [given: string, becomes: string])[] = [
  ["https://a.test", "https://a.test"],
  ["https://a.test/", "https://a.test"],
  ["https://a.test:8443/x/y//", "https://a.test:8443/x/y"],
  ["https://a.test:443/x", "https://a.test/x"],
  ["HTTPS://A.TEST/Path", "https://a.test/Path"],
  ["https://localhost:8443", "https://localhost:8443"],
  ["https://192.168.1.1/prefix/codex", "https://192.168.1.1/prefix/codex"],
  ["http://127.0.0.1:8080/backend-api/codex", "http://127.0.0.1:8080/backend-api/codex"],
  ["http://127.1.2.3/", "http://127.1.2.3"],
  ["http://[::1]:8080/", "http://[::1]:8080"],
  // Other spellings of the same addresses, as URL writes them.
  ["http://127.1:80/", "http://127.0.0.1"],
  ["http://0x7f000001/", "http://127.0.0.1"],
  ["http://[0:0:0:0:0:0:0:1]/", "http://[::1]"],
  ["  https://a.test/x  ", "https://a.test/x"],
];

for (const [given, becomes] of TAKEN) {
  Deno.test(`resolveAddresses() takes ${given} as ${becomes}`, () => {
    assert.equal(resolved(given), becomes);
  });
}

const REFUSED: readonly (readonly [given: string, why: RegExp])[] = [
  ["http://a.test/", /must be https, or http to a literal loopback address/],
  ["http://localhost:8080/", /literal loopback/],
  ["http://127.0.0.1.a.test/", /literal loopback/],
  ["http://128.0.0.1/", /literal loopback/],
  ["http://0.0.0.0:8080/", /literal loopback/],
  ["http://10.0.0.1/", /literal loopback/],
  ["http://[::]/", /literal loopback/],
  ["http://[::2]/", /literal loopback/],
  ["http://[::ffff:127.0.0.1]/", /literal loopback/],
  ["http://[fe80::1]/", /literal loopback/],
  ["ftp://127.0.0.1/", /must be https/],
  ["ws://127.0.0.1/", /must be https/],
  ["file:///etc/passwd", /must be https/],
  ["javascript:alert(1)", /must be https/],
  ["data:text/plain,x", /must be https/],
  ["https://user:pa55word@a.test/", /must not carry a user or password/],
  ["https://user@a.test/", /must not carry a user or password/],
  ["https://:pa55word@a.test/", /must not carry a user or password/],
  ["http://127.0.0.1@a.test/", /must not carry a user or password/],
  ["https://a.test/?x=1", /must not carry a query or fragment/],
  ["https://a.test/#x", /must not carry a query or fragment/],
  ["a.test", /is not an absolute address/],
  ["127.0.0.1:8080", /is not an absolute address/],
  ["//a.test", /is not an absolute address/],
  ["/path", /is not an absolute address/],
  ["https://", /is not an absolute address/],
  ["https://a b.test", /is not an absolute address/],
  ["http://127.0.0.1:99999/", /is not an absolute address/],
  ["http://127.0.0.256/", /is not an absolute address/],
  [" ", /is not an absolute address/],
];

for (const [given, why] of REFUSED) {
  Deno.test(`resolveAddresses() refuses ${JSON.stringify(given)}`, () => {
    const error = refusal(given);
    assert.match(error.message, why);
    assert.match(error.message, /^CODEX_BASE_URL /);
    assert.match(error.hint ?? "", /Leave CODEX_BASE_URL out/);
    assert.ok(!JSON.stringify(error).includes("pa55word"));
  });
}

Deno.test("resolveAddresses() names the variable or what it is told to name", () => {
  for (const member of ["issuer", "baseUrl", "apiBaseUrl"] as const) {
    assert.match(refusal("x", member).message, new RegExp(`^${ADDRESS_VARIABLES[member]} `));
  }
  assert.throws(
    () => resolveAddresses(() => "x", (member) => `option ${member}`),
    /option issuer is not an absolute address/,
  );
});

Deno.test("resolveAddresses() takes a URL object by the same rules", () => {
  assert.equal(resolved(new URL("http://127.0.0.1:1455/x/")), "http://127.0.0.1:1455/x");
  assert.throws(() => resolved(new URL("http://a.test")), /literal loopback/);
});

Deno.test("isLoopback() knows addresses in digits and no names", () => {
  for (const host of ["127.0.0.1", "127.255.255.254", "[::1]"]) assert.ok(isLoopback(host), host);
  const others = ["localhost", "127.0.0.1.a.test", "a127.0.0.1", "127.0.0", "128.0.0.1", "::1", ""];
  for (const host of others) assert.ok(!isLoopback(host), host);
});

Deno.test("issuerEndpoints() keeps a prefix", () => {
  for (const issuer of ["https://auth.openai.com", "http://127.0.0.1:1/prefix"]) {
    assert.deepEqual(issuerEndpoints(issuer), {
      authorize: `${issuer}/oauth/authorize`,
      token: `${issuer}/oauth/token`,
      revoke: `${issuer}/oauth/revoke`,
      deviceUserCode: `${issuer}/api/accounts/deviceauth/usercode`,
      deviceToken: `${issuer}/api/accounts/deviceauth/token`,
      devicePage: `${issuer}/codex/device`,
      deviceRedirect: `${issuer}/deviceauth/callback`,
    });
  }
});

Deno.test("callbackUrl() names the registered addresses", () => {
  assert.deepEqual(CALLBACK_PORTS.map(callbackUrl), [
    "http://127.0.0.1:1455/auth/callback",
    "http://127.0.0.1:1457/auth/callback",
  ]);
});

Deno.test("the model addresses stand below the base", () => {
  const base = PRODUCTION.baseUrl;
  assert.equal(responsesUrl(base), "https://chatgpt.com/backend-api/codex/responses");
  assert.equal(
    modelsUrl(base, "0.169.0"),
    "https://chatgpt.com/backend-api/codex/models?client_version=0.169.0",
  );
  assert.equal(
    modelsUrl("https://a.test", "1&x=y #"),
    "https://a.test/models?client_version=1%26x%3Dy%20%23",
  );
});

Deno.test("usageUrl() stands beside the base, without its trailing /codex", () => {
  assert.equal(usageUrl(PRODUCTION.baseUrl), "https://chatgpt.com/backend-api/wham/usage");
  assert.equal(usageUrl("http://127.0.0.1:1/codex"), "http://127.0.0.1:1/wham/usage");
  assert.equal(usageUrl("http://127.0.0.1:1/p"), "http://127.0.0.1:1/p/wham/usage");
  assert.equal(usageUrl("https://a.test/codexes"), "https://a.test/codexes/wham/usage");
});
