import assert from "node:assert/strict";
import {
  BROWSER_TIMEOUT_MS,
  browserFlow,
  type BrowserFlowOptions,
  type WaitingPlace,
} from "../../../src/auth/browser/flow.ts";
import type { AuthorizationCode } from "../../../src/auth/token_endpoint.ts";
import { CodexError, isCodexError } from "../../../src/base/errors.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { rawConnect, rawRequest } from "../../support/raw_request.ts";

/** What the authorize page would know. */
interface Shown extends WaitingPlace {
  readonly url: URL;
  readonly state: string;
  readonly redirectUri: string;
  /** The address on which the browser comes back with these parameters and the right state. */
  callback(parameters?: Readonly<Record<string, string>>): string;
}

/** A flow on a free port, up to the point where it waits. */
async function waiting(options: Partial<BrowserFlowOptions<string>> = {}) {
  const clock = new ManualClock();
  const grants: AuthorizationCode[] = [];
  const shown = Promise.withResolvers<Shown>();
  const outcome = browserFlow({
    issuer: "http://127.0.0.1:4000",
    ports: [0],
    onUrl: (url, place) => shown.resolve(asShown(url, place)),
    finish: (grant) => {
      grants.push(grant);
      return Promise.resolve("ada");
    },
    ...options,
  }, { clock });
  outcome.catch(() => {});
  return { ...await shown.promise, outcome, clock, grants };
}

function asShown(url: URL, place: WaitingPlace): Shown {
  const redirectUri = url.searchParams.get("redirect_uri") ?? "";
  const state = url.searchParams.get("state") ?? "";
  return {
    ...place,
    url,
    state,
    redirectUri,
    callback: (parameters = { code: "ac_one" }) =>
      `${redirectUri}?${new URLSearchParams({ ...parameters, state })}`,
  };
}

async function visit(url: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { redirect: "manual" });
  return { status: response.status, text: await response.text() };
}

/** That nothing is left: no timer, and the port is free again. */
function assertGone(flow: { readonly clock: ManualClock; readonly port: number }): void {
  assert.equal(flow.clock.pending, 0);
  Deno.listen({ hostname: "127.0.0.1", port: flow.port }).close();
}

Deno.test("browserFlow() asks with PKCE and hands code, redirect and verifier on", async () => {
  const flow = await waiting({ workspaces: ["ws-one"], originator: "somebody" });
  const query = flow.url.searchParams;
  assert.equal(flow.url.origin + flow.url.pathname, "http://127.0.0.1:4000/oauth/authorize");
  assert.equal(query.get("allowed_workspace_id"), "ws-one");
  assert.equal(query.get("originator"), "somebody");
  assert.equal(flow.redirectUri, `http://127.0.0.1:${flow.port}/auth/callback`);
  const page = await visit(flow.callback());
  assert.equal(await flow.outcome, "ada");
  assert.equal(page.status, 200);
  const [grant] = flow.grants;
  assert.equal(flow.grants.length, 1);
  assert.equal(grant?.code, "ac_one");
  assert.equal(grant?.redirectUri, flow.redirectUri);
  const verifier = new TextEncoder().encode(grant?.codeVerifier);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", verifier));
  const challenge = digest.toBase64({ alphabet: "base64url", omitPadding: true });
  assert.equal(query.get("code_challenge"), challenge);
  assertGone(flow);
});

Deno.test("browserFlow() makes state and verifier anew each time", async () => {
  const one = await waiting();
  const two = await waiting();
  assert.notEqual(one.state, two.state);
  assert.notEqual(
    one.url.searchParams.get("code_challenge"),
    two.url.searchParams.get("code_challenge"),
  );
  await Promise.all([visit(one.callback()), visit(two.callback())]);
  await Promise.all([one.outcome, two.outcome]);
});

Deno.test("browserFlow() says who signed in on the page of success", async () => {
  const flow = await waiting({ describe: (value) => ({ email: `${value}@example.com` }) });
  assert.match((await visit(flow.callback())).text, /ada@example\.com/);
  await flow.outcome;
});

