import assert from "node:assert/strict";
import {
  MAX_TIMEOUT_MS,
  readShellArguments,
  shellParameters,
} from "../../../src/agent/tools/shell_arguments.ts";
import { objectAt } from "../../../src/base/json.ts";

Deno.test("readShellArguments() reads all that can be said", () => {
  const input = {
    command: "ls",
    workdir: "src",
    timeout_ms: 500,
    sandbox_permissions: "require_escalated",
    justification: "it needs the network",
  };
  assert.deepEqual(readShellArguments(input), {
    command: "ls",
    workdir: "src",
    timeoutMs: 500,
    escalated: true,
    justification: "it needs the network",
  });
});

Deno.test("readShellArguments() takes what is absent, null or unknown as not said", () => {
  const plain = readShellArguments({ command: "ls" });
  const nulls = { workdir: null, timeout_ms: null, sandbox_permissions: null, justification: null };
  assert.deepEqual(readShellArguments({ command: "ls", ...nulls }), plain);
  assert.deepEqual(readShellArguments({ command: "ls", workdir: "", login: true }), plain);
  assert.deepEqual(readShellArguments({ cmd: "ls", sandbox_permissions: "use_default" }), plain);
  assert.equal(plain.escalated, false);
});

const LINES: readonly (readonly [words: readonly string[], line: string])[] = [
  [["bash", "-lc", "a | b"], "a | b"],
  [["/bin/sh", "-c", "a | b"], "a | b"],
  [["/usr/bin/bash", "-c", "a"], "a"],
  [["bash", "-c", "a", "b"], "bash -c a b"],
  [["zsh", "-c", "a | b"], "zsh -c 'a | b'"],
  [["ls", "-la", "./a-b/c.ts"], "ls -la ./a-b/c.ts"],
  [["echo", "it's", "$HOME", ""], `echo 'it'\\''s' '$HOME' ''`],
];

Deno.test("readShellArguments() makes one line of a list of words", () => {
  for (const [command, line] of LINES) {
    assert.equal(readShellArguments({ command }).command, line);
  }
});

const WRONG: readonly (readonly [input: unknown, what: RegExp])[] = [
  ['{"command": ', /no|not valid JSON/],
  [undefined, /no object/],
  [["ls"], /no object/],
  [{}, /`command` is missing/],
  [{ command: null }, /`command` is missing/],
  [{ command: 1 }, /`command` is no string/],
  [{ command: "  \n" }, /`command` is empty/],
  [{ command: [] }, /not of strings/],
  [{ command: ["ls", 1] }, /not of strings/],
  [{ command: "a\0b" }, /NUL/],
  [{ command: "é".repeat(60_001) }, /has 120002 bytes/],
  [{ command: "ls", workdir: 1 }, /`workdir` is no string/],
  [{ command: "ls", timeout_ms: "5" }, /`timeout_ms` is no number/],
  [{ command: "ls", timeout_ms: 0 }, /`timeout_ms` is no number above 0/],
  [{ command: "ls", timeout_ms: NaN }, /`timeout_ms` is no number/],
  [{ command: "ls", timeout_ms: MAX_TIMEOUT_MS + 1 }, /`timeout_ms` is above 1800000/],
  [{ command: "ls", sandbox_permissions: "root" }, /`sandbox_permissions` is neither/],
  [{ command: "ls", sandbox_permissions: true }, /`sandbox_permissions` is no string/],
  [{ command: "ls", justification: [] }, /`justification` is no string/],
];

Deno.test("readShellArguments() says in one line what is wrong", () => {
  for (const [input, what] of WRONG) {
    assert.throws(() => readShellArguments(input), (error) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /^failed to parse function arguments: [^\n]+$/);
      assert.match(error.message, what);
      return true;
    });
  }
});

Deno.test("shellParameters() declares the way out of the sandbox only where somebody can be asked", () => {
  const names = (mayAsk: boolean) => Object.keys(objectAt(shellParameters(mayAsk), "properties"));
  assert.deepEqual(names(false), ["command", "workdir", "timeout_ms"]);
  assert.deepEqual(names(true).slice(3), ["sandbox_permissions", "justification"]);
  assert.equal(shellParameters(true)["additionalProperties"], false);
});
