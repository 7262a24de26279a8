import assert from "node:assert/strict";
import { openDesk } from "../support/desk.ts";
import { cliEnv } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs a script of the library with exactly these permissions. */
async function script(
  code: string,
  permissions: readonly string[],
  home: TempDir,
  env: Readonly<Record<string, string>> = {},
) {
  const text = code.replaceAll("@mod", new URL("mod.ts", ROOT).href)
    .replaceAll("@testing", new URL("testing.ts", ROOT).href);
  const file = await home.write("script.ts", text);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "--no-check",
      "--no-prompt",
      "--cached-only",
      "--config",
      new URL("deno.json", ROOT).pathname,
      ...permissions,
      file,
    ],
    clearEnv: true,
    env: { ...await cliEnv(home.path), ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("mod.ts and testing.ts are imported without any permission", async () => {
  await using home = await TempDir.make();
  const { stdout, stderr } = await script(
    `import * as mod from "@mod"; import * as testing from "@testing";
     console.log(typeof mod.stream, typeof testing.createSimulator);`,
    [],
    home,
  );
  assert.equal(stdout, "function function\n", stderr);
});

Deno.test("stream() with a store and a fetch of the caller's own needs no permission", async () => {
  await using home = await TempDir.make();
  const { stdout, stderr } = await script(
    `import { createClient } from "@mod"; import { createSimulator, reply } from "@testing";
     await using simulator = createSimulator({ turns: [reply("Hello")] });
     const client = createClient({ store: simulator.store, fetch: simulator.fetch });
     console.log(await client.stream("x").text(), (await client.models()).length > 0,
       (await client.limits()).plan, (await client.account())?.plan,
       (await client.refresh({ force: true })).state);`,
    [],
    home,
  );
  assert.equal(stdout, "Hello true plus plus valid\n", stderr);
});

Deno.test("account() needs the environment and to read the folder of its file", async () => {
  await using desk = await openDesk();
  const folder = desk.home.join(".local/share/codex");
  const { stdout, stderr } = await script(
    `import { account } from "@mod"; console.log((await account())?.state);`,
    ["--allow-env", `--allow-read=${folder}`],
    desk.home,
    desk.env,
  );
  assert.equal(stdout, "valid\n", stderr);
});

Deno.test("the functions that ask the service need no more than the documented permissions", async () => {
  await using desk = await openDesk();
  const folder = desk.home.join(".local/share/codex");
  const { stdout, stderr } = await script(
    `import { limits, logout, models, refresh, stream } from "@mod";
     console.log((await stream("x").text()).length > 0, (await models()).length > 0,
       (await limits()).plan, (await refresh({ force: true })).state,
       (await logout({ revoke: true })).revoked);`,
    ["--allow-env", "--allow-net", `--allow-read=${folder}`, `--allow-write=${folder}`],
    desk.home,
    desk.env,
  );
  assert.equal(stdout, "true true plus valid true\n", stderr);
});

Deno.test("stream() names the permission that is missing", async () => {
  await using desk = await openDesk();
  const folder = desk.home.join(".local/share/codex");
  const { stdout } = await script(
    `import { isCodexError, stream } from "@mod";
     try { await stream("x").text(); } catch (error) {
       if (isCodexError(error)) console.log(error.code, error.hint);
     }`,
    ["--allow-env", `--allow-read=${folder}`, `--allow-write=${folder}`],
    desk.home,
    desk.env,
  );
  assert.match(stdout, /^invalid_usage .*--allow-net/);
});
