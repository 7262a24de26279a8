import assert from "node:assert/strict";
import { makeCertificates } from "../../src/testing/tls.ts";
import { startConnectProxy } from "../../src/testing/connect_proxy.ts";
import { createSimulator } from "../../testing.ts";
import { runCli } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

/** As opencode 1.18.33 wrote it after a device sign-in with the simulator, byte for byte. */
const WRITTEN = await Deno.readTextFile(
  new URL("../fixtures/auth/opencode.json", import.meta.url),
);

const PATH = ".local/share/opencode/auth.json";

/** What opencode keeps beside it: entries of its two other kinds, with members of their own. */
const OTHERS = `,
  "anthropic": {
    "type": "api",
    "key": "of another provider",
    "metadata": { "added": "by hand",   "n": 1e3 }
  },
  "https://example.com": { "type": "wellknown", "key": "TOKEN", "token": "x" }
}`;

const CROWDED = WRITTEN.replace(/\n\}$/, OTHERS);

Deno.test("codex reads the file that opencode writes", async () => {
  await using home = await TempDir.make();
  await home.write(PATH, WRITTEN, 0o600);
  const env = { CODEX_AUTH_FILE: home.join(PATH) };
  const { code, stdout, stderr } = await runCli(["status", "--json"], { home: home.path, env });
  assert.equal(code, 0, stderr);
  const { method, accountId, plan, email, issuer } = JSON.parse(stdout);
  assert.deepEqual({ method, accountId, plan, email, issuer }, {
    method: "chatgpt",
    accountId: "acct-simulator-0001",
    plan: "plus",
    email: "ada@example.com",
    issuer: "https://auth.openai.com",
  });
  assert.equal(await home.read(PATH), WRITTEN);
});

Deno.test("codex adds a profile to opencode's file and takes it out again without a trace", async () => {
  await using home = await TempDir.make();
  await home.write(PATH, CROWDED, 0o600);
  const options = { home: home.path, env: { CODEX_AUTH_FILE: home.join(PATH) } };
  const login = await runCli(["login", "--with-api-key", "--profile", "work"], {
    ...options,
    stdin: "sk-work",
  });
  assert.equal(login.code, 0, login.stderr);
  assert.match(login.stderr, /^warning: .*is opencode's own file, and opencode takes no lock/);
  const added = await home.read(PATH);
  assert.ok(added.startsWith(CROWDED.replace(/\s*\}$/, "")), "what was there is as it was");
  const { openai, ...others } = JSON.parse(added);
  assert.deepEqual(openai, JSON.parse(WRITTEN)["openai"]);
  assert.deepEqual(others["openai@work"], { type: "api", key: "sk-work" });
  const logout = await runCli(["logout", "--profile", "work"], options);
  assert.equal(logout.code, 0, logout.stderr);
  assert.equal(await home.read(PATH), CROWDED);
});

Deno.test("codex login writes what opencode can list, and opencode's other entries stay", async () => {
  await using home = await TempDir.make();
  await home.write(PATH, CROWDED, 0o600);
  await using simulator = createSimulator({ device: { approveAfter: 1 } });
  // At the production addresses, as opencode knows no other.
  const hosts = ["auth.openai.com", "chatgpt.com"];
  const { ca, cert, key } = await makeCertificates(hosts);
  const { issuer } = await simulator.listen({ tls: { cert, key } });
  await using proxy = startConnectProxy({ hosts, target: Number(issuer.port) });
  const { code, stderr } = await runCli(["login", "--headless"], {
    home: home.path,
    env: {
      CODEX_AUTH_FILE: home.join(PATH),
      HTTPS_PROXY: proxy.url,
      DENO_CERT: await home.write("ca.pem", ca),
    },
  });
  assert.equal(code, 0, stderr);
  const text = await home.read(PATH);
  const { openai } = JSON.parse(text);
  const before = JSON.parse(WRITTEN)["openai"];
  // The members and types of opencode's schema, and no other.
  assert.deepEqual(
    Object.entries(openai).map(([name, value]) => [name, typeof value]),
    Object.entries(before).map(([name, value]) => [name, typeof value]),
  );
  assert.notEqual(openai.refresh, before.refresh);
  assert.ok(text.endsWith(OTHERS), "what was there is as it was");
});
