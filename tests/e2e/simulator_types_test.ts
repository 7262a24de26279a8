import assert from "node:assert/strict";
import { cliEnv } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("testing.ts passes the type check of a project that is strict and no more", async () => {
  await using dir = await TempDir.make();
  await dir.write("deno.json", '{"compilerOptions":{"strict":true}}');
  const path = await dir.write(
    "a.ts",
    `import { createSimulator, rateLimited } from "${ROOT}testing.ts";
createSimulator({ turns: [rateLimited()], reply: undefined });
`,
  );
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "-q", "--no-lock", "--config", dir.join("deno.json"), path],
    cwd: dir.path,
    env: await cliEnv(dir.path),
    clearEnv: true,
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});
