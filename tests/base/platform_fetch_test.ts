import assert from "node:assert/strict";
import { type CodexError, isCodexError } from "../../src/base/errors.ts";
import { platformFetch } from "../../src/base/platform_fetch.ts";
import { makeCertificates } from "../../src/testing/tls.ts";
import { TempDir } from "../support/temp_dir.ts";

const envOf = (variables: Record<string, string>) => (name: string) => variables[name];

/** The error that a promise rejects with, which has to be `invalid_usage`. */
async function usageErrorOf(promise: Promise<unknown>): Promise<CodexError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  if (isCodexError(error, "invalid_usage")) return error;
  throw new Error("it did not reject with invalid_usage", { cause: error });
}

/** A TLS server on the loopback, with a certificate of an authority that nobody knows. */
async function tlsServer() {
  const { ca, cert, key } = await makeCertificates(["127.0.0.1"]);
  const seen: Headers[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
    (request) => {
      seen.push(new Headers(request.headers));
      return new Response("hello");
    },
  );
  return {
    ca,
    seen,
    url: `https://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("platformFetch() reads nothing before the first request", () => {
  const asked: string[] = [];
  platformFetch((name) => {
    asked.push(name);
    return "/nowhere/ca.pem";
  });
  assert.deepEqual(asked, []);
});

Deno.test("platformFetch() is the platform's fetch where no certificate is named", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => new Response(`${request.method} ${await request.text()}`),
  );
  const fetch = platformFetch(envOf({}));
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const response = await fetch(url, { method: "POST", body: "body" });
  assert.equal(await response.text(), "POST body");
});

Deno.test("platformFetch() refuses a server of an authority that it was not told of", async () => {
  await using server = await tlsServer();
  const fetch = platformFetch(envOf({}));
  const error = await fetch(server.url).then(() => undefined, (error: unknown) => error);
  assert.ok(error instanceof TypeError);
  assert.match(String(error.cause), /UnknownIssuer/);
  assert.equal(server.seen.length, 0);
});

for (const variable of ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"]) {
  Deno.test({
    name: `platformFetch() reaches a server of the authority that ${variable} names`,
    // The client lives as long as the process, so there is no way to close it.
    sanitizeResources: false,
    async fn() {
      await using dir = await TempDir.make();
      await using server = await tlsServer();
      const fetch = platformFetch(envOf({ [variable]: await dir.write("ca.pem", server.ca) }));
      const response = await fetch(server.url, { headers: { originator: "x" } });
      assert.equal(await response.text(), "hello");
      // The file is read once, not for each request.
      await Deno.remove(dir.join("ca.pem"));
      assert.equal(await (await fetch(server.url)).text(), "hello");
      assert.equal(server.seen[0]?.get("originator"), "x");
    },
  });
}

Deno.test({
  name: "platformFetch() takes a bundle of many certificates, with text between them",
  sanitizeResources: false,
  async fn() {
    await using dir = await TempDir.make();
    await using server = await tlsServer();
    const other = await makeCertificates(["127.0.0.1"]);
    const bundle = `# first\n${other.ca}\n# second\n${server.ca}`;
    const fetch = platformFetch(envOf({ SSL_CERT_FILE: await dir.write("ca.pem", bundle) }));
    assert.equal(await (await fetch(server.url)).text(), "hello");
  },
});

Deno.test({
  name: "platformFetch() prefers CODEX_CA_CERTIFICATE to SSL_CERT_FILE",
  sanitizeResources: false,
  async fn() {
    await using dir = await TempDir.make();
    await using server = await tlsServer();
    const fetch = platformFetch(envOf({
      CODEX_CA_CERTIFICATE: await dir.write("ca.pem", server.ca),
      SSL_CERT_FILE: dir.join("missing.pem"),
    }));
    assert.equal(await (await fetch(server.url)).text(), "hello");
  },
});

