import assert from "node:assert/strict";
import { namesOf } from "../../../src/cli/completions/lists.ts";
import { LISTS } from "../../../src/cli/completions/table.ts";
import type { Cli } from "../../../src/cli/cli.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { AUTH_FILE, openDesk } from "../../support/desk.ts";
import { runCli } from "../../support/run_cli.ts";
import { TempDir } from "../../support/temp_dir.ts";

const OAUTH = { type: "oauth", refresh: "secret-r", access: "secret-a", expires: 1 };

/** A home with two profiles, and a cached list of one of them. */
async function makeHome(models: unknown = [model("m-one", 2), model("m-two", 1, ["low", "max"])]) {
  const home = await TempDir.make();
  const auth = { openai: OAUTH, "openai@work": OAUTH, "openai@$(x)": OAUTH, anthropic: OAUTH };
  await home.write(AUTH_FILE, JSON.stringify(auth), 0o600);
  const lists = { "chatgpt https://x.test  work": { fetchedAt: 1, models, shapes: {} } };
  const cache = AUTH_FILE.replace(".json", ".models.json");
  await home.write(cache, JSON.stringify({ version: 1, lists }), 0o600);
  return home;
}

function model(slug: string, priority: number, efforts: readonly string[] = ["low", "high"]) {
  return {
    slug,
    display_name: slug,
    priority,
    visibility: "list",
    supported_reasoning_levels: efforts.map((effort) => ({ effort })),
  };
}

function cliAt(home: TempDir, more: Readonly<Record<string, string>> = {}): Cli {
  const env = (name: string) => ({ HOME: home.path, ...more })[name];
  // All that is used of it.
  return { env, clock: new ManualClock() } as Partial<Cli> as Cli;
}

Deno.test("namesOf() lists the profiles of the file that the words name, and nothing of a sign-in", async () => {
  await using home = await makeHome();
  assert.deepEqual(await namesOf("profiles", [], cliAt(home), {}), ["default", "work"]);
  await home.write("other.json", JSON.stringify({ "openai@there": OAUTH }), 0o600);
  for (const words of [["--auth-file", "~/other.json"], ["--auth-file=~/other.json", "-q"]]) {
    assert.deepEqual(await namesOf("profiles", ["run", ...words], cliAt(home), {}), ["there"]);
  }
});

Deno.test("namesOf() lists the models that are cached for the profile, by priority", async () => {
  await using home = await makeHome();
  const cli = cliAt(home);
  assert.deepEqual(await namesOf("models", ["--profile", "work"], cli, {}), ["m-two", "m-one"]);
  assert.deepEqual(await namesOf("models", ["--profile", "=", "work"], cli, {}), [
    "m-two",
    "m-one",
  ]);
  assert.deepEqual(await namesOf("models", [], cli, { profile: "work" }), ["m-two", "m-one"]);
  const inForce = cliAt(home, { CODEX_PROFILE: "work" });
  assert.deepEqual(await namesOf("models", [], inForce, {}), ["m-two", "m-one"]);
  const bundled = await namesOf("models", [], cli, {});
  assert.ok(bundled.length > 2 && !bundled.includes("m-one"), bundled.join());
});

Deno.test("namesOf() lists the efforts of the model that is named, else of the default one", async () => {
  await using home = await makeHome();
  const flags = { profile: "work" };
  const efforts = (words: string[], env = {}) => namesOf("efforts", words, cliAt(home, env), flags);
  assert.deepEqual(await efforts([]), ["low", "max"]);
  assert.deepEqual(await efforts(["run", "-m", "m-one"]), ["low", "high"]);
  assert.deepEqual(await efforts(["run", "--model=m-one", "-e"]), ["low", "high"]);
  assert.deepEqual(await efforts([], { CODEX_MODEL: "m-one" }), ["low", "high"]);
  assert.deepEqual(await efforts(["-m", "unknown"]), ["low", "max", "high"], "those of all");
});

Deno.test("namesOf() lists no name that a shell would run", async () => {
  const odd = ["$(touch x)", "`x`", "a b", "a;b", "-rf", "", "é", "a\nb", "good-1.0:x/y"];
  await using home = await makeHome(odd.map((slug, index) => model(slug, index, [slug])));
  const flags = { profile: "work" };
  assert.deepEqual(await namesOf("models", [], cliAt(home), flags), ["good-1.0:x/y"]);
  assert.deepEqual(await namesOf("efforts", ["-m", "?"], cliAt(home), flags), ["good-1.0:x/y"]);
});

Deno.test("codex completions --list sends nothing, writes nothing and needs no sign-in", async () => {
  await using desk = await openDesk({}, -60);
  await using home = await TempDir.make();
  const before = await desk.home.list(".local/share/codex");
  for (const list of LISTS) {
    const args = ["completions", "--list", list, "--", "run", "--version", "--json"];
    const { code, stderr, stdout } = await desk.run(args, {
      // Whatever asks for the network or a write fails.
      permissions: ["--allow-env", "--allow-read"],
    });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^([\w.:\/-]+\n)+$/);
    const nobody = await runCli(args, { home: home.path });
    assert.deepEqual([nobody.code, nobody.stderr], [0, ""]);
  }
  assert.deepEqual(desk.simulator.requests, []);
  assert.deepEqual(await desk.home.list(".local/share/codex"), before);
});
