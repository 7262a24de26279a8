import assert from "node:assert/strict";
import { CodexError, isCodexError } from "../../src/base/errors.ts";
import { exchange, type Fetch, hostOf, networkError, readText, send } from "../../src/base/http.ts";
import { startConnectProxy } from "../../src/testing/connect_proxy.ts";
import { makeCertificates } from "../../src/testing/tls.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { fail, hang, json, ScriptedFetch, text } from "../support/scripted_fetch.ts";

const URL_A = "https://a.test/v1/thing?secret=in-the-query";
const LOOPBACK = { hostname: "127.0.0.1", port: 0, onListen() {} } as const;

/** The error that a promise rejects with, which has to be one of ours. */
async function codexErrorOf(promise: Promise<unknown>): Promise<CodexError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  if (isCodexError(error)) return error;
  throw new Error("it did not reject with a CodexError", { cause: error });
}

/** A TCP server that does one thing with every connection, once it has been asked something. */
function rawServer(serve: (connection: Deno.TcpConn) => Promise<unknown>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096));
      await serve(connection);
      try {
        connection.close();
      } catch {
        // It was closed by `serve`.
      }
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await running;
    },
  };
}

const say = (connection: Deno.TcpConn, words: string) =>
  connection.write(new TextEncoder().encode(words));

Deno.test("send() sends what it is given, without following redirects", async () => {
  const net = new ScriptedFetch(text("hello"));
  const init = { method: "POST", headers: { originator: "x" }, body: "a=b" };
  const response = await send(URL_A, init, { fetch: net.fetch, clock: new ManualClock() });
  assert.equal(await response.text(), "hello");
  const seen = net.request(0);
  assert.deepEqual([seen.method, seen.url.href, seen.body], ["POST", URL_A, "a=b"]);
  assert.equal(seen.headers.get("originator"), "x");
  assert.equal(seen.redirect, "manual");
});

for (const status of [200, 204, 304, 400, 401, 404, 429, 500, 503]) {
  Deno.test(`send() gives back an answer with status ${status}`, async () => {
    const net = new ScriptedFetch(() => new Response(null, { status }));
    const response = await send(URL_A, {}, { fetch: net.fetch, clock: new ManualClock() });
    assert.equal(response.status, status);
  });
}

for (const status of [300, 301, 302, 303, 307, 308]) {
  Deno.test(`send() names the host that a ${status} points at, and sends nothing there`, async () => {
    let elsewhere = 0;
    let here = 0;
    await using other = Deno.serve(LOOPBACK, () => {
      elsewhere++;
      return new Response("got you");
    });
    const location = `http://user:pa55@127.0.0.1:${other.addr.port}/login?token=rt_secret_token`;
    await using server = Deno.serve(LOOPBACK, () => {
      here++;
      return new Response("moved", { status, headers: { location } });
    });
    const error = await codexErrorOf(send(
      `http://127.0.0.1:${server.addr.port}/`,
      { method: "POST", body: "x", headers: { "chatgpt-account-id": "acc" } },
      { fetch, clock: new ManualClock() },
    ));
    assert.equal(error.code, "network");
    assert.equal(error.status, status);
    assert.equal(error.retryable, false);
    assert.equal(
      error.message,
      `127.0.0.1:${server.addr.port} answered with a redirect to 127.0.0.1:${other.addr.port}, ` +
        "which is not followed",
    );
    assert.deepEqual([here, elsewhere], [1, 0]);
  });
}

Deno.test("send() survives a redirect that leads nowhere", async () => {
  for (const location of [undefined, "http://", "https://[broken", "/relative"]) {
    const headers = location === undefined ? {} : { location };
    const net = new ScriptedFetch(text("", 302, headers));
    const options = { fetch: net.fetch, clock: new ManualClock() };
    const error = await codexErrorOf(send(URL_A, {}, options));
    assert.match(error.message, /redirect to (nowhere|a\.test),/);
  }
});

