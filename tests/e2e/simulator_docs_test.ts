import assert from "node:assert/strict";
import { scenarioFromJson } from "../../testing.ts";
import { cliEnv } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = new URL("docs/simulator.md", ROOT);

/** The code of an example, as it stands on the page. */
async function example(name: string): Promise<string> {
  const [, after = ""] = (await Deno.readTextFile(PAGE)).split(`<!-- example: ${name} -->`);
  const code = /^\s*```\w+[^\n]*\n([\s\S]*?)\n```/.exec(after)?.[1];
  if (code === undefined) throw new Error(`docs/simulator.md has no example "${name}"`);
  return `${code}\n`;
}

async function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<readonly [code: number, stdout: string, stderr: string]> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    ...options,
    clearEnv: true,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return [code, decoder.decode(stdout), decoder.decode(stderr)];
}

Deno.test("the shell example has ten lines, and does what the page says", async () => {
  await using dir = await TempDir.make();
  const cli = new URL("cli.ts", ROOT).pathname;
  const start = `exec '${Deno.execPath()}' run -q --no-prompt --cached-only -A '${cli}' "$@"`;
  await dir.write("bin/codex", `#!/bin/sh\n${start}\n`, 0o755);
  const env = await cliEnv(dir.path);
  const script = await example("shell");
  assert.equal(script.trimEnd().split("\n").length, 10);
  const [code, stdout, stderr] = await run("sh", ["-c", script], {
    cwd: dir.path,
    env: { ...env, PATH: `${dir.join("bin")}:${env["PATH"]}` },
  });
  assert.equal(stdout, "no message (4)\n", stderr);
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /not as expected|expected, /);
});

Deno.test("the Deno example passes without a permission", async () => {
  await using dir = await TempDir.make();
  const file = await dir.write("headline_test.ts", await example("deno"));
  const config = new URL("deno.json", ROOT).pathname;
  const env = await cliEnv(dir.path);
  const [code, stdout, stderr] = await run(
    Deno.execPath(),
    ["test", "--no-prompt", "--cached-only", "--config", config, file],
    { cwd: dir.path, env },
  );
  assert.match(stdout, /1 passed/, stderr);
  assert.equal(code, 0);
});

Deno.test("every turn, fault and scenario on the page can be read", async () => {
  const page = await Deno.readTextFile(PAGE);
  const found: string[] = [];
  for (const [, code = ""] of page.matchAll(/```json\n([\s\S]*?)\n```/g)) {
    scenarioFromJson(JSON.parse(code));
    found.push(code);
  }
  assert.equal(found.length, 1);
  let count = 0;
  for (const row of page.split("\n").filter((line) => line.startsWith("| "))) {
    for (const [, code = ""] of row.matchAll(/`(\{".*?\})`/g)) {
      const one = JSON.parse(code);
      const isFault = "route" in one || "refreshFails" in one;
      // What stands beside a member's name is a part of that.
      if ("outcome" in one || "disabled" in one || "slowDown" in one) {
        scenarioFromJson({ device: one });
      } else scenarioFromJson(isFault ? { faults: [one] } : { turns: [one] });
      count += 1;
    }
    for (const [, code = "", name = ""] of row.matchAll(/`("(\w+)": (?:\{.*?\}|\[.*?\]))`/g)) {
      const part = JSON.parse(`{${code}}`);
      // What goes on a turn or a fault stands behind one in the same row.
      if (name === "wire") scenarioFromJson({ turns: [{ reply: "x", ...part }] });
      else if (name === "body") scenarioFromJson({ faults: [{ route: "any", ...part }] });
      else scenarioFromJson(part);
      count += 1;
    }
  }
  assert.ok(count >= 48, `${count}`);
});
