/** With another program in place of Deno's base, which cannot be fetched everywhere. */
import assert from "node:assert/strict";
import { permissionsOf } from "../../tools/release/permissions.ts";
import { copyProject, type ProjectCopy } from "../support/project_copy.ts";

/** Any small program: what is compiled is put behind it. */
const BASE = "/usr/bin/true";

/** More than the bundle, what Deno writes about it, and the base. */
const MOST_BYTES = 800 * 1024;

async function compiled(
  copy: ProjectCopy,
  ...targets: readonly string[]
): Promise<{ readonly path: string; readonly text: string }> {
  const { success, stdout, stderr } = await copy.tool(["compile.ts", ...targets], {
    DENORT_BIN: BASE,
  });
  assert.ok(success, stderr);
  const path = `a/${stdout.trim()}`;
  // The text within it is read as single bytes.
  const text = new TextDecoder("latin1").decode(await Deno.readFile(copy.dir.join(path)));
  return { path, text };
}

/** What Deno bakes into an executable. */
interface Baked {
  readonly permissions: Readonly<Record<string, unknown>>;
  readonly entrypoint_key: string;
  readonly argv: readonly string[];
  readonly unsafely_ignore_certificate_errors: unknown;
  readonly app_name: string;
}

function bakedInto(text: string): Baked {
  const start = text.indexOf('{"argv":');
  for (let end = text.indexOf("}", start); end > 0; end = text.indexOf("}", end + 1)) {
    try {
      return JSON.parse(text.slice(start, end + 1));
    } catch {
      // Not yet its end.
    }
  }
  throw new Error("nothing is baked into it");
}

Deno.test({
  name: "compile() embeds the bundle, and bakes in the entry's permissions and nothing more",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using copy = await copyProject("a");
    const { path, text } = await compiled(copy);
    assert.equal(path, "a/dist/codex");
    const baked = bakedInto(text);
    assert.deepEqual(
      [baked.entrypoint_key, baked.argv, baked.app_name, baked.unsafely_ignore_certificate_errors],
      ["cli.js", [], "codex", null],
    );
    const { prompt, deny_import, ...others } = baked.permissions;
    assert.deepEqual([prompt, deny_import], [false, []], "no question, and no code from outside");
    const granted = Object.entries(others)
      .filter(([name, value]) => name !== "allow_import" && value !== null);
    const flags = permissionsOf(await copy.dir.read("a/dist/cli.js"));
    assert.deepEqual(
      granted.map(([name, value]) => {
        const values = Array.isArray(value) && value.length > 0 ? `=${value.join(",")}` : "";
        return `--${name.replace("_", "-")}${values}`;
      }).sort(),
      [...flags].sort(),
    );
    assert.ok(!flags.some((flag) => /-(all|ffi|import)\b/.test(flag)));
    const { size, mode } = await Deno.stat(copy.dir.join(path));
    assert.ok(size < MOST_BYTES, `${size} bytes`);
    assert.equal((mode ?? 0) & 0o111, 0o111);
    // Each file of the bundle is in it, the licences too, and nothing of the sources.
    for (const name of await copy.dir.list("a/dist")) {
      if (name === "codex") continue;
      const [line = ""] = (await copy.dir.read(`a/dist/${name}`)).split("\n").slice(-2);
      assert.ok(text.includes(latin1(line)), `${name} is not embedded`);
    }
    assert.ok(!text.includes("deno.json") && !text.includes("src/cli/"));
    assert.ok(!text.includes(copy.dir.path), "it names the folder that it was made in");
    // By this install.sh knows a binary of ours.
    assert.match(
      await Deno.readTextFile(new URL("../../install.sh", import.meta.url)),
      /codex_deno/,
    );
    assert.ok(text.includes("codex_deno"));
  },
});

function latin1(text: string): string {
  return new TextDecoder("latin1").decode(new TextEncoder().encode(text));
}

Deno.test({
  name: "compile() names what it makes after the target, and makes the same bytes again",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using copy = await copyProject("a");
    const target = "aarch64-unknown-linux-gnu";
    const { path, text } = await compiled(copy, target);
    assert.equal(path, `a/dist/codex-${target}`);
    await using other = await copyProject("a");
    assert.ok(text === (await compiled(other, target)).text);
  },
});

Deno.test("compile() says which targets there are", async () => {
  await using copy = await copyProject("a");
  const { success, stderr } = await copy.tool(["compile.ts", "wasm32"]);
  assert.ok(!success);
  assert.match(stderr, /There is no target "wasm32"; the targets are x86_64-unknown-linux-gnu, /);
});