Deno.test("send() ends with a network error when no answer comes in time", async () => {
  const clock = new ManualClock();
  const net = new ScriptedFetch(hang());
  const sending = codexErrorOf(send(URL_A, {}, { fetch: net.fetch, clock, timeoutMs: 1500 }));
  await clock.advance(1499);
  assert.equal(net.request(0).signal.aborted, false);
  await clock.advance(1);
  const error = await sending;
  assert.equal(error.code, "network");
  assert.equal(error.message, "No answer from a.test within 1.5 s");
  assert.equal(error.retryable, true);
});

Deno.test("send() measures the time to the headers only, and gives its timer back", async () => {
  const clock = new ManualClock();
  const net = new ScriptedFetch(text("slow body"));
  const response = await send(URL_A, {}, { fetch: net.fetch, clock, timeoutMs: 1500 });
  assert.equal(clock.pending, 0);
  await clock.advance(10_000);
  assert.equal(await response.text(), "slow body");
});

Deno.test("send() passes the caller's own reason through, whatever it is", async () => {
  for (const reason of [new Error("mine"), "enough", { code: 1 }]) {
    const controller = new AbortController();
    const net = new ScriptedFetch(hang());
    const clock = new ManualClock();
    const options = { fetch: net.fetch, clock, signal: controller.signal, timeoutMs: 99 };
    const sending = send(URL_A, {}, options);
    await clock.advance(1);
    controller.abort(reason);
    await assert.rejects(sending, (error) => error === reason);
    assert.equal(clock.pending, 0);
  }
});

Deno.test("send() sends nothing when it is already aborted", async () => {
  let asked = 0;
  await using server = Deno.serve(LOOPBACK, () => {
    asked++;
    return new Response();
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const options = { fetch, clock: new ManualClock(), signal: AbortSignal.abort("before") };
  await assert.rejects(send(url, {}, options), (error) => error === "before");
  assert.equal(asked, 0);
});

Deno.test("exchange() gives status, headers and text", async () => {
  const net = new ScriptedFetch(json({ a: "ü" }, 418, { "x-request-id": "req_1" }));
  const answer = await exchange(URL_A, {}, { fetch: net.fetch, clock: new ManualClock() });
  assert.equal(answer.status, 418);
  assert.equal(answer.headers.get("x-request-id"), "req_1");
  assert.equal(answer.text, '{"a":"ü"}');
});

Deno.test("exchange() holds its time limit over the body too", async () => {
  const clock = new ManualClock();
  let cancelled: unknown;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("half")),
    cancel: (reason) => void (cancelled = reason),
  });
  const net = new ScriptedFetch(() => new Response(body));
  const asking = codexErrorOf(exchange(URL_A, {}, { fetch: net.fetch, clock, timeoutMs: 3000 }));
  await clock.advance(3000);
  const error = await asking;
  assert.equal(error.message, "No answer from a.test within 3 s");
  assert.equal(cancelled, error, "the connection is let go");
  assert.equal(clock.pending, 0);
});

Deno.test("exchange() ends with the caller's reason while the body is read", async () => {
  const body = new ReadableStream({});
  const net = new ScriptedFetch(() => new Response(body));
  const controller = new AbortController();
  const clock = new ManualClock();
  const asking = exchange(URL_A, {}, { fetch: net.fetch, clock, signal: controller.signal });
  await clock.advance(1);
  controller.abort("enough");
  await assert.rejects(asking, (error) => error === "enough");
});

for (const stage of ["headers", "body"]) {
  Deno.test(`exchange() over a real connection ends when it is aborted before the ${stage}`, async () => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    await using server = Deno.serve(LOOPBACK, async () => {
      if (stage === "body") return new Response(new ReadableStream({}));
      reach();
      await over;
      return new Response();
    });
    const watched: Fetch = async (input, init) => {
      const response = await fetch(input, init);
      reach();
      return response;
    };
    const controller = new AbortController();
    const url = `http://127.0.0.1:${server.addr.port}/`;
    const options = { fetch: watched, clock: new ManualClock(), signal: controller.signal };
    const asking = exchange(url, {}, options);
    await reached;
    controller.abort("enough");
    await assert.rejects(asking, (error) => error === "enough");
    end();
  });
}

