import assert from "node:assert/strict";
import { openDesk } from "../support/desk.ts";
import { testWith } from "../support/need.ts";
import { cliEnv } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

const ROOT = new URL("../../", import.meta.url);

/** An image of one pixel. */
const PIXEL = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);

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

/** A run in which a tool of `./tools` is called once; prints whether it did its work. */
function toolRun(folder: string, call: string): string {
  return `import { createClient } from "@mod";
    import { createSimulator, customToolCall, reply, toolCall } from "@testing";
    import { applyPatchTool, sandbox, shellTool, viewImageTool }
      from "${new URL("tools.ts", ROOT).href}";
    const box = sandbox({ workspace: ${JSON.stringify(folder)} });
    const { policy } = box;
    const cwd = policy.workspace;
    const tools = [shellTool({ sandbox: box, cwd }), applyPatchTool({ policy, cwd }),
      viewImageTool({ policy, cwd })];
    const { run } = createClient(createSimulator({ turns: [${call}, reply("Done.")] }));
    const approve = (_call, { need }) => need?.unconfined === false;
    for await (const event of run("x", { tools, approve })) {
      if (event.type === "tool-result") console.log(event.ok, event.output);
    }`;
}

Deno.test("applyPatchTool() and viewImageTool() need the folders of their policy, and no more", async () => {
  await using home = await TempDir.make();
  await using folder = await TempDir.make();
  await folder.write("a.png", PIXEL);
  const read = `--allow-read=${folder.path}`;
  const image = 'toolCall("view_image", { path: "a.png" })';
  const looked = await script(toolRun(folder.path, image), [read], home);
  assert.match(looked.stdout, /^true \[ \{ type: "image"/, looked.stderr);
  const patch =
    'customToolCall("apply_patch", "*** Begin Patch\\n*** Add File: b\\n+b\\n*** End Patch")';
  const write = `--allow-write=${folder.path}`;
  const patched = await script(toolRun(folder.path, patch), [read, write], home);
  assert.match(patched.stdout, /^true Success\./, patched.stderr);
});

testWith(
  ["bwrap"],
  "sandbox() and shellTool() need no more than the documented permissions",
  async () => {
    await using home = await TempDir.make();
    await using folder = await TempDir.make();
    const call = 'toolCall("shell", { command: "echo b >b; cat b" })';
    const flags = ["--allow-read", "--allow-env", "--allow-run", "--allow-sys=uid"];
    const { stdout, stderr } = await script(
      toolRun(folder.path, call),
      [...flags, `--allow-write=${folder.path}`],
      home,
    );
    assert.match(stdout, /^true Exit code: 0\n[^]*\nb\n/, stderr);
    assert.equal(await folder.read("b"), "b\n");
  },
);

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
