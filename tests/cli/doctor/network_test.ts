import assert from "node:assert/strict";
import { CodexError } from "../../../src/base/errors.ts";
import type { Finding } from "../../../src/cli/doctor/finding.ts";
import { checkEnvironment, checkReach } from "../../../src/cli/doctor/network.ts";
import { createContext } from "../../../src/client/context.ts";
import { memoryStore } from "../../../src/base/memory_store.ts";
import { type Addresses, PRODUCTION } from "../../../src/protocol/endpoints.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { fail, type Handler, hang, ScriptedFetch, text } from "../../support/scripted_fetch.ts";

const MINUTE = 60_000;

function environment(
  env: Readonly<Record<string, string>>,
  addresses: Addresses = PRODUCTION,
): Promise<readonly Finding[]> {
  return checkEnvironment((name) => env[name], addresses);
}

Deno.test("checkEnvironment() finds nothing where nothing is set", async () => {
  assert.deepEqual(await environment({}), []);
});

Deno.test("checkEnvironment() names every address that is another one", async () => {
  const found = await environment({}, {
    ...PRODUCTION,
    issuer: "https://a.test",
    baseUrl: "https://b.test",
  });
  assert.deepEqual(found, [
    { about: "address", severity: "note", text: "issuer is https://a.test" },
    { about: "address", severity: "note", text: "baseUrl is https://b.test" },
  ]);
});

Deno.test("checkEnvironment() shows overrides, without what looks like a secret", async () => {
  const found = await environment({
    CODEX_ORIGINATOR: "me",
    CODEX_CLIENT_VERSION: "sk-0123456789abcdef",
  });
  assert.deepEqual(found.map(({ text }) => text), [
    "CODEX_ORIGINATOR is me",
    "CODEX_CLIENT_VERSION is ***",
  ]);
  assert.ok(found.every(({ severity }) => severity === "note"));
});

Deno.test("checkEnvironment() names the proxy's host, and neither its user nor its password", async () => {
  for (const scheme of ["http://", "https://", ""]) {
    for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"]) {
      const found = await environment({ [name]: `${scheme}ada:p%40ss@proxy.test:3128/x?y=z` });
      assert.deepEqual(found, [{
        about: "proxy",
        severity: "note",
        text: `${name.toUpperCase()} leads through proxy.test:3128`,
      }]);
    }
  }
});

Deno.test("checkEnvironment() repeats nothing of a proxy's address that it cannot read", async () => {
  for (const value of ["http://ada:pass@", "://ada:pass", "http://ada:pass@host:port"]) {
    const [found] = await environment({ HTTPS_PROXY: value });
    assert.equal(found?.text, "HTTPS_PROXY holds no address that can be read");
    assert.equal(found?.hint, "Unset HTTPS_PROXY, or correct it");
  }
});

Deno.test("checkEnvironment() says what NO_PROXY leaves out, and that a star leaves out nothing", async () => {
  const [plain] = await environment({ no_proxy: "localhost,.example.test" });
  assert.deepEqual([plain?.severity, plain?.text], [
    "ok",
    "NO_PROXY leaves out localhost,.example.test",
  ]);
  for (const value of ["*", "localhost, *", "*,a.test"]) {
    const [star] = await environment({ NO_PROXY: value });
    assert.equal(star?.severity, "note");
    assert.match(star?.text ?? "", /has no effect$/);
  }
  assert.equal((await environment({ NO_PROXY: "*.example.test" }))[0]?.severity, "ok");
});

Deno.test("checkEnvironment() names the files with more certificates, and which of two counts", async () => {
  await using dir = await TempDir.make();
  const pem = "-----BEGIN CERTIFICATE-----\n";
  const a = await dir.write("a.pem", pem);
  const b = await dir.write("b.pem", pem);
  const told = async (env: Readonly<Record<string, string>>) =>
    (await environment(env)).map(({ about, severity, text }) => [about, severity, text]);
  assert.deepEqual(await told({ SSL_CERT_FILE: a, DENO_CERT: b }), [
    ["authority", "ok", `SSL_CERT_FILE adds the certificates of ${a}`],
    ["authority", "ok", `DENO_CERT adds the certificates of ${b}`],
  ]);
  assert.deepEqual(await told({ CODEX_CA_CERTIFICATE: a, SSL_CERT_FILE: b }), [
    ["authority", "ok", `CODEX_CA_CERTIFICATE adds the certificates of ${a}`],
    ["authority", "note", "SSL_CERT_FILE has no effect: CODEX_CA_CERTIFICATE counts instead"],
  ]);
});

Deno.test("checkEnvironment() finds a file with certificates that is missing, or is none", async () => {
  await using dir = await TempDir.make();
  const none = await dir.write("none.pem", "x");
  for (const variable of ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE", "DENO_CERT"]) {
    for (
      const [path, why] of [
        [dir.join("missing.pem"), "cannot be read"],
        [dir.path, "is no bundle of certificates"],
        [none, "holds no PEM certificate"],
      ]
    ) {
      assert.deepEqual(await environment({ [variable]: path ?? "" }), [{
        about: "authority",
        severity: "problem",
        text: `The file named by ${variable} ${why}: ${path}`,
        hint: `Give a file with PEM certificates, or unset ${variable}`,
        code: "invalid_usage",
      }]);
    }
  }
});

