import assert from "node:assert/strict";
import { filePlaceOptions, openPlace, placeOptions } from "../../src/cli/place.ts";
import { fakeCli } from "./fake_cli.ts";

/** A command's world with a home and an environment, and what it tells the person. */
function world(env: Readonly<Record<string, string>> = {}) {
  const { cli, told } = fakeCli({ env: { HOME: "/home/ada", ...env } });
  return { cli, told: () => told.stderr };
}

Deno.test("placeOptions() takes what the flags say, and the command's own world", () => {
  const { cli } = world();
  const options = placeOptions(cli, {
    profile: "work",
    authFile: "a.json",
    auth: "codex-cli",
    rotateTo: "b",
  });
  const { profile, authFile, auth, rotateTo, clock, env } = options;
  assert.deepEqual([profile, authFile, auth, rotateTo], ["work", "a.json", "codex-cli", "b"]);
  assert.deepEqual([clock, env], [cli.clock, cli.env]);
});

Deno.test("placeOptions() takes the profile of the environment when none is named", () => {
  assert.equal(placeOptions(world({ CODEX_PROFILE: "work" }).cli, {}).profile, "work");
  assert.equal(placeOptions(world({ CODEX_PROFILE: "work" }).cli, { profile: "x" }).profile, "x");
  assert.equal(placeOptions(world().cli, {}).profile, "default");
});

Deno.test("placeOptions() tells warnings on stderr, each with commands for the profile in force", () => {
  const { cli, told } = world();
  placeOptions(cli, {}).onWarning?.("It is over. Sign in again with: codex login");
  placeOptions(cli, { profile: "work" }).onWarning?.("It is over. Sign in again with: codex login");
  assert.equal(
    told(),
    "warning: It is over. Sign in again with: codex login\n" +
      "warning: It is over. Sign in again with: codex --profile work login\n",
  );
});

Deno.test("openPlace() is where the sign-in is", () => {
  assert.equal(openPlace(world().cli, {}).path, "/home/ada/.local/share/codex/auth.json");
  assert.equal(openPlace(world().cli, { authFile: "a.json" }).path, "a.json");
  const { store } = openPlace(world({ CODEX_ACCESS_TOKEN: "a.b.c" }).cli, {});
  assert.equal(store.origin, "environment");
  const borrowed = openPlace(world().cli, { auth: "codex-cli" });
  assert.equal(borrowed.store.origin, "codex-cli");
});

Deno.test("filePlaceOptions() keeps to the file, and says what comes before it", () => {
  for (const name of ["CODEX_ACCESS_TOKEN", "CODEX_AUTH_JSON"]) {
    const { cli, told } = world({ [name]: "secret" });
    assert.equal(filePlaceOptions(cli, {}).fileOnly, true);
    assert.equal(told(), `warning: ${name} is set, and comes before the sign-in in the file\n`);
  }
});

Deno.test("filePlaceOptions() says nothing where nothing comes before the file", () => {
  for (const env of [{}, { CODEX_ACCESS_TOKEN: " " }, { OPENAI_API_KEY: "sk-1" }]) {
    const { cli, told } = world(env);
    filePlaceOptions(cli, {});
    assert.equal(told(), "");
  }
  const { cli, told } = world({ CODEX_ACCESS_TOKEN: "secret" });
  filePlaceOptions(cli, { authFile: "named.json" });
  assert.equal(told(), "", "a file that is named comes first");
});
