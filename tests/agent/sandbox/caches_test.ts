import assert from "node:assert/strict";
import { planCaches } from "../../../src/agent/sandbox/caches.ts";
import { TempDir } from "../../support/temp_dir.ts";

const WORLD = { temp: "/tmp", mode: "workspace-write", network: false } as const;

Deno.test("planCaches() puts every cache into the temporary folder", () => {
  const { environment, folders, shown } = planCaches({ ...WORLD, environment: {} });
  for (
    const name of ["DENO_DIR", "npm_config_cache", "GOCACHE", "PIP_CACHE_DIR", "XDG_CACHE_HOME"]
  ) {
    assert.match(environment[name] ?? "", /^\/tmp\/\.cache/, name);
  }
  assert.deepEqual({ folders, shown }, { folders: ["/tmp/.cache"], shown: [] });
});

Deno.test("planCaches() shows what was downloaded, unless more may be", async () => {
  await using dir = await TempDir.make();
  await dir.write(".cache/deno/npm/x", "");
  await dir.write(".npm/_cacache/x", "");
  const environment = { HOME: dir.path };
  assert.deepEqual(planCaches({ ...WORLD, environment }).shown, [
    [dir.join(".cache/deno/npm"), "/tmp/.cache/deno/npm"],
    [dir.join(".npm/_cacache"), "/tmp/.cache/npm/_cacache"],
  ]);
  assert.deepEqual(planCaches({ ...WORLD, environment, network: true }).shown, []);
  const named = { XDG_CACHE_HOME: `${dir.path}//.cache/`, npm_config_cache: `${dir.path}/none/` };
  assert.deepEqual(planCaches({ ...WORLD, environment: named }).shown, [
    [dir.join(".cache/deno/npm"), "/tmp/.cache/deno/npm"],
  ]);
  assert.deepEqual(planCaches({ ...WORLD, environment: { HOME: dir.join("none") } }).shown, []);
});

Deno.test("planCaches() keeps tools out of a workspace that they cannot write to", () => {
  const writing = planCaches({ ...WORLD, environment: {} }).environment;
  const reading = planCaches({ ...WORLD, mode: "read-only", environment: {} }).environment;
  assert.equal(writing["CARGO_TARGET_DIR"], undefined);
  assert.equal(reading["CARGO_TARGET_DIR"], "/tmp/.cache/cargo-target");
});

Deno.test("planCaches() plans nothing without a temporary folder", () => {
  const plan = planCaches({ ...WORLD, temp: undefined, environment: {} });
  assert.deepEqual(plan, { environment: {}, folders: [], shown: [] });
});