/** Asks servers that answer as they are told. */
function reach(handlers: readonly Handler[], signal = new AbortController().signal) {
  const clock = new ManualClock();
  const net = new ScriptedFetch(...handlers);
  const context = createContext({
    store: memoryStore(),
    fetch: net.fetch,
    clock,
    env: () => undefined,
  });
  return { clock, net, work: checkReach(context, signal) };
}

/** An answer from a server whose clock differs. */
function answer(status = 200, aheadMs = 0): Handler {
  const date = new Date(new ManualClock().now() - aheadMs).toUTCString();
  return text("", status, { date, location: "https://elsewhere.test/" });
}

Deno.test("checkReach() asks the issuer and the backend for their headers, and tells nobody who asks", async () => {
  const { net, work } = reach([answer(), answer(404)]);
  assert.deepEqual((await work).map(({ about, severity, text }) => [about, severity, text]), [
    ["reach", "ok", "auth.openai.com answers in 0 ms"],
    ["reach", "ok", "chatgpt.com answers in 0 ms"],
    ["clock", "ok", "agrees with the server's"],
  ]);
  for (const request of net.requests) {
    assert.equal(request.method, "HEAD");
    assert.equal(request.redirect, "manual");
    assert.equal(request.headers.get("authorization"), null);
    assert.equal(request.headers.get("originator"), "codex_deno");
  }
});

Deno.test("checkReach() takes a redirect and an error for an answer, with the time that they tell", async () => {
  for (const status of [302, 403, 503]) {
    const { work } = reach([answer(status, 61 * MINUTE), answer(status, 61 * MINUTE)]);
    const found = await work;
    assert.deepEqual(found.map(({ severity }) => severity), ["ok", "ok", "note"]);
  }
});

const CLOCKS: readonly (readonly [ahead: number, severity: string, said: RegExp])[] = [
  [3 * MINUTE, "ok", /^agrees with the server's$/],
  [-3 * MINUTE, "ok", /^agrees with the server's$/],
  [61 * MINUTE, "note", /^1 h 1 min ahead of the server's: tokens are renewed too often$/],
  [-61 * MINUTE, "note", /^1 h 1 min behind the server's: tokens look good that have expired$/],
];

for (const [ahead, severity, said] of CLOCKS) {
  Deno.test(`checkReach() compares the clock with the server's when it is ${ahead} ms ahead`, async () => {
    const { work } = reach([answer(200, ahead), answer(200, ahead)]);
    const clock = (await work).at(-1);
    assert.equal(clock?.about, "clock");
    assert.equal(clock?.severity, severity);
    assert.match(clock?.text ?? "", said);
    assert.equal(clock?.hint, severity === "ok" ? undefined : "Set this machine's clock");
  });
}

Deno.test("checkReach() believes the server that agrees with the clock", async () => {
  const { work } = reach([answer(200, 90 * MINUTE), answer(200, 0)]);
  assert.equal((await work).at(-1)?.severity, "ok");
});

Deno.test("checkReach() says nothing of the clock where no server tells its time", async () => {
  const { work } = reach([text(""), text("", 200, { date: "yesterday" })]);
  assert.deepEqual((await work).map(({ about }) => about), ["reach", "reach"]);
});

Deno.test("checkReach() says which of the two cannot be reached, and why", async () => {
  const { work } = reach([fail("dns error: no such host"), answer()]);
  const [issuer, backend] = await work;
  assert.deepEqual(issuer, {
    about: "reach",
    severity: "problem",
    text: "Cannot reach auth.openai.com: its name cannot be resolved",
    hint: "Check the connection, then try again",
    code: "network",
  });
  assert.equal(backend?.severity, "ok");
});

Deno.test("checkReach() gives up after ten seconds", async () => {
  const { clock, work } = reach([hang(), hang()]);
  await clock.advance(10_000);
  const found = await work;
  assert.deepEqual(found.map(({ text }) => text), [
    "No answer from auth.openai.com within 10 s",
    "No answer from chatgpt.com within 10 s",
  ]);
  assert.equal(clock.pending, 0);
});

Deno.test("checkReach() ends with the reason of an abort", async () => {
  const controller = new AbortController();
  const { clock, work } = reach([hang(), hang()], controller.signal);
  const reason = new CodexError("aborted", "Interrupted");
  controller.abort(reason);
  await assert.rejects(work, (error) => error === reason);
  assert.equal(clock.pending, 0);
});

Deno.test("checkReach() tells of a certificate file that is no good", async () => {
  const broken: Handler = () => {
    throw new CodexError("invalid_usage", "The file cannot be read", { hint: "Give another" });
  };
  const [found] = await reach([broken, broken]).work;
  assert.deepEqual([found?.severity, found?.code], ["problem", "invalid_usage"]);
});
