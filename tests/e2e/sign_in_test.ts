import assert from "node:assert/strict";
import { createSimulator, fault } from "../../testing.ts";
import { openDesk } from "../support/desk.ts";
import { runCli, startCli } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

const AUTH = ".local/share/codex/auth.json";

Deno.test("codex login --headless signs in, and the file is for its owner alone", async () => {
  await using home = await TempDir.make();
  await using simulator = createSimulator();
  const { env } = await simulator.listen();
  const login = await runCli(["login", "--headless"], { home: home.path, env });
  assert.equal(login.code, 0, login.stderr);
  assert.equal(login.stdout, "");
  assert.match(login.stderr, /\/codex\/device/);
  assert.match(login.stderr, /Signed in as ada@example\.com, plan plus\./);
  const info = await Deno.stat(home.join(AUTH));
  assert.equal((info.mode ?? 0) & 0o777, 0o600);
  const folder = await Deno.stat(home.join(".local/share/codex"));
  assert.equal((folder.mode ?? 0) & 0o777, 0o700);
  const entry = JSON.parse(await Deno.readTextFile(home.join(AUTH)))["openai"];
  assert.deepEqual(
    Object.keys(entry),
    ["type", "refresh", "access", "expires", "accountId", "issuer", "baseUrl"],
  );
});

Deno.test("codex login --json tells a machine the code, then the account", async () => {
  await using home = await TempDir.make();
  await using simulator = createSimulator();
  const { env } = await simulator.listen();
  const { code, stdout, stderr } = await runCli(["login", "--json"], { home: home.path, env });
  assert.equal(code, 0);
  assert.equal(stderr, "");
  const [prompt, account, ...rest] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(prompt.type, "device-code");
  assert.match(prompt.code, /^\S+$/);
  assert.ok(Date.parse(prompt.expiresAt) > Date.now());
  assert.equal(account.type, "account");
  assert.equal(account.email, "ada@example.com");
  assert.deepEqual(rest, []);
  assert.doesNotMatch(stdout, /eyJ|refresh/);
});

Deno.test("codex login that is interrupted leaves the sign-in as it was, byte for byte", async () => {
  await using home = await TempDir.make();
  await using simulator = createSimulator({ device: { approveAfter: 1_000_000 } });
  const { env, issuer, baseUrl } = await simulator.listen();
  const before = JSON.stringify({ openai: simulator.signIn({ issuer, baseUrl }) });
  await home.write(AUTH, before, 0o600);
  await using login = await startCli(["login", "--headless"], { home: home.path, env });
  await login.waitForStderr("Only go on");
  login.kill("SIGINT");
  const { code, stderr } = await login.ended;
  assert.equal(code, 130);
  assert.doesNotMatch(stderr, /\bat \S+:\d+/, "a stack trace");
  assert.equal(await home.read(AUTH), before);
});

Deno.test("codex status, refresh and logout agree about the sign-in", async () => {
  await using home = await TempDir.make();
  await using simulator = createSimulator();
  const { env, issuer, baseUrl } = await simulator.listen();
  const options = { home: home.path, env };
  const credentials = simulator.signIn({ issuer, baseUrl, lifetimeSeconds: 60 });
  await home.write(AUTH, JSON.stringify({ openai: credentials }), 0o600);

  const due = await runCli(["status"], options);
  assert.equal(due.code, 0, due.stderr);
  assert.match(due.stdout, /Access token {2}renews at next use/);

  const renewed = await runCli(["refresh", "--json"], options);
  const { type, profile, state, renewed: isNew } = JSON.parse(renewed.stdout);
  assert.deepEqual([type, profile, state, isNew], ["account", "default", "valid", true]);
  const again = await runCli(["refresh", "--json"], options);
  assert.equal(JSON.parse(again.stdout).renewed, false);
  assert.equal(simulator.requestsTo("refresh").length, 1);

  const good = await runCli(["status", "--json"], options);
  assert.equal(JSON.parse(good.stdout).state, "valid");

  assert.equal((await runCli(["logout"], options)).code, 0);
  const gone = await runCli(["status"], options);
  assert.equal(gone.code, 3);
  assert.equal(gone.stdout, "");
  assert.equal(gone.stderr, "codex: Nobody is signed in\nhint: Sign in with: codex login\n");
  assert.equal((await runCli(["logout"], options)).code, 0, "nobody there is no failure");
});