Deno.test("platformFetch() does not fall back to SSL_CERT_FILE when the other one is no good", async () => {
  await using dir = await TempDir.make();
  await using server = await tlsServer();
  const fetch = platformFetch(envOf({
    CODEX_CA_CERTIFICATE: dir.join("missing.pem"),
    SSL_CERT_FILE: await dir.write("ca.pem", server.ca),
  }));
  await usageErrorOf(fetch(server.url));
  assert.equal(server.seen.length, 0);
});

Deno.test({
  name: "platformFetch() refuses a server of another authority than the one it was told of",
  sanitizeResources: false,
  async fn() {
    await using dir = await TempDir.make();
    await using server = await tlsServer();
    const { ca } = await makeCertificates(["127.0.0.1"]);
    const fetch = platformFetch(envOf({ SSL_CERT_FILE: await dir.write("ca.pem", ca) }));
    await assert.rejects(fetch(server.url), TypeError);
    assert.equal(server.seen.length, 0);
  },
});

const BAD_FILES: readonly (readonly [
  what: string,
  content: string | Uint8Array | undefined,
  why: RegExp,
])[] = [
  ["is missing", undefined, /cannot be read/],
  ["is empty", "", /holds no PEM certificate/],
  ["is binary", new Uint8Array([0x30, 0x82, 0xff, 0x00]), /holds no PEM certificate/],
  [
    "holds a key alone",
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    /holds no PEM certificate/,
  ],
  [
    "holds a certificate in pieces",
    "-----BEGIN CERTIFICATE-----\nAAAA\n",
    /holds a certificate that cannot be read/,
  ],
  [
    "holds a certificate that is no base64",
    "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    /holds a certificate that cannot be read/,
  ],
];

for (const [what, content, why] of BAD_FILES) {
  for (const variable of ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"]) {
    Deno.test(`platformFetch() sends nothing when the file of ${variable} ${what}`, async () => {
      await using dir = await TempDir.make();
      let requests = 0;
      await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
        requests++;
        return new Response();
      });
      if (content !== undefined) await dir.write("ca.pem", content);
      const fetch = platformFetch(envOf({ [variable]: dir.join("ca.pem") }));
      const url = `http://127.0.0.1:${server.addr.port}/`;
      const error = await usageErrorOf(fetch(url));
      assert.match(error.message, why);
      assert.ok(error.message.includes(variable));
      assert.ok(error.message.includes(dir.join("ca.pem")));
      assert.match(error.hint ?? "", new RegExp(`unset ${variable}`));
      await usageErrorOf(fetch(url));
      assert.equal(requests, 0);
    });
  }
}

Deno.test("platformFetch() sends nothing when the file is a folder", async () => {
  await using dir = await TempDir.make();
  const fetch = platformFetch(envOf({ SSL_CERT_FILE: dir.path }));
  assert.match((await usageErrorOf(fetch("https://a.test/"))).message, /is no bundle/);
});

Deno.test("platformFetch() does not read a device, which has no end", async () => {
  const fetch = platformFetch(envOf({ CODEX_CA_CERTIFICATE: "/dev/zero" }));
  assert.match((await usageErrorOf(fetch("https://a.test/"))).message, /is no bundle/);
});

for (const certificate of ["", "/nowhere/ca.pem"]) {
  Deno.test(`platformFetch() blames DENO_CERT, and not its own file, for "${certificate}"`, async () => {
    await using dir = await TempDir.make();
    const { ca } = await makeCertificates(["127.0.0.1"]);
    const bundle = await dir.write("ca.pem", ca);
    const module = new URL("../../src/base/platform_fetch.ts", import.meta.url);
    // Deno reads the variable when the process starts to use the network.
    const script = await dir.write(
      "script.ts",
      `import { platformFetch } from "${module}";
       const fetch = platformFetch((name) => name === "SSL_CERT_FILE" ? Deno.args[0] : undefined);
       await fetch("https://127.0.0.1:9/").catch((e) => console.log(\`\${e.code}: \${e.message}\`));`,
    );
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "--no-config", "--no-check", "-A", script, bundle],
      env: { DENO_CERT: certificate },
      stdin: "null",
    }).output();
    assert.equal(
      new TextDecoder().decode(stdout),
      "invalid_usage: The file named by DENO_CERT cannot be used\n",
    );
  });
}
