import assert from "node:assert/strict";
import { allowedEnvironment } from "../../../src/agent/sandbox/environment.ts";

Deno.test("allowedEnvironment() lets pass what tools need to be found", () => {
  const needed = {
    PATH: "/usr/bin",
    HOME: "/home/u",
    LANG: "C.UTF-8",
    LC_ALL: "C",
    LC_TIME: "C",
    TERM: "xterm",
    JAVA_HOME: "/opt/java",
    VIRTUAL_ENV: "/w/.venv",
    https_proxy: "http://proxy.test:3128",
  };
  assert.deepEqual(allowedEnvironment(needed, "linux"), needed);
});

Deno.test("allowedEnvironment() keeps secrets and what loads code outside", () => {
  const names = [
    ..."CODEX_ACCESS_TOKEN CODEX_AUTH_JSON CODEX_AUTH_FILE OPENAI_API_KEY GITHUB_TOKEN".split(" "),
    ..."NODE_AUTH_TOKEN DENO_AUTH_TOKENS NPM_TOKEN AWS_SECRET_ACCESS_KEY DB_PASSWORD".split(" "),
    ..."SSH_AUTH_SOCK DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR DOCKER_HOST DISPLAY".split(" "),
    ..."LD_PRELOAD LD_LIBRARY_PATH BASH_ENV ENV NODE_OPTIONS GIT_SSH_COMMAND PROMPT_COMMAND".split(
      " ",
    ),
    "LC_secret",
    "LC_TOKEN",
    "path",
  ];
  const all = Object.fromEntries(names.map((name) => [name, "x"]));
  assert.deepEqual(allowedEnvironment(all, "linux"), {});
});

Deno.test("allowedEnvironment() keeps addresses with a password outside", () => {
  const all = {
    HTTPS_PROXY: "http://user:secret@proxy.test:3128",
    https_proxy: "user:secret@proxy.test:3128",
    HTTP_PROXY: "http://proxy.test:3128",
  };
  assert.deepEqual(Object.keys(allowedEnvironment(all, "linux")), ["HTTP_PROXY"]);
});

Deno.test("allowedEnvironment() takes any spelling of a name on Windows", () => {
  const all = { Path: "C:\\", SystemRoot: "C:\\Windows", Secret: "x" };
  assert.deepEqual(Object.keys(allowedEnvironment(all, "windows")), ["Path", "SystemRoot"]);
  assert.deepEqual(allowedEnvironment(all, "linux"), {});
});
