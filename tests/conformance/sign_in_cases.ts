/** The official client signs in, renews and signs out at the simulator. */
import { CALLBACK_PORTS } from "../../src/protocol/endpoints.ts";
import type { Check } from "./check.ts";
import { OfficialDesk } from "./official.ts";
import { shapeOf } from "./shape.ts";
import type { Case } from "./case.ts";

const ASK = ["exec", "--skip-git-repo-check", "-m", "gpt-5.5", "say hi"];

/** The members of a sign-in as the client keeps them. */
const KEPT = [
  "id_token",
  "access_token",
  "refresh_token",
  "oauth_provenance",
  "login_owner_id",
  "account_id",
];

/** The cases. */
export const SIGN_IN_CASES: readonly Case[] = [
  ["sign-in with a device code", async (program, check) => {
    const scenario = { device: { pendingStatus: "alternate", approveAfter: 3 } } as const;
    await using desk = await OfficialDesk.open(program, { scenario, lifetimeSeconds: null });
    const ended = await desk.run(["login", "--device-auth"]);
    check.ended(ended, 0);
    check.has("stdout", ended.stdout, "https://auth.openai.com/codex/device");
    const { simulator } = desk;
    check.request("device-code", simulator.requestsTo("device-code")[0]);
    const polls = simulator.requestsTo("device-poll");
    check.same("polls", polls.map(({ status }) => status), [403, 404, 200]);
    check.request("device-poll", polls[0]);
    check.request("token (device)", simulator.requestsTo("token")[0]);
    await signedIn(check, desk, null);
    check.besides(desk);
  }],
  ["sign-in with the browser", async (program, check) => {
    await using _ports = await callbackPorts();
    const scenario = { browser: { apiKey: "sk-simulator" } };
    await using desk = await OfficialDesk.open(program, { scenario, lifetimeSeconds: null });
    const login = desk.start(["login"]);
    const address = await addressIn(login.stderr);
    const { search, searchParams } = new URL(address);
    const query = Object.fromEntries(searchParams);
    check.has("authorize address", address, "https://auth.openai.com/oauth/authorize?");
    check.lines(
      "authorize",
      shapeOf({ method: "GET", target: "/oauth/authorize", headers: {}, body: query }),
    );
    const page = await desk.simulator.fetch(`https://auth.openai.com/oauth/authorize${search}`, {
      redirect: "manual",
    });
    // The browser's part: the callback sends it on to the page that ends the sign-in.
    const back = await fetch(page.headers.get("location") ?? "", {
      signal: AbortSignal.timeout(20_000),
    });
    await back.body?.cancel();
    check.same("the last page", [back.status, new URL(back.url).pathname], [200, "/success"]);
    check.ended(await login.ended, 0);
    check.request("token (browser)", desk.simulator.requestsTo("token")[0]);
    check.request("api-key-exchange", desk.simulator.requestsTo("api-key-exchange")[0]);
    await signedIn(check, desk, "sk-simulator");
    check.besides(desk);
  }],
  ["a new sign-in works for a turn", async (program, check) => {
    await using desk = await OfficialDesk.open(program, { lifetimeSeconds: null });
    check.ended(await desk.run(["login", "--device-auth"]), 0);
    check.ended(await desk.run(ASK), 0);
    check.same("answers", desk.simulator.requestsTo("responses").map(({ status }) => status), [
      200,
    ]);
  }],
  ["an expired token is renewed", async (program, check) => {
    await using desk = await OfficialDesk.open(program, { lifetimeSeconds: -60 });
    const before = await desk.auth();
    check.ended(await desk.run(ASK), 0);
    const refreshes = desk.simulator.requestsTo("refresh");
    check.same("refreshes", refreshes.map(({ status }) => status), [200]);
    check.request("refresh (expired)", refreshes[0]);
    check.same("first request", desk.simulator.requests[0]?.route, "refresh");
    const after = await desk.auth();
    const [old, next] = [before, after].map((auth) => member(auth?.["tokens"], "refresh_token"));
    check.same("a new refresh token", typeof next === "string" && next !== old, true);
    check.besides(desk);
  }],
  ["a refresh token that was used before", async (program, check) => {
    await using desk = await OfficialDesk.open(program, { lifetimeSeconds: -60 });
    const auth = await desk.dir.read("codex/auth.json");
    check.ended(await desk.run(ASK), 0);
    await desk.dir.write("codex/auth.json", auth, 0o600);
    const { code, stderr } = await desk.run(ASK);
    check.same("status", code, 1);
    check.has("stderr", stderr, /already used.*log out and sign in again/);
  }],
  ["logout", async (program, check) => {
    await using desk = await OfficialDesk.open(program);
    check.ended(await desk.run(["logout"]), 0);
    check.request("revoke", desk.simulator.requestsTo("revoke")[0]);
    check.same("auth.json", await desk.auth(), undefined);
    check.besides(desk);
  }],
];

async function signedIn(check: Check, desk: OfficialDesk, key: string | null): Promise<void> {
  const auth = await desk.auth();
  check.same("auth_mode", auth?.["auth_mode"], "chatgpt");
  check.same("OPENAI_API_KEY", auth?.["OPENAI_API_KEY"], key);
  const tokens = auth?.["tokens"];
  const names = typeof tokens === "object" && tokens !== null ? Object.keys(tokens) : [];
  check.same("tokens", names, KEPT);
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** Waits for the address that it shows to the user. */
async function addressIn(stderr: () => string): Promise<string> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const found = /https:\/\/\S+\/oauth\/authorize\S+(?=\s)/.exec(stderr());
    if (found !== null) return found[0];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`shows no address: ${stderr()}`);
}

/**
 * Waits for its turn at the ports to which a browser comes back: the same lock as the tests take.
 * The official client would throw another program off the first of them.
 */
async function callbackPorts(): Promise<Disposable> {
  const temp = Deno.env.get("TMPDIR") ?? Deno.env.get("TEMP") ?? "/tmp";
  const file = await Deno.open(`${temp}/codex_test_ports.lock`, {
    create: true,
    read: true,
    write: true,
  });
  for (const end = Date.now() + 60_000; !await file.tryLock(true);) {
    if (Date.now() > end) throw new Error("other tests hold the callback ports");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // A listener on a port that is taken throws, and says so.
  for (const port of CALLBACK_PORTS) Deno.listen({ hostname: "127.0.0.1", port }).close();
  return { [Symbol.dispose]: () => file.close() };
}
