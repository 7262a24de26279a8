import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { makeCertificates } from "../../src/testing/tls.ts";
import { testWith } from "../support/need.ts";
import { TempDir } from "../support/temp_dir.ts";

const DAY_MS = 86_400_000;
const HOSTS = ["auth.openai.com", "chatgpt.com", "127.0.0.1", "::1", "2001:db8::7:8"];

Deno.test("makeCertificates() names every host, addresses by their bytes", async () => {
  const { cert } = await makeCertificates(HOSTS);
  assert.deepEqual(new X509Certificate(cert).subjectAltName?.split(", "), [
    "DNS:auth.openai.com",
    "DNS:chatgpt.com",
    "IP Address:127.0.0.1",
    "IP Address:::1",
    "IP Address:2001:db8::7:8",
  ]);
});

Deno.test("makeCertificates() makes an authority and a leaf that is none, with a key of its own", async () => {
  const made = await makeCertificates(HOSTS);
  const ca = new X509Certificate(made.ca);
  const leaf = new X509Certificate(made.cert);
  assert.equal(ca.ca, true);
  assert.equal(leaf.ca, false);
  assert.ok(ca.verify(ca.publicKey));
  assert.ok(leaf.verify(ca.publicKey));
  assert.ok(!leaf.verify(leaf.publicKey));
  assert.notEqual(ca.serialNumber, leaf.serialNumber);
  assert.match(made.key, /^-----BEGIN PRIVATE KEY-----\n/);
});

Deno.test("makeCertificates() is valid from yesterday and for well under 398 days", async () => {
  const now = Date.parse("2027-01-15T08:00:00Z");
  const { ca, cert } = await makeCertificates(["127.0.0.1"], now);
  for (const pem of [ca, cert]) {
    const { validFrom, validTo } = new X509Certificate(pem);
    assert.equal(Date.parse(validFrom), now - DAY_MS);
    assert.equal(Date.parse(validTo), now + 90 * DAY_MS);
  }
});

Deno.test("makeCertificates() makes another authority each time", async () => {
  const [one, two] = await Promise.all([
    makeCertificates(["a.test"]),
    makeCertificates(["a.test"]),
  ]);
  assert.notEqual(one.ca, two.ca);
  assert.ok(!new X509Certificate(one.cert).verify(new X509Certificate(two.ca).publicKey));
});

for (
  const host of ["", "a b", "1.2.3.400", "gggg::1", "[::1]", "a\0b", "https://a.test", "-a.test"]
) {
  Deno.test(`makeCertificates() refuses the host ${JSON.stringify(host)}`, async () => {
    await assert.rejects(makeCertificates([host]), TypeError);
  });
}

Deno.test("makeCertificates() refuses to make one for nobody", async () => {
  await assert.rejects(makeCertificates([]), TypeError);
});

Deno.test("makeCertificates() is accepted by fetch for its hosts, and only with its authority", async () => {
  const { ca, cert, key } = await makeCertificates(["127.0.0.1"]);
  const other = await makeCertificates(["127.0.0.1"]);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen() {}, onError: () => new Response() },
    () => new Response("hello"),
  );
  const url = `https://127.0.0.1:${server.addr.port}`;
  using trusting = Deno.createHttpClient({ caCerts: [ca] });
  assert.equal(await (await fetch(url, { client: trusting })).text(), "hello");
  using distrusting = Deno.createHttpClient({ caCerts: [other.ca] });
  await assert.rejects(fetch(url, { client: distrusting }), TypeError);
  const otherHost = url.replace("127.0.0.1", "127.0.0.2");
  await assert.rejects(fetch(otherHost, { client: trusting }), TypeError);
});

testWith(["openssl"], "makeCertificates() passes the strict checks of OpenSSL", async () => {
  const { ca, cert, key } = await makeCertificates(HOSTS);
  await using dir = await TempDir.make();
  const paths = {
    ca: await dir.write("ca.pem", ca),
    cert: await dir.write("cert.pem", cert),
    key: await dir.write("key.pem", key),
  };
  const verify = ["verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", paths.ca];
  for (const host of HOSTS) {
    const flag = /^[\d.]+$|:/.test(host) ? "-verify_ip" : "-verify_hostname";
    assert.match(await openssl([...verify, flag, host, paths.cert]), /: OK$/);
  }
  assert.match(await openssl([...verify, "-verify_hostname", "a.test", paths.cert]), /mismatch/);
  assert.match(await openssl(["pkey", "-in", paths.key, "-check", "-noout"]), /valid/);
});

testWith(["curl"], "makeCertificates() is accepted by curl", async () => {
  const { ca, cert, key } = await makeCertificates(["localhost", "127.0.0.1"]);
  await using dir = await TempDir.make();
  const path = await dir.write("ca.pem", ca);
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
    () => new Response("hello"),
  );
  const url = `https://127.0.0.1:${server.addr.port}/`;
  assert.equal(await run("curl", ["-sS", "--noproxy", "*", "--cacert", path, url]), "hello");
});

function openssl(args: readonly string[]): Promise<string> {
  return run("openssl", args);
}

/** What a program says, on either stream. */
async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return (decoder.decode(stdout) + decoder.decode(stderr)).trim();
}
