/**
 * What the callback listener of the official client 0.169.0 does where it hurts is said in the
 * names; the tests hold what is done here instead.
 */
import assert from "node:assert/strict";
import type { CallbackAnswer } from "../../../src/auth/browser/callback.ts";
import { errorPage, successPage } from "../../../src/auth/browser/callback_page.ts";
import {
  callbackServer,
  type CallbackServerOptions,
  type Serve,
} from "../../../src/auth/browser/callback_server.ts";
import { CodexError, isCodexError } from "../../../src/base/errors.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { rawConnect, rawRequest } from "../../support/raw_request.ts";

const STATE = "kBznFwUnae8Jg36Ci9WZzTG6gpIiCKobDrdXanRcujM";
const CALLBACK = `/auth/callback?code=ac_one&state=${STATE}`;

/** A server on a free port that notes what it is told. */
function started(options: Partial<CallbackServerOptions> = {}) {
  const answers: CallbackAnswer[] = [];
  const clock = new ManualClock();
  const server = callbackServer({
    state: STATE,
    ports: [0],
    clock,
    onAnswer: (answer) => {
      answers.push(answer);
      return Promise.resolve(successPage());
    },
    ...options,
  });
  return {
    ...server,
    answers,
    clock,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** Holds a port for as long as it is in scope. */
const held = () => Deno.listen({ hostname: "127.0.0.1", port: 0 });

Deno.test("callbackServer() hands a callback on and serves the page that comes of it", async () => {
  await using server = started();
  const response = await fetch(`http://127.0.0.1:${server.port}${CALLBACK}`);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /You are signed in/);
  assert.deepEqual(server.answers, [{ kind: "code", code: "ac_one" }]);
  assert.equal(server.redirectUri, `http://127.0.0.1:${server.port}/auth/callback`);
});

Deno.test("callbackServer() serves every answer with the headers of a page", async () => {
  await using server = started();
  for (const target of [CALLBACK, "/auth/callback?state=wrong", "/nowhere"]) {
    const response = await fetch(`http://127.0.0.1:${server.port}${target}`);
    await response.body?.cancel();
    assert.equal(response.headers.get("cache-control"), "no-store", target);
    assert.match(response.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
    assert.equal(response.headers.get("referrer-policy"), "no-referrer");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.match(response.headers.get("content-type") ?? "", /; charset=utf-8$/);
  }
});

Deno.test("callbackServer() serves no page before the work is done (official: 302 to an open /success)", async () => {
  const done = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let saved = false;
  await using server = started({
    onAnswer: async () => {
      asked.resolve();
      await done.promise;
      saved = true;
      return successPage();
    },
  });
  const request = fetch(`http://127.0.0.1:${server.port}${CALLBACK}`, { redirect: "manual" })
    .then(async (response) => ({ status: response.status, saved, text: await response.text() }));
  let arrived = false;
  request.then(() => arrived = true);
  await asked.promise;
  assert.equal((await rawRequest(server.port, "/success")).status, 404);
  assert.equal(arrived, false);
  done.resolve();
  const page = await request;
  assert.equal(page.status, 200);
  assert.equal(page.saved, true);
  assert.match(page.text, /<\/html>\n$/);
});

Deno.test("callbackServer() serves the error page that the work decides on", async () => {
  await using server = started({
    onAnswer: () =>
      Promise.resolve(errorPage(new CodexError("network", "Cannot reach <issuer>: refused"))),
  });
  const response = await fetch(`http://127.0.0.1:${server.port}${CALLBACK}`);
  assert.equal(response.status, 500);
  assert.match(await response.text(), /Cannot reach &#60;issuer&#62;: refused\./);
});

Deno.test("callbackServer() explains a wrong or missing state and waits on (official: plain text)", async () => {
  await using server = started();
  for (const query of ["code=ac_one&state=wrong", "code=ac_one", "error=access_denied"]) {
    const response = await fetch(`http://127.0.0.1:${server.port}/auth/callback?${query}`);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /This belongs to another sign-in/);
  }
  assert.deepEqual(server.answers, []);
  const right = await fetch(`http://127.0.0.1:${server.port}${CALLBACK}`);
  await right.body?.cancel();
  assert.equal(server.answers.length, 1);
});

Deno.test("callbackServer() lets an error win over a code (official: the same)", async () => {
  await using server = started();
  const target = `${CALLBACK}&error=access_denied&error_description=no`;
  await (await fetch(`http://127.0.0.1:${server.port}${target}`)).body?.cancel();
  assert.deepEqual(server.answers, [{ kind: "refused", code: "access_denied", message: "no" }]);
});

Deno.test("callbackServer() tells a callback without a code (official: the same)", async () => {
  await using server = started();
  const target = `/auth/callback?code=&state=${STATE}`;
  await (await fetch(`http://127.0.0.1:${server.port}${target}`)).body?.cancel();
  assert.deepEqual(server.answers, [{ kind: "missing-code" }]);
});

Deno.test("callbackServer() has no /success (official: ends the login, nothing saved)", async () => {
  await using server = started();
  for (const target of ["/success", `/success?code=a&state=${STATE}`, "/success?id_token=x"]) {
    assert.equal((await rawRequest(server.port, target)).status, 404);
  }
  assert.deepEqual(server.answers, []);
  assert.equal((await rawRequest(server.port, CALLBACK)).status, 200);
});

Deno.test("callbackServer() has no /cancel (official: anybody ends the login with it)", async () => {
  await using server = started();
  for (const method of ["GET", "POST"]) {
    assert.equal((await rawRequest(server.port, "/cancel", { method })).status, 404);
  }
  assert.deepEqual(server.answers, []);
  assert.equal((await rawRequest(server.port, CALLBACK)).status, 200);
});

Deno.test("callbackServer() has nothing else either (official: the same)", async () => {
  await using server = started();
  for (const target of ["/", "/favicon.ico", "/auth/callback/x", "/auth", "//auth/callback"]) {
    const answer = await rawRequest(server.port, target);
    assert.equal(answer.status, 404, target);
    assert.equal(answer.body, "Not found\n");
  }
  assert.deepEqual(server.answers, []);
});

Deno.test("callbackServer() takes nothing but GET", async () => {
  await using server = started();
  for (const method of ["HEAD", "POST", "PUT", "OPTIONS"]) {
    const answer = await rawRequest(server.port, CALLBACK, { method });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.get("allow"), "GET");
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
  }
  assert.deepEqual(server.answers, []);
});

Deno.test("callbackServer() takes nothing for another host, as in DNS rebinding", async () => {
  await using server = started();
  const { port } = server;
  for (const host of [`rebound.example:${port}`, "127.0.0.1", "127.0.0.1:1", "", null]) {
    assert.equal((await rawRequest(port, CALLBACK, { host })).status, 421, String(host));
  }
  assert.equal((await rawRequest(port, CALLBACK, { host: "a b" })).status, 400);
  assert.deepEqual(server.answers, []);
  assert.equal((await rawRequest(port, CALLBACK, { host: `localhost:${port}` })).status, 200);
});

Deno.test("callbackServer() outlives a query of any length", async () => {
  await using server = started();
  const target = (length: number) => `/auth/callback?code=${"x".repeat(length)}&state=wrong`;
  assert.match((await rawRequest(server.port, target(60_000))).body, /another sign-in/);
  // Longer than the runtime takes: it answers by itself and may hang up at once.
  await rawRequest(server.port, target(200_000)).catch((error) => {
    assert.ok(
      error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe,
    );
  });
  assert.equal((await rawRequest(server.port, CALLBACK)).status, 200);
  assert.equal(server.answers.length, 1);
});

Deno.test("callbackServer() goes on to the next port, and tells which was taken", async () => {
  using first = held();
  await using server = started({ ports: [first.addr.port, 0] });
  assert.deepEqual(server.busy, [first.addr.port]);
  assert.notEqual(server.port, first.addr.port);
});

Deno.test("callbackServer() fails at once with every port taken (official: six seconds)", () => {
  using first = held();
  using second = held();
  const ports = [first.addr.port, second.addr.port];
  assert.throws(() => started({ ports }), (error) => {
    assert.ok(isCodexError(error, "network"));
    assert.match(error.message, new RegExp(`^Ports ${ports[0]} and ${ports[1]} are taken`));
    assert.match(error.hint ?? "", /codex login --headless/);
    return true;
  });
});

Deno.test("callbackServer() leaves whoever holds the port alone (official: sends it /cancel)", async () => {
  await using first = started();
  await using second = started({ ports: [first.port, 0] });
  assert.equal((await rawRequest(second.port, CALLBACK)).status, 200);
  assert.equal((await rawRequest(first.port, CALLBACK)).status, 200);
  assert.equal(first.answers.length, 1);
});

Deno.test("callbackServer() counts a port that Windows keeps back as taken", () => {
  const serve = () => {
    throw new Deno.errors.PermissionDenied("os error 10013");
  };
  assert.throws(() => started({ ports: [1455], serve }), (error) => {
    return isCodexError(error, "network") && /^Port 1455 is taken/.test(error.message);
  });
});

Deno.test("callbackServer() passes on why it may not listen at all", () => {
  const refused = new Deno.errors.NotCapable("Requires net access");
  const serve = () => {
    throw refused;
  };
  assert.throws(() => started({ serve }), (error) => error === refused);
});

Deno.test("callbackServer() listens on 127.0.0.1 alone, on 1455 first, and prints nothing", async () => {
  const seen: Deno.ServeTcpOptions[] = [];
  const serve: Serve = (options) => {
    seen.push(options);
    return {
      addr: { transport: "tcp", hostname: "127.0.0.1", port: options.port ?? 0 },
      shutdown: () => Promise.resolve(),
      unref: () => {},
    };
  };
  const { state, onAnswer } = { state: STATE, onAnswer: () => Promise.resolve(successPage()) };
  const server = callbackServer({ state, onAnswer, clock: new ManualClock(), serve });
  await server.close();
  const [options] = seen;
  assert.equal(seen.length, 1);
  assert.equal(options?.hostname, "127.0.0.1");
  assert.equal(options?.port, 1455);
  assert.equal(typeof options?.onListen, "function");
  assert.equal((await options?.onError?.(new Error("secret")))?.status, 500);
});

Deno.test("close() leaves a server behind that keeps nothing alive", async () => {
  let unreferenced = 0;
  const serve: Serve = () => ({
    addr: { transport: "tcp", hostname: "127.0.0.1", port: 1455 },
    shutdown: () => new Promise(() => {}),
    unref: () => void unreferenced++,
  });
  const server = started({ serve });
  const closing = server.close();
  await server.clock.advance(1_000);
  await closing;
  assert.equal(unreferenced, 1);
});

Deno.test("close() lets the page arrive that is under way", async () => {
  const answered = Promise.withResolvers<void>();
  const server = started({
    onAnswer: () => {
      answered.resolve();
      return Promise.resolve(successPage());
    },
  });
  const page = fetch(`http://127.0.0.1:${server.port}${CALLBACK}`).then((r) => r.text());
  await answered.promise;
  await server.close();
  assert.match(await page, /You are signed in[^]*<\/html>\n$/);
});

Deno.test("close() frees the port and does not wait for idle connections", async () => {
  const server = started();
  using _idle = await rawConnect(server.port, "");
  using _half = await rawConnect(server.port, "GET /auth/callback HTTP/1.1\r\nHo");
  using kept = await rawConnect(server.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await kept.read(new Uint8Array(100));
  await server.close();
  Deno.listen({ hostname: "127.0.0.1", port: server.port }).close();
  assert.equal(server.clock.pending, 0);
});

Deno.test("close() waits a second for a request that never ends, and no longer", async () => {
  const server = started();
  {
    using stuck = await rawConnect(
      server.port,
      `POST / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Length: 9\r\n\r\n`,
    );
    await stuck.read(new Uint8Array(100));
    let closed = false;
    const closing = server.close().then(() => closed = true);
    await server.clock.advance(999);
    assert.equal(closed, false);
    await server.clock.advance(1);
    await closing;
  }
  Deno.listen({ hostname: "127.0.0.1", port: server.port }).close();
});
