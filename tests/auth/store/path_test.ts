import assert from "node:assert/strict";
import {
  authFilePath,
  isOpencodePath,
  officialAuthPath,
  pathText,
} from "../../../src/auth/store/path.ts";
import { isCodexError } from "../../../src/base/errors.ts";
import { TempDir } from "../../support/temp_dir.ts";

function envOf(variables: Record<string, string>): (name: string) => string | undefined {
  return (name) => variables[name];
}

const PATHS: readonly (readonly [os: string, env: Record<string, string>, path: string])[] = [
  ["linux", { HOME: "/home/u" }, "/home/u/.local/share/codex/auth.json"],
  ["darwin", { HOME: "/Users/u/" }, "/Users/u/.local/share/codex/auth.json"],
  ["linux", { HOME: "/" }, "/.local/share/codex/auth.json"],
  ["linux", { HOME: "/home/u", XDG_DATA_HOME: "/data" }, "/data/codex/auth.json"],
  ["linux", { XDG_DATA_HOME: "/data/" }, "/data/codex/auth.json"],
  ["linux", { HOME: "/home/u", XDG_DATA_HOME: "data" }, "/home/u/.local/share/codex/auth.json"],
  ["linux", { HOME: "/home/u", XDG_DATA_HOME: "" }, "/home/u/.local/share/codex/auth.json"],
  ["linux", { HOME: "/home/u", CODEX_AUTH_FILE: "/run/auth.json" }, "/run/auth.json"],
  ["linux", { CODEX_AUTH_FILE: "auth.json" }, "auth.json"],
  [
    "windows",
    { LOCALAPPDATA: "C:\\Users\\u\\AppData\\Local" },
    "C:\\Users\\u\\AppData\\Local\\codex\\auth.json",
  ],
  ["windows", { LOCALAPPDATA: "C:\\L", XDG_DATA_HOME: "/data" }, "C:\\L\\codex\\auth.json"],
];

for (const [os, env, path] of PATHS) {
  Deno.test(`authFilePath() on ${os} with ${JSON.stringify(env)} is ${path}`, () => {
    assert.equal(authFilePath({ env: envOf(env), os }), path);
  });
}

Deno.test("authFilePath() takes the flag before everything else", () => {
  const env = envOf({ CODEX_AUTH_FILE: "/env/auth.json" });
  assert.equal(authFilePath({ authFile: "/flag/auth.json", env, os: "linux" }), "/flag/auth.json");
  assert.equal(authFilePath({ authFile: "", env, os: "linux" }), "/env/auth.json");
});

Deno.test("authFilePath() says what is missing when there is no home", () => {
  for (
    const [os, env, name] of [
      ["linux", {}, "HOME"],
      ["linux", { HOME: "home/u" }, "HOME"],
      ["windows", { HOME: "/home/u" }, "LOCALAPPDATA"],
    ] as const
  ) {
    assert.throws(
      () => authFilePath({ env: envOf(env), os }),
      (error) => isCodexError(error, "invalid_usage") && error.message.includes(`: ${name} is not`),
    );
  }
});

Deno.test("officialAuthPath() is in CODEX_HOME, else in ~/.codex", () => {
  assert.equal(officialAuthPath(envOf({ HOME: "/home/u" }), "linux"), "/home/u/.codex/auth.json");
  assert.equal(officialAuthPath(envOf({ CODEX_HOME: "/c/" }), "linux"), "/c/auth.json");
  assert.equal(
    officialAuthPath(envOf({ HOME: "/home/u", CODEX_HOME: "" }), "linux"),
    "/home/u/.codex/auth.json",
  );
  assert.equal(
    officialAuthPath(envOf({ USERPROFILE: "C:\\Users\\u" }), "windows"),
    "C:\\Users\\u\\.codex\\auth.json",
  );
});

Deno.test("pathText() takes a file address and refuses any other", () => {
  assert.equal(pathText(new URL("file:///a%20b/c"), "linux"), "/a b/c");
  assert.equal(pathText(new URL("file:///C:/a/c"), "windows"), "C:\\a\\c");
  assert.equal(pathText("/plain%20", "linux"), "/plain%20");
  assert.throws(
    () => pathText(new URL("https://example.com/auth.json"), "linux"),
    (error) => isCodexError(error, "invalid_usage"),
  );
});

Deno.test("isOpencodePath() knows opencode's own file", () => {
  assert.ok(isOpencodePath("/home/u/.local/share/opencode/auth.json"));
  assert.ok(isOpencodePath("C:\\Users\\u\\.local\\share\\opencode\\auth.json"));
  assert.ok(!isOpencodePath("/home/u/.local/share/codex/auth.json"));
  assert.ok(!isOpencodePath("/home/u/myopencode/auth.json"));
});

Deno.test("authFilePath() names the permission where HOME may not be read", async () => {
  const path = new URL("../../../src/auth/store/path.ts", import.meta.url).href;
  const platform = new URL("../../../src/base/platform.ts", import.meta.url).href;
  await using dir = await TempDir.make();
  const script = await dir.write(
    "script.ts",
    `import { authFilePath } from "${path}";
import { processEnv } from "${platform}";
try {
  authFilePath({ env: processEnv, os: "linux" });
} catch ({ code, message, hint }) {
  console.log(JSON.stringify([code, message, hint]));
}`,
  );
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-config", "--no-check", script],
    env: { HOME: "/home/ada", DENO_DIR: dir.join("deno") },
    stdin: "null",
  }).output();
  assert.deepEqual(JSON.parse(new TextDecoder().decode(stdout)), [
    "invalid_usage",
    "Cannot tell where the sign-in is kept: Deno does not let this program read HOME",
    "Run it with --allow-env=HOME, or name the file: fileStore(path)",
  ]);
});