/** A flow whose `finish` settles when the test says so. */
async function finishingLate(options: Partial<BrowserFlowOptions<string>> = {}) {
  const begun = Promise.withResolvers<void>();
  const saved = Promise.withResolvers<string>();
  const codes: string[] = [];
  const flow = await waiting({
    finish: ({ code }) => {
      codes.push(code);
      begun.resolve();
      return saved.promise;
    },
    ...options,
  });
  return { flow, codes, begun: begun.promise, save: saved.resolve };
}

Deno.test("browserFlow() shows success only when finish has settled", async () => {
  const { flow, begun, save } = await finishingLate();
  let arrived = false;
  const page = visit(flow.callback()).finally(() => arrived = true);
  await begun;
  await visit(`${flow.redirectUri}?state=wrong`);
  assert.equal(arrived, false);
  save("ada");
  assert.match((await page).text, /You are signed in/);
  assert.equal(await flow.outcome, "ada");
});

Deno.test("browserFlow() tells browser and caller why finishing failed", async () => {
  const failure = new CodexError("store_unavailable", "The disk is <full>");
  const flow = await waiting({ finish: () => Promise.reject(failure) });
  const page = await visit(flow.callback());
  await assert.rejects(flow.outcome, (error) => error === failure);
  assert.equal(page.status, 500);
  assert.match(page.text, /The disk is &#60;full&#62;\./);
  assertGone(flow);
});

Deno.test("browserFlow() takes an answer once and says so to the second", async () => {
  const { flow, codes, begun, save } = await finishingLate();
  const first = visit(flow.callback());
  await begun;
  for (const parameters of [{ code: "ac_one" }, { code: "ac_two" }, { error: "access_denied" }]) {
    const second = await visit(flow.callback(parameters));
    assert.equal(second.status, 409);
    assert.match(second.text, /already answered/);
  }
  save("ada");
  assert.equal((await first).status, 200);
  assert.equal(await flow.outcome, "ada");
  assert.deepEqual(codes, ["ac_one"]);
});

Deno.test("browserFlow() goes on waiting whatever else knocks", async () => {
  const flow = await waiting();
  for (const target of ["/success", "/cancel", "/", "/auth/callback", "/auth/callback?state=x"]) {
    await rawRequest(flow.port, target);
  }
  await rawRequest(flow.port, `/auth/callback?code=a&state=${flow.state}`, { method: "POST" });
  await rawRequest(flow.port, `/auth/callback?code=a&state=${flow.state}`, { host: "x.example" });
  assert.deepEqual(flow.grants, []);
  await visit(flow.callback());
  assert.equal(await flow.outcome, "ada");
});

Deno.test("browserFlow() ends with a refusal, escaped on the page", async () => {
  const flow = await waiting();
  const page = await visit(flow.callback({
    error: "access_denied",
    error_description: "The user said <b>no</b>",
    code: "ac_one",
  }));
  await assert.rejects(flow.outcome, (error) => {
    assert.ok(isCodexError(error, "sign_in_rejected"));
    assert.equal(error.message, "The sign-in was refused: The user said <b>no</b>");
    return true;
  });
  assert.equal(page.status, 400);
  assert.match(page.text, /The user said &#60;b&#62;no&#60;\/b&#62;/);
  assert.match(page.text, /access_denied/);
  assert.deepEqual(flow.grants, []);
  assertGone(flow);
});

Deno.test("browserFlow() says in words that the workspace has no Codex", async () => {
  const flow = await waiting();
  const description = "Denied: MISSING_CODEX_ENTITLEMENT";
  const page = await visit(
    flow.callback({ error: "access_denied", error_description: description }),
  );
  await assert.rejects(flow.outcome, (error) => isCodexError(error, "plan_not_included"));
  assert.match(page.text, /No access to Codex/);
});

Deno.test("browserFlow() ends when the right state comes without a code", async () => {
  const flow = await waiting();
  const page = await visit(flow.callback({}));
  await assert.rejects(flow.outcome, (error) => isCodexError(error, "sign_in_rejected"));
  assert.equal(page.status, 400);
  assert.match(page.text, /missing_authorization_code/);
});

Deno.test("browserFlow() takes a pasted address, after one that is of no use", async () => {
  const lines: PromiseWithResolvers<string>[] = [];
  const problems: string[] = [];
  const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const flow = await waiting({
    paste: () => {
      asked[lines.length]?.resolve();
      const line = Promise.withResolvers<string>();
      lines.push(line);
      return line.promise;
    },
    onPasteProblem: (message) => problems.push(message),
  });
  await asked[0]?.promise;
  lines[0]?.resolve(`${flow.redirectUri}?code=ac_pasted&state=wrong`);
  await asked[1]?.promise;
  assert.equal(problems.length, 1);
  assert.deepEqual(flow.grants, []);
  lines[1]?.resolve(flow.callback({ code: "ac_pasted" }));
  assert.equal(await flow.outcome, "ada");
  assert.deepEqual(flow.grants.map(({ code }) => code), ["ac_pasted"]);
  assertGone(flow);
});

Deno.test("browserFlow() stops reading pastes when the browser came first", async () => {
  let reader: AbortSignal | undefined;
  const flow = await waiting({
    paste: (signal) => {
      reader = signal;
      return new Promise(() => {});
    },
  });
  assert.equal(reader?.aborted, false);
  await visit(flow.callback());
  assert.equal(await flow.outcome, "ada");
  assert.equal(reader?.aborted, true);
});

Deno.test("browserFlow() waits for the browser when there is nothing to read", async () => {
  const flow = await waiting({ paste: () => Promise.resolve(undefined) });
  await visit(flow.callback());
  assert.equal(await flow.outcome, "ada");
});

Deno.test("browserFlow() ends with the reason for which a paste is given up", async () => {
  const given = new CodexError("aborted", "Cancelled");
  const flow = await waiting({ paste: () => Promise.reject(given) });
  await assert.rejects(flow.outcome, (error) => error === given);
  assertGone(flow);
});

Deno.test("browserFlow() gives up after five minutes (official: waits for ever)", async () => {
  const flow = await waiting();
  assert.equal(BROWSER_TIMEOUT_MS, 300_000);
  await flow.clock.advance(BROWSER_TIMEOUT_MS - 1);
  assert.equal((await rawRequest(flow.port, "/")).status, 404);
  await flow.clock.advance(1);
  await assert.rejects(flow.outcome, (error) => {
    assert.ok(isCodexError(error, "timeout"));
    assert.equal(error.message, "The sign-in did not finish within 300 s");
    return true;
  });
  assert.deepEqual(flow.grants, []);
  assertGone(flow);
});

Deno.test("browserFlow() passes the time limit on to what finishes", async () => {
  const begun = Promise.withResolvers<void>();
  const flow = await waiting({
    timeoutMs: 10_000,
    finish: (_, signal) => {
      begun.resolve();
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
  });
  const page = visit(flow.callback());
  await begun.promise;
  await flow.clock.advance(10_000);
  await assert.rejects(flow.outcome, (error) => isCodexError(error, "timeout"));
  assert.match((await page).text, /did not finish within 10 s/);
  assertGone(flow);
});

Deno.test("browserFlow() keeps a sign-in that was saved in spite of a cancel", async () => {
  const controller = new AbortController();
  const { flow, begun, save } = await finishingLate({ signal: controller.signal });
  const page = visit(flow.callback());
  await begun;
  controller.abort();
  save("ada");
  assert.equal(await flow.outcome, "ada");
  assert.equal((await page).status, 200);
});

Deno.test("browserFlow() ends with the signal's own reason", async () => {
  const controller = new AbortController();
  const flow = await waiting({ signal: controller.signal, paste: () => new Promise(() => {}) });
  const reason = new Error("Ctrl-C");
  controller.abort(reason);
  await assert.rejects(flow.outcome, (error) => error === reason);
  assert.deepEqual(flow.grants, []);
  assertGone(flow);
});

/** A flow that notes what it does and never gets an answer. */
function noting(signal: AbortSignal) {
  const done: string[] = [];
  const note = (what: string) => () => {
    done.push(what);
    return new Promise<never>(() => {});
  };
  const clock = new ManualClock();
  const outcome = browserFlow({
    issuer: "http://127.0.0.1:4000",
    ports: [0],
    onUrl: note("shown"),
    finish: note("finished"),
    paste: note("read"),
    signal,
  }, {
    clock,
    serve: (...args) => {
      done.push("served");
      return Deno.serve(...args);
    },
  });
  return { outcome, done, clock };
}

Deno.test("browserFlow() opens nothing when it is cancelled before", async () => {
  const { outcome, done, clock } = noting(AbortSignal.abort(new Error("before")));
  await assert.rejects(outcome, /before/);
  assert.deepEqual(done, []);
  assert.equal(clock.pending, 0);
});

Deno.test("browserFlow() shows nothing when it is cancelled while it prepares", async () => {
  const controller = new AbortController();
  const { outcome, done, clock } = noting(controller.signal);
  controller.abort(new Error("early"));
  await assert.rejects(outcome, /early/);
  assert.deepEqual(done, ["served"]);
  assert.equal(clock.pending, 0);
});

Deno.test("browserFlow() ends when the address cannot be shown", async () => {
  const broken = new Error("no terminal");
  for (
    const onUrl of [() => Promise.reject(broken), () => {
      throw broken;
    }]
  ) {
    const clock = new ManualClock();
    const finish = () => assert.fail("finished");
    await assert.rejects(
      browserFlow({ issuer: "http://127.0.0.1:4000", ports: [0], onUrl, finish }, { clock }),
      (error) => error === broken,
    );
    assert.equal(clock.pending, 0);
  }
});

Deno.test("browserFlow() does not wait for a browser that is still starting", async () => {
  const shown = Promise.withResolvers<URL>();
  const outcome = browserFlow({
    issuer: "http://127.0.0.1:4000",
    ports: [0],
    onUrl: (url) => {
      shown.resolve(url);
      return new Promise(() => {});
    },
    finish: () => Promise.resolve("ada"),
  }, { clock: new ManualClock() });
  const { searchParams: query } = await shown.promise;
  await visit(`${query.get("redirect_uri")}?code=ac_one&state=${query.get("state")}`);
  assert.equal(await outcome, "ada");
});

Deno.test("browserFlow() finishes for a browser that has hung up meanwhile", async () => {
  const { flow, begun, save } = await finishingLate();
  const target = flow.callback().slice(new URL(flow.redirectUri).origin.length);
  const head = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${flow.port}\r\n\r\n`;
  const browser = await rawConnect(flow.port, head);
  await begun;
  browser.close();
  save("ada");
  assert.equal(await flow.outcome, "ada");
  assertGone(flow);
});

Deno.test("browserFlow() takes the second port beside another that waits; a third is told", async () => {
  const first = await waiting();
  const second = await waiting({ ports: [first.port, 0] });
  assert.deepEqual(first.busy, []);
  assert.deepEqual(second.busy, [first.port]);
  const third = browserFlow({
    issuer: "http://127.0.0.1:4000",
    ports: [first.port, second.port],
    onUrl: () => assert.fail("shown"),
    finish: () => assert.fail("finished"),
  }, { clock: new ManualClock() });
  await assert.rejects(third, (error) => {
    assert.ok(isCodexError(error, "network"));
    assert.match(error.message, new RegExp(`^Ports ${first.port} and ${second.port} are taken`));
    return true;
  });
  // A callback for one is none for the other.
  assert.equal((await visit(`${first.redirectUri}?code=a&state=${second.state}`)).status, 400);
  await visit(second.callback());
  await visit(first.callback());
  assert.deepEqual(await Promise.all([first.outcome, second.outcome]), ["ada", "ada"]);
});
