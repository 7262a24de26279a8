import assert from "node:assert/strict";
import { buildApplication, buildCommand, buildRouteMap, run } from "@stricli/core";
import { application } from "../../src/cli/app.ts";
import { commandFirst } from "../../src/cli/arguments.ts";
import { kebab } from "../../src/cli/define.ts";
import { argumentsOf, EXAMPLES, GLOBAL_EXAMPLES } from "../../tools/cli_examples.ts";
import { commands } from "../../tools/cli_page.ts";

/** The command line with commands that do nothing: what parses is all that is asked. */
async function parses(args: readonly string[]): Promise<string> {
  const said: string[] = [];
  const routes = Object.fromEntries([...commands()].map(([name, { parameters }]) => {
    const command = buildCommand({
      func: () => {},
      // The definitions themselves, as they are.
      parameters: parameters as never,
      docs: { brief: name },
    });
    return [name, command];
  }));
  const app = buildApplication(buildRouteMap({ routes, docs: { brief: "all" } }), {
    name: "codex",
    scanner: application().config.scanner,
  });
  const process = {
    stdout: { write: (text: string) => void said.push(text) },
    stderr: { write: (text: string) => void said.push(text) },
    exitCode: null as number | string | null,
  };
  await run(app, commandFirst(args), { process });
  return said.join("");
}

for (const [command, examples] of [["", GLOBAL_EXAMPLES], ...Object.entries(EXAMPLES)] as const) {
  for (const [flag, line] of Object.entries(examples)) {
    Deno.test(`the example \`${line}\` uses --${kebab(flag)} and parses`, async () => {
      const args = argumentsOf(line);
      assert.ok(command === "" || commandFirst(args)[0] === command, args.join(" "));
      const { aliases = {} } = commands().get(commandFirst(args)[0] ?? "")?.parameters ?? {};
      const letter = Object.entries(aliases).find(([, to]) => to === flag)?.[0];
      const names = [`--${kebab(flag)}`, `-${letter}`];
      assert.ok(args.some((arg) => names.includes(arg)), args.join(" "));
      assert.equal(await parses(args), "");
    });
  }
}

Deno.test("no example is of an option that is gone", () => {
  for (const [name, examples] of Object.entries(EXAMPLES)) {
    const flags = commands().get(name)?.parameters.flags ?? {};
    for (const flag of Object.keys(examples)) assert.ok(flag in flags, `${name} ${flag}`);
  }
});

Deno.test("argumentsOf() reads quotes and stops where another program begins", () => {
  assert.deepEqual(argumentsOf("a | codex run 'x y' \"z\" | b"), ["run", "x y", "z"]);
  assert.deepEqual(argumentsOf("A=1 codex status || codex login"), ["status"]);
  assert.deepEqual(argumentsOf("codex run x 2>> log"), ["run", "x"]);
});