Deno.test("readText() puts characters together that were cut, and replaces what is no UTF-8", async () => {
  const bytes = new TextEncoder().encode("aü€😀");
  const chunks = [...bytes].map((byte) => new Uint8Array([byte]));
  assert.equal(await readText(new Response(ReadableStream.from(chunks))), "aü€😀");
  assert.equal(await readText(new Response(new Uint8Array([0x61, 0xff, 0xe2]))), "a\ufffd\ufffd");
  assert.equal(await readText(new Response(null)), "");
});

Deno.test("readText() stops at one mebibyte and lets the rest go", async () => {
  let pulled = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pulled++;
      controller.enqueue(new Uint8Array(100_000).fill(0x61));
    },
    cancel: () => void (cancelled = true),
  });
  assert.equal((await readText(new Response(body))).length, 1024 * 1024);
  assert.ok(cancelled);
  assert.ok(pulled < 15, String(pulled));
});

Deno.test("readText() does not wait for a body when it is already aborted", async () => {
  const response = new Response(new ReadableStream({}));
  const signal = AbortSignal.abort("before");
  await assert.rejects(readText(response, signal), (error) => error === "before");
});

Deno.test("hostOf() gives the host and nothing else of an address", () => {
  assert.equal(hostOf("https://user:pa55@a.test:8443/path?code=x#y"), "a.test:8443");
  assert.equal(hostOf("http://[::1]:80/"), "[::1]");
  for (const url of ["", "no address", "/relative", "mailto:a@b.test", "data:,x"]) {
    assert.equal(hostOf(url), "the service", url);
  }
});

Deno.test("networkError() leaves our own errors as they are", () => {
  const own = new CodexError("timeout", "x");
  assert.equal(networkError(own, "a.test"), own);
});

Deno.test("networkError() names the permission that is missing", () => {
  const refused = new Deno.errors.NotCapable("Requires net access");
  const error = networkError(refused, "a.test:443");
  assert.ok(isCodexError(error, "invalid_usage"));
  assert.equal(error.hint, "Run with --allow-net=a.test:443");
  assert.equal(error.cause, refused);
});

