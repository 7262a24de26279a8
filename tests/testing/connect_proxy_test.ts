import assert from "node:assert/strict";
import { startConnectProxy } from "../../src/testing/connect_proxy.ts";
import { makeCertificates } from "../../src/testing/tls.ts";
import { testWith } from "../support/need.ts";
import { TempDir } from "../support/temp_dir.ts";

const HOSTS = ["backend.test", "issuer.test"];

/** A server that plays the hosts, behind a proxy, and a client that knows both. */
async function standIn() {
  const { ca, cert, key } = await makeCertificates(HOSTS);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
    async (request) => new Response(`${request.method} ${request.url} ${await request.text()}`),
  );
  const proxy = startConnectProxy({ hosts: HOSTS, target: server.addr.port });
  const client = Deno.createHttpClient({ caCerts: [ca], proxy: { url: proxy.url } });
  return {
    ca,
    proxy,
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      await proxy[Symbol.asyncDispose]();
      await server.shutdown();
    },
  };
}

Deno.test("startConnectProxy() ends a named host at the local server, which sees the host's address", async () => {
  await using stand = await standIn();
  const body = "x".repeat(100_000);
  const url = "https://backend.test/backend-api/codex/responses?a=1";
  const answer = await fetch(url, { method: "POST", body, client: stand.client });
  assert.equal(await answer.text(), `POST ${url} ${body}`);
  const other = await fetch("https://issuer.test/oauth/token", { client: stand.client });
  assert.equal(await other.text(), "GET https://issuer.test/oauth/token ");
  assert.deepEqual(stand.proxy.requests, [
    { host: "backend.test", port: 443, allowed: true },
    { host: "issuer.test", port: 443, allowed: true },
  ]);
});

Deno.test("startConnectProxy() refuses any other host and remembers that it was asked", async () => {
  await using stand = await standIn();
  await assert.rejects(
    fetch("https://other.test/", { client: stand.client }),
    (error) => error instanceof TypeError && /unsuccessful tunnel/.test(String(error.cause)),
  );
  assert.deepEqual(stand.proxy.requests, [{ host: "other.test", port: 443, allowed: false }]);
});

/** Writes to the proxy as it stands, and gives back the first line of what it answers. */
async function say(proxy: string, text: string): Promise<string> {
  using connection = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(proxy).port),
  });
  await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(1024);
  const size = await connection.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, size)).split("\r\n")[0] ?? "";
}

Deno.test("startConnectProxy() answers 405 to anything but CONNECT", async () => {
  await using stand = await standIn();
  assert.match(await say(stand.proxy.url, "GET http://backend.test/ HTTP/1.1\r\n\r\n"), / 405 /);
  assert.match(await say(stand.proxy.url, "CONNECT backend.test HTTP/1.1\r\n\r\n"), / 405 /);
  assert.match(await say(stand.proxy.url, "x".repeat(20_000)), / 405 /);
  assert.deepEqual(stand.proxy.requests, []);
});

Deno.test("startConnectProxy() forwards what came right behind the head", async () => {
  const echo = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const echoed = (async () => {
    using connection = await echo.accept();
    const buffer = new Uint8Array(64);
    const size = await connection.read(buffer) ?? 0;
    await connection.write(buffer.subarray(0, size));
  })();
  await using proxy = startConnectProxy({ hosts: ["a.test"], target: echo.addr.port });
  using client = await Deno.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(proxy.url).port),
  });
  await client.write(new TextEncoder().encode("CONNECT a.test:443 HTTP/1.1\r\n\r\nearly"));
  let answer = "";
  const buffer = new Uint8Array(1024);
  while (!answer.endsWith("early")) {
    const size = await client.read(buffer);
    assert.notEqual(size, null, answer);
    answer += new TextDecoder().decode(buffer.subarray(0, size ?? 0));
  }
  assert.match(answer, /^HTTP\/1\.1 200 /);
  await echoed;
  echo.close();
});

Deno.test("startConnectProxy() can be disposed of while tunnels and half requests are open", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const proxy = startConnectProxy({ hosts: ["a.test"], target: silent.addr.port });
  const port = Number(new URL(proxy.url).port);
  using half = await Deno.connect({ hostname: "127.0.0.1", port });
  await half.write(new TextEncoder().encode("CONNECT a."));
  using whole = await Deno.connect({ hostname: "127.0.0.1", port });
  await whole.write(new TextEncoder().encode("CONNECT a.test:443 HTTP/1.1\r\n\r\n"));
  using server = await silent.accept();
  assert.ok(server);
  await proxy[Symbol.asyncDispose]();
  silent.close();
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port }));
});

testWith(["curl"], "startConnectProxy() serves curl too", async () => {
  await using stand = await standIn();
  await using dir = await TempDir.make();
  const ca = await dir.write("ca.pem", stand.ca);
  const { stdout, code } = await new Deno.Command("curl", {
    args: [
      "-sS",
      "--proxy",
      stand.proxy.url,
      "--cacert",
      ca,
      "https://issuer.test/codex/device",
    ],
    stdin: "null",
    stderr: "null",
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "GET https://issuer.test/codex/device ");
  assert.equal(code, 0);
});
