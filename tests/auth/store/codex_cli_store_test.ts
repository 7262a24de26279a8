import assert from "node:assert/strict";
import { codexCliStore } from "../../../src/auth/store/codex_cli_store.ts";
import { type ErrorCode, isCodexError } from "../../../src/base/errors.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { jwt } from "./support.ts";

const FILE = {
  auth_mode: "chatgpt",
  tokens: {
    id_token: jwt({}),
    access_token: jwt({ exp: 1_800_000_000 }),
    refresh_token: "rt_official",
    account_id: "acct-1",
  },
};

function fails(code: ErrorCode, pattern: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(isCodexError(error, code), String(error));
    assert.match(error.message, pattern);
    assert.ok(error.hint);
    return true;
  };
}

Deno.test("codexCliStore() borrows the sign-in without its refresh token", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", JSON.stringify(FILE), 0o600);
  const env = (name: string) => name === "CODEX_HOME" ? dir.path : undefined;
  const store = codexCliStore({ env });
  assert.equal(store.path, path);
  assert.equal(store.origin, "codex-cli");
  assert.equal(store.renewable, false);
  assert.deepEqual(await store.read(), {
    type: "oauth",
    refresh: "",
    access: FILE.tokens.access_token,
    expires: 1_800_000_000_000,
    accountId: "acct-1",
  });
  assert.ok(!Deno.inspect(await store.read()).includes(FILE.tokens.access_token));
});

Deno.test("codexCliStore() never updates, writes or locks", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", JSON.stringify(FILE), 0o644);
  const before = await Deno.stat(path);
  const store = codexCliStore({ path });
  await store.read();
  await assert.rejects(
    store.update(() => assert.fail("the callback was asked")),
    (error) =>
      isCodexError(error, "sign_in_expired") && /official tool once/.test(error.hint ?? ""),
  );
  const after = await Deno.stat(path);
  assert.deepEqual([after.mtime, after.ctime, after.mode], [
    before.mtime,
    before.ctime,
    before.mode,
  ]);
  assert.deepEqual(await dir.list(), ["auth.json"]);
});

for (
  const [what, content, code, pattern] of [
    ["an API key", '{"OPENAI_API_KEY":"sk-secret-1"}', "not_signed_in", /uses an API key/],
    ["nothing", "{}", "not_signed_in", /is not signed in/],
    [
      "a personal access token",
      '{"personal_access_token":"at-secret-1"}',
      "not_signed_in",
      /uses a personal access token/,
    ],
    ["half a file", '{"tokens"', "store_unavailable", /no JSON object/],
  ] as const
) {
  Deno.test(`codexCliStore() says so when the official tool's file holds ${what}`, async () => {
    await using dir = await TempDir.make();
    const path = await dir.write("auth.json", content);
    await assert.rejects(codexCliStore({ path }).read(), (error) => {
      assert.ok(!String(error).includes("secret"));
      return fails(code, pattern)(error);
    });
  });
}

Deno.test("codexCliStore() says where it looked when there is no file", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("none", "auth.json");
  await assert.rejects(
    codexCliStore({ path }).read(),
    (error) => fails("not_signed_in", /has no sign-in in/)(error) && String(error).includes(path),
  );
});

Deno.test("codexCliStore() refuses to open a pipe", async () => {
  await using dir = await TempDir.make();
  await new Deno.Command("mkfifo", { args: [dir.join("auth.json")] }).output();
  await assert.rejects(
    codexCliStore({ path: dir.join("auth.json") }).read(),
    fails("store_unavailable", /no regular file/),
  );
});