Deno.test("codex sends a sign-in to nobody but those who granted it", async () => {
  await using home = await TempDir.make();
  await using simulator = createSimulator();
  const { env } = await simulator.listen();
  // A sign-in of the production service, while the environment points elsewhere.
  await home.write(AUTH, JSON.stringify({ openai: simulator.signIn() }), 0o600);
  for (const args of [["models"], ["refresh", "--force"], ["run", "hi"]]) {
    const { code, stdout, stderr } = await runCli(args, { home: home.path, env });
    assert.equal(code, 3, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /belongs to https:\/\/auth\.openai\.com and is not sent to http:\/\/127/);
  }
  // Who it is can be told all the same.
  for (const args of [["status"], ["status", "--check"]]) {
    const { code, stdout, stderr } = await runCli(args, { home: home.path, env });
    assert.deepEqual([code, /ada@example\.com/.test(stdout)], [3, true], args.join(" "));
    assert.match(stderr, /belongs to https:\/\/auth\.openai\.com and is not sent to http:\/\/127/);
  }
  assert.deepEqual(simulator.requests, []);
});

Deno.test("codex status and doctor say that a sign-in without a refresh token is not renewed", async () => {
  await using desk = await openDesk();
  const { openai } = JSON.parse(await desk.home.read(AUTH));
  for (const [expires, code] of [[openai.expires, 0], [1000, 3]] as const) {
    const bare = { ...openai, refresh: "", expires };
    await desk.home.write(AUTH, JSON.stringify({ openai: bare }), 0o600);
    for (const args of [["status"], ["status", "--check"], ["refresh"], ["run", "x"]]) {
      const { code: exit, stderr } = await desk.run(args);
      assert.equal(exit, code, args.join(" "));
      if (code === 0) continue;
      assert.equal(
        stderr,
        "codex: This sign-in has no refresh token, so that it cannot be renewed\n" +
          "hint: Sign in again with: codex login\n",
      );
    }
    const { stdout } = await desk.run(["doctor"]);
    assert.match(stdout, code === 0 ? /and not renewed then/ : /has no refresh token/);
  }
  assert.deepEqual(desk.simulator.requestsTo("refresh"), []);
});

Deno.test("codex says of a token that tells nothing that its life is unknown", async () => {
  await using home = await TempDir.make();
  const options = { home: home.path, env: { CODEX_ACCESS_TOKEN: "garbage" } };
  const { code, stdout } = await runCli(["status"], options);
  assert.deepEqual([code, /good for an unknown time/.test(stdout)], [0, true]);
  const json = JSON.parse((await runCli(["status", "--json"], options)).stdout);
  assert.deepEqual([json.state, "expiresAt" in json], ["valid", false]);
  const refresh = await runCli(["refresh"], options);
  assert.equal(refresh.stderr, "Not due: good for an unknown time. See --force.\n");
});

Deno.test("codex models --refresh gives the account's answer or none, and models says whose it is", async () => {
  await using desk = await openDesk({
    faults: [fault("models", { status: 403, body: { detail: "Forbidden" }, times: "always" })],
  });
  const asked = await desk.run(["models", "--refresh"]);
  assert.deepEqual([asked.code, asked.stdout], [6, ""]);
  const listed = await desk.run(["models", "--json"]);
  assert.equal(listed.code, 0);
  const [first = ""] = listed.stdout.split("\n");
  assert.equal(JSON.parse(first).source, "bundled");
  assert.match(listed.stderr, /^warning: /);
});

Deno.test("codex refuses an override that is neither https nor loopback before it reads a file", async () => {
  await using home = await TempDir.make();
  await home.write(AUTH, "this is no credential file");
  for (const address of ["http://example.com", "http://localhost:1", "ftp://127.0.0.1", "x"]) {
    const { code, stderr } = await runCli(["status"], {
      home: home.path,
      env: { CODEX_BASE_URL: address },
    });
    assert.equal(code, 2, address);
    assert.match(stderr, /^codex: CODEX_BASE_URL /);
  }
});
