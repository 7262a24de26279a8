import assert from "node:assert/strict";
import { permissionsOf } from "../../../tools/release/permissions.ts";

const ROOT = new URL("../../../", import.meta.url);

const FLAGS = permissionsOf(await Deno.readTextFile(new URL("cli.ts", ROOT)));

Deno.test("permissionsOf() reads the flags, and takes no other first line for one", () => {
  const first = "#!/usr/bin/env -S deno run";
  assert.deepEqual(permissionsOf(`${first} --allow-read --allow-sys=uid\nx`), [
    "--allow-read",
    "--allow-sys=uid",
  ]);
  for (
    const text of ["", "// x\n", `${first}\n`, `${first} -A\n`, `${first} --allow-read; rm x\n`]
  ) {
    assert.throws(() => permissionsOf(text), /names no permissions/);
  }
});

Deno.test("permissionsOf() cli.ts is what deno.json gives the command", async () => {
  const { permissions: { cli } }: {
    permissions: { cli: Record<string, true | readonly string[]> };
  } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const given = Object.entries(cli)
    .map(([name, value]) => `--allow-${name}${value === true ? "" : `=${value.join(",")}`}`);
  assert.deepEqual(given.sort(), [...FLAGS].sort());
});

Deno.test("permissionsOf() cli.ts is what the README installs it with", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const [line = ""] = /deno install --global[^`]*?cli\.ts/.exec(readme) ?? [];
  assert.deepEqual((line.match(/--allow-\S+/g) ?? []).sort(), [...FLAGS].sort());
});
