/** People's tools under the default policy, without a network. */
import assert from "node:assert/strict";
import { testWith } from "../../support/need.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { run, sandboxIn } from "./support.ts";

for (const mode of ["workspace-write", "read-only"] as const) {
  testWith(["bwrap"], `planCaches() gives Deno what it needs for tests (${mode})`, async () => {
    await using dir = await TempDir.make();
    await dir.write(
      "work/a_test.ts",
      'import { b } from "./b.ts"; Deno.test("a", () => { if (b !== 1) throw new Error(); });',
    );
    await dir.write("work/b.ts", "export const b: number = 1;\n");
    await dir.write("work/node_modules/.keep", "");
    const { exitCode, output } = await run(
      sandboxIn(dir.join("work"), { mode }),
      `NO_COLOR=1 '${Deno.execPath()}' test -A --no-check`,
    );
    assert.equal(exitCode, 0, output);
    assert.match(output, /1 passed/);
    assert.deepEqual(await dir.list("work"), ["a_test.ts", "b.ts", "node_modules"]);
  });
}

testWith(["bwrap", "node"], "planCaches() gives npm what it needs for tests", async () => {
  await using dir = await TempDir.make();
  await dir.write("package.json", '{"scripts": {"test": "node --test a.test.mjs"}}');
  await dir.write("a.test.mjs", 'import test from "node:test"; test("a", () => {});\n');
  const { exitCode, output } = await run(sandboxIn(dir.path), "npm test");
  assert.equal(exitCode, 0, output);
  assert.match(output, /pass 1/);
});

testWith(["bwrap"], "planCaches() shows what Deno has downloaded, unchangeably", async () => {
  await using dir = await TempDir.make();
  await dir.write("deno/npm/package", "downloaded\n");
  const environment = { PATH: "/usr/bin:/bin", HOME: dir.path, DENO_DIR: dir.join("deno") };
  await Deno.mkdir(dir.join("work"));
  const sandbox = sandboxIn(dir.join("work"), {}, { host: { environment, cwd: "/" } });
  const { output } = await run(
    sandbox,
    'cat "$DENO_DIR/npm/package"; echo x >"$DENO_DIR/npm/package"; echo y >"$DENO_DIR/own" && echo ok',
  );
  assert.match(output, /^downloaded\n.*Read-only file system\nok\n$/s);
});