Deno.test("exchange() does not wait for a fetch that does not heed its signal", async () => {
  const clock = new ManualClock();
  const deaf = () => new Promise<Response>(() => {});
  const work = exchange("https://a.test/", {}, { fetch: deaf, clock, timeoutMs: 1000 });
  work.catch(() => {});
  await clock.advance(1000);
  await assert.rejects(work, { code: "network" });
  const controller = new AbortController();
  const other = send("https://a.test/", {}, { fetch: deaf, clock, signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(other, /enough/);
  assert.equal(clock.pending, 0);
});

Deno.test("send() refuses a fetch that answers with no Response", async () => {
  const clock = new ManualClock();
  for (const nothing of [undefined, null, "text", {}]) {
    // What a caller without types may give.
    const fetch = () => Promise.resolve(nothing as unknown as Response);
    await assert.rejects(send("https://a.test/", {}, { fetch, clock }), { code: "invalid_usage" });
  }
});

Deno.test("networkError() says something about anything that can be thrown", () => {
  for (
    const thrown of [undefined, null, "text", 5, {}, new Error(), new TypeError("fetch failed")]
  ) {
    const error = networkError(thrown, "a.test");
    assert.ok(isCodexError(error, "network"));
    assert.equal(error.message, "Cannot reach a.test: the connection failed");
    assert.equal(error.cause, thrown);
    assert.ok(error.hint);
  }
});

Deno.test("networkError() knows a name that does not resolve and a missing CA file", async () => {
  // Texts of Deno 2.9.6 that a test on the loopback cannot bring about.
  const known = {
    "client error (Connect): dns error: failed to lookup address information: Name or service not known":
      /its name cannot be resolved/,
    "Failed opening CA file": /the CA file cannot be opened/,
  };
  for (const [cause, said] of Object.entries(known)) {
    const net = new ScriptedFetch(fail(cause));
    const error = await codexErrorOf(
      send(URL_A, {}, { fetch: net.fetch, clock: new ManualClock() }),
    );
    assert.match(error.message, said);
    assert.ok(!error.message.includes("secret"));
  }
});

/** Asks a server once, and gives back what the error says after the host. */
async function whyNot(url: string, client?: Deno.HttpClient): Promise<string> {
  const ask: Fetch = client === undefined
    ? fetch
    : (input, init) => fetch(input, { ...init, client });
  const error = await codexErrorOf(exchange(url, {}, { fetch: ask, clock: new ManualClock() }));
  assert.equal(error.code, "network");
  const [before, after] = error.message.split(`Cannot reach ${new URL(url).host}: `);
  assert.equal(before, "");
  return after ?? "";
}

Deno.test("exchange() says that a connection was refused", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assert.equal(await whyNot(`http://127.0.0.1:${port}/`), "the connection was refused");
});

Deno.test("exchange() says that a connection was closed before the answer", async () => {
  await using server = rawServer(() => Promise.resolve());
  assert.equal(await whyNot(server.url), "the connection was closed");
});

Deno.test("exchange() says that an answer was cut off, by length and by chunk", async () => {
  for (
    const head of ["content-length: 100\r\n\r\nhalf", "transfer-encoding: chunked\r\n\r\n5\r\nha"]
  ) {
    await using server = rawServer((connection) => say(connection, `HTTP/1.1 200 OK\r\n${head}`));
    assert.equal(await whyNot(server.url), "the answer was cut off");
  }
});

Deno.test("exchange() says that the other side does not speak HTTP", async () => {
  await using server = rawServer((connection) => say(connection, "220 mail.test ESMTP\r\n"));
  assert.equal(await whyNot(server.url), "it does not speak HTTP");
});

Deno.test("exchange() says that the other side does not speak TLS", async () => {
  await using server = Deno.serve(LOOPBACK, () => new Response("plain"));
  assert.equal(
    await whyNot(`https://127.0.0.1:${server.addr.port}/`),
    "it does not speak TLS there",
  );
});

Deno.test("exchange() tells an unknown authority from a certificate for another name", async () => {
  const { ca, cert, key } = await makeCertificates(["other.test"]);
  await using server = Deno.serve({ ...LOOPBACK, cert, key }, () => new Response());
  const url = `https://127.0.0.1:${server.addr.port}/`;
  assert.equal(
    await whyNot(url),
    "its certificate comes from an authority that is not trusted here",
  );
  using trusting = Deno.createHttpClient({ caCerts: [ca] });
  assert.equal(await whyNot(url, trusting), "its certificate is not valid");
});

Deno.test("exchange() says that a certificate is out of date", async () => {
  const { ca, cert, key } = await makeCertificates(["127.0.0.1"], Date.parse("2020-01-01"));
  await using server = Deno.serve({ ...LOOPBACK, cert, key }, () => new Response());
  using client = Deno.createHttpClient({ caCerts: [ca] });
  const url = `https://127.0.0.1:${server.addr.port}/`;
  assert.equal(await whyNot(url, client), "its certificate is not valid");
});

Deno.test("exchange() says that a proxy refuses the connection", async () => {
  await using proxy = startConnectProxy({ hosts: [], target: 1 });
  using client = Deno.createHttpClient({ proxy: { url: proxy.url } });
  assert.equal(await whyNot("https://a.test/", client), "the proxy refuses the connection");
});

Deno.test("exchange() says that a port is one that is never asked", async () => {
  assert.equal(await whyNot("http://127.0.0.1:9/"), "its port is one that fetch never asks");
});
