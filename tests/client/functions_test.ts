/** The functions where there is no Deno, as in Node. The packed library in Node: `e2e/sdk_test.ts`. */
import assert from "node:assert/strict";
import { TempDir } from "../support/temp_dir.ts";

const ROOT = new URL("../../", import.meta.url);

/** Runs expressions in one process without Deno, and gives each one's code, message and hint. */
async function withoutDeno(
  expressions: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<readonly unknown[]> {
  await using dir = await TempDir.make();
  const script = await dir.write(
    "script.ts",
    `const { log } = console;
     const process = { env: ${JSON.stringify(env)}, platform: "linux", arch: "x64" };
     Object.defineProperty(globalThis, "process", { value: process });
     Reflect.deleteProperty(globalThis, "Deno");
     const codex = await import("${new URL("mod.ts", ROOT)}");
     const { createSimulator, reply } = await import("${new URL("testing.ts", ROOT)}");
     const { sandbox } = await import("${new URL("tools.ts", ROOT)}");
     const works = [${expressions.map((one) => `async () => await ${one}`).join(", ")}];
     const told = [];
     for (const work of works) {
       told.push(await work().catch(({ code, message, hint }) => [code, message, hint]));
     }
     log(JSON.stringify(told));`,
  );
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--cached-only", "--no-check", "-A"]
      .concat(["--config", new URL("deno.json", ROOT).pathname, script]),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  return JSON.parse(decoder.decode(stdout));
}

Deno.test("stream() and its like say what needs Deno, and what to do without it", async () => {
  const store = [
    "invalid_usage",
    "The credential file needs Deno",
    "Give a store: memoryStore(), or one of your own",
  ];
  const told = await withoutDeno([
    'codex.stream("x").text()',
    'codex.run("x").text()',
    "codex.account()",
    'codex.fileStore("/srv/auth.json")',
    'codex.login({ method: "browser", onUrl() {}, store: codex.memoryStore() })',
    "sandbox()",
    "createSimulator().listen()",
    'codex.createClient(createSimulator({ turns: [reply("Hi")] })).stream("x").text()',
  ]);
  assert.deepEqual(told, [
    store,
    store,
    store,
    store,
    [
      "invalid_usage",
      "Signing in with a browser needs Deno",
      'Sign in by the method "device"',
    ],
    ["invalid_usage", "A sandbox needs Deno", "Give run() tools of your own, which need none"],
    ["invalid_usage", "Listening needs Deno", "Give the simulator's own fetch to what is tested"],
    "Hi",
  ]);
});

Deno.test("createClient(simulator) asks the simulator, wherever the environment leads", async () => {
  const turns = '{ turns: [reply("Hi")] }';
  const told = await withoutDeno([
    `codex.createClient(createSimulator(${turns})).stream("x").text()`,
    `codex.stream("x", { ...createSimulator(${turns}) , profile: "p" }).text()`,
  ], {
    CODEX_ISSUER_URL: "http://127.0.0.1:9",
    CODEX_BASE_URL: "http://127.0.0.1:9/backend-api/codex",
    CODEX_API_BASE_URL: "http://127.0.0.1:9/v1",
  });
  assert.deepEqual(told, ["Hi", "Hi"]);
});
