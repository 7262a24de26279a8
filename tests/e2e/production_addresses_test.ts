import assert from "node:assert/strict";
import { makeCertificates } from "../../src/testing/tls.ts";
import { startConnectProxy } from "../../src/testing/connect_proxy.ts";
import { createSimulator, reply } from "../../testing.ts";
import { runCli } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

const HOSTS = ["auth.openai.com", "chatgpt.com"];

Deno.test("codex works at the production addresses through a proxy with a private authority", async () => {
  await using home = await TempDir.make();
  await using simulator = createSimulator({ turns: [reply("Hello from there.")] });
  const { ca, cert, key } = await makeCertificates(HOSTS);
  const { issuer } = await simulator.listen({ tls: { cert, key } });
  await using proxy = startConnectProxy({ hosts: HOSTS, target: Number(issuer.port) });
  const options = {
    home: home.path,
    env: { HTTPS_PROXY: proxy.url, DENO_CERT: await home.write("ca.pem", ca) },
  };

  const login = await runCli(["login", "--headless"], options);
  assert.equal(login.code, 0, login.stderr);
  assert.match(login.stderr, /https:\/\/auth\.openai\.com\/codex\/device/);
  const status = await runCli(["status"], options);
  assert.equal(status.code, 0, status.stderr);
  const models = await runCli(["models"], options);
  assert.match(models.stdout, /^gpt-6\.1-sol\s+default/);
  const run = await runCli(["run", "x"], options);
  assert.deepEqual(run, { code: 0, signal: null, stdout: "Hello from there.\n", stderr: "" });
  const refresh = await runCli(["refresh", "--force"], options);
  assert.equal(refresh.code, 0, refresh.stderr);
  const logout = await runCli(["logout", "--revoke"], options);
  assert.equal(logout.code, 0, logout.stderr);

  assert.deepEqual([...new Set(proxy.requests.map(({ host }) => host))].sort(), HOSTS);
  assert.ok(proxy.requests.every(({ allowed }) => allowed), "another host was asked for");
  const entry = JSON.parse(await home.read(".local/share/codex/auth.json"));
  assert.deepEqual(entry, {});
});

for (const variable of ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"]) {
  Deno.test(`codex takes a private authority from ${variable}, and without it says what to set`, async () => {
    await using home = await TempDir.make();
    await using simulator = createSimulator();
    const { ca, cert, key } = await makeCertificates(HOSTS);
    const { issuer } = await simulator.listen({ tls: { cert, key } });
    await using proxy = startConnectProxy({ hosts: HOSTS, target: Number(issuer.port) });
    const env = { HTTPS_PROXY: proxy.url };
    await home.write(
      ".local/share/codex/auth.json",
      JSON.stringify({ openai: simulator.signIn() }),
      0o600,
    );

    const file = await home.write("ca.pem", ca);
    const trusted = await runCli(["refresh", "--force"], {
      home: home.path,
      env: { ...env, [variable]: file },
    });
    assert.equal(trusted.code, 0, trusted.stderr);
    const untrusted = await runCli(["refresh", "--force"], { home: home.path, env });
    assert.equal(untrusted.code, 5);
    assert.match(untrusted.stderr, /authority that is not trusted[^]*CODEX_CA_CERTIFICATE/);
  });
}
