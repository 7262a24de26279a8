/** In other people's programs: their SDKs, their validators, their runtime. All of it from npm. */
import assert from "node:assert/strict";
import { combine, createSimulator, reply, type Simulator, toolCall } from "../../testing.ts";
import { makeNpmFolder } from "../support/npm_folder.ts";
import { recipe } from "../support/recipes.ts";
import { cliEnv } from "../support/run_cli.ts";
import type { TempDir } from "../support/temp_dir.ts";

const folder = await makeNpmFolder();

Deno.test.afterAll(async () => {
  if ("dir" in folder) await folder.dir[Symbol.asyncDispose]();
});

/** A test that needs the packages. */
function testWithNpm(name: string, fn: (dir: TempDir) => Promise<void>): void {
  if ("dir" in folder) return Deno.test(name, () => fn(folder.dir));
  Deno.test({
    name: `${name} (${folder.missing})`,
    ignore: Deno.env.get("CODEX_TEST_REQUIRE_ALL") !== "1",
    fn: () => {
      throw new Error(folder.missing);
    },
  });
}

interface Ended {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

async function runIn(
  dir: TempDir,
  [program = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: dir.path,
    env: { ...await cliEnv(dir.path), ...env },
    clearEnv: true,
    stdin: "null",
    signal: AbortSignal.timeout(60_000),
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Deno with the packages at hand, and with no way to the registry. */
function deno(...args: readonly string[]): string[] {
  const [command = "", ...rest] = args;
  return [Deno.execPath(), command, "-q", "--no-lock", "--cached-only", ...rest];
}

/** A sign-in where the library looks for it, and a service on this machine. */
async function serve(
  simulator: Simulator,
  dir: TempDir,
): Promise<Readonly<Record<string, string>>> {
  const { env, issuer, baseUrl } = await simulator.listen();
  const signIn = JSON.stringify({ openai: simulator.signIn({ issuer, baseUrl }) });
  await dir.write(".local/share/codex/auth.json", signIn, 0o600);
  return env;
}

for (const cases of ["openai", "ai_sdk", "validator"]) {
  testWithNpm(`createFetch() and stream() with the real packages: ${cases} cases`, async (dir) => {
    const file = new URL(`sdk/${cases}_cases.ts`, import.meta.url).pathname;
    const args = deno("test", "-A", "--no-check", "--config", dir.join("deno.json"), file);
    const { success, stdout, stderr } = await runIn(dir, args);
    assert.ok(success, stdout + stderr);
    assert.match(stdout, /\d+ passed \| 0 failed/);
  });
}

testWithNpm("the types of createFetch() and stream() fit the packages' own", async (dir) => {
  const types = `
    import OpenAI from "openai";
    import { createOpenAI } from "@ai-sdk/openai";
    import { z } from "zod";
    import { createFetch, stream } from "@x/codex";
    type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;
    new OpenAI({ apiKey: "unused", fetch: createFetch() });
    createOpenAI({ apiKey: "unused", fetch: createFetch() });
    const schema = z.object({ at: z.string().transform((text) => new Date(text)), n: z.number() });
    const { output } = await stream("", { output: { schema } }).final();
    const same: Same<typeof output, { at: Date; n: number }> = true;
    // @ts-expect-error: it is no \`any\`, and no \`unknown\` either
    const wrong: string = output.at;
    console.log(same, wrong);
  `;
  const path = await dir.write(
    "types.ts",
    types.replaceAll(/"(openai|@ai-sdk\/openai|zod)"/g, '"npm:$1"').replace(
      '"@x/codex"',
      '"jsr:@x/codex"',
    ),
  );
  const { success, stderr } = await runIn(dir, deno("check", path));
  assert.ok(success, stderr);
});

testWithNpm("the recipe for the openai package gives an answer", async (dir) => {
  await using simulator = createSimulator({ turns: [reply("Blue light scatters most.")] });
  const env = await serve(simulator, dir);
  const path = await dir.write("recipe_openai.ts", await recipe("openai"));
  const { stdout, stderr } = await runIn(dir, deno("run", "-A", path), env);
  assert.equal(stdout, "Blue light scatters most.\n", stderr);
});

testWithNpm("the recipe for the AI SDK streams, gives an object and calls a tool", async (dir) => {
  await using simulator = createSimulator({
    turns: [
      reply("Rhine, Nile", { chunks: ["Rhine, ", "Nile"] }),
      reply('{"label":"bug"}'),
      combine(toolCall("weather", { city: "Rome" })),
      reply("It is sunny."),
    ],
  });
  const env = await serve(simulator, dir);
  const path = await dir.write("recipe_ai.ts", await recipe("ai-sdk"));
  const { stdout, stderr } = await runIn(dir, deno("run", "-A", path), env);
  assert.equal(stdout, "Rhine, \nNile\nbug\nIt is sunny.\n", stderr);
});

testWithNpm("the library runs on Node 22 as it is packed", async (dir) => {
  await using simulator = createSimulator({
    turns: [reply("one two"), reply('{"n":1}'), reply("three")],
    device: { interval: "0.01" },
  });
  const { issuer, baseUrl } = await simulator.listen();
  const program = `
    import { createClient, createFetch, isCodexError, login, logout, memoryStore, stream } from "@x/codex";
    import { createSimulator } from "@x/codex/testing";
    import OpenAI from "openai";
    const [baseUrl, issuer, signIn] = process.argv.slice(2);
    const options = { store: memoryStore(JSON.parse(signIn)), baseUrl, issuer };
    const said = [process.version.split(".")[0]];
    let deltas = "";
    for await (const text of stream("Count", { model: "gpt-5.5", ...options }).textStream) deltas += text;
    const schema = { type: "object", properties: { n: { type: "number" } }, required: ["n"], additionalProperties: false };
    const { output } = await stream("Count", { model: "gpt-5.5", output: { schema }, ...options }).final();
    const openai = new OpenAI({ apiKey: "unused", fetch: createFetch(options) });
    const { output_text } = await openai.responses.create({ model: "gpt-5.5", input: "Count" });
    const client = createClient(options);
    const { email } = await client.account();
    const models = await client.models();
    const { primary } = await client.limits();
    await client.refresh({ force: true });
    const failure = await stream("").text().catch((error) => isCodexError(error));
    const other = { ...options, store: memoryStore() };
    await login({ method: "api-key", key: "sk-simulator", ...other });
    const { plan } = await login({ method: "device", onCode() {}, ...other });
    said.push(plan, (await logout(other)).removed);
    const { fetch, store } = createSimulator();
    said.push(typeof await stream("Hi", { fetch, store }).text());
    console.log(JSON.stringify([...said, deltas, output, output_text, email, models.length > 3, primary.usedPercent, failure]));
  `;
  const path = await dir.write("program.mjs", program);
  const node = dir.join("node_modules/.bin/node");
  const signIn = JSON.stringify(simulator.signIn({ issuer, baseUrl }));
  const { stdout, stderr } = await runIn(dir, [
    node,
    path,
    String(baseUrl),
    String(issuer),
    signIn,
  ]);
  assert.equal(stderr, "");
  const expected = [
    "v22",
    "plus",
    true,
    "string",
    "one two",
    { n: 1 },
    "three",
    "ada@example.com",
    true,
    12,
    true,
  ];
  assert.deepEqual(JSON.parse(stdout), expected);
  assert.equal(simulator.requestsTo("refresh").length, 1);
});
