import assert from "node:assert/strict";
import { createSimulator } from "../../testing.ts";
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
  assert.equal(JSON.parse(renewed.stdout).renewed, true);
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
  assert.deepEqual(simulator.requests, []);
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
