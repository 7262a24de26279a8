import assert from "node:assert/strict";
import { protectedNameIn } from "../../../../src/agent/tools/patch/protected_names.ts";

/** Spellings, and the name that each is. */
const SPELLINGS: readonly (readonly [path: string, name: string])[] = [
  [".git", ".git"],
  [".git/config", ".git"],
  ["a/b/.git/hooks/pre-commit", ".git"],
  ["/x/.git", ".git"],
  ["./.git/x", ".git"],
  [".git/../a", ".git"],
  [".codex/config.toml", ".codex"],
  [".agents/x", ".agents"],
  [".vscode/tasks.json", ".vscode"],
  [".husky/pre-commit", ".husky"],
  [".envrc", ".envrc"],
  ["sub/.envrc", ".envrc"],
  // Case.
  [".GIT/config", ".git"],
  [".Git", ".git"],
  [".VSCode/x", ".vscode"],
  [".EnvRC", ".envrc"],
  // Letters that become plain ones in some folding.
  [".g\u0131t", ".git"],
  [".G\u0130T", ".git"],
  [".hu\u017fky", ".husky"],
  [".hus\u212ay", ".husky"],
  // Compatible forms.
  ["\uff0egit", ".git"],
  [".\uff47\uff49\uff54", ".git"],
  ["\u2024git", ".git"],
  [".\u{1d420}it", ".git"],
  [".\u24d6it", ".git"],
  ["a\uff0f.git", ".git"],
  // Characters that some file systems ignore.
  [".g\u200cit", ".git"],
  [".git\u200d", ".git"],
  ["\ufeff.git", ".git"],
  [".gi\u00adt", ".git"],
  [".g\u202eit", ".git"],
  [".git\u0301", ".git"],
  // Ends that Windows cuts off, streams, short names, its separators.
  [".git.", ".git"],
  [".git ", ".git"],
  [".git. . .", ".git"],
  [" .git", ".git"],
  [".git::$INDEX_ALLOCATION/config", ".git"],
  [".git:stream", ".git"],
  ["GIT~1/config", ".git"],
  ["codex~2", ".codex"],
  ["ENVRC~1", ".envrc"],
  [".git\\config", ".git"],
  ["a\\.vscode\\tasks.json", ".vscode"],
];

const ALLOWED = [
  "a.ts",
  ".github/workflows/ci.yml",
  ".gitignore",
  ".gitattributes",
  ".gitmodules",
  "git/config",
  "git",
  "x.git/config",
  ".env",
  ".envrc.example",
  ".codexrc",
  "agents/a.md",
  "AGENTS.md",
  "vscode~",
  "git~",
  "a~1",
  "..git",
  ".gitt",
  "",
];

Deno.test("protectedNameIn() knows a protected name in every spelling", () => {
  for (const [path, name] of SPELLINGS) {
    assert.equal(protectedNameIn(path), name, JSON.stringify(path));
    assert.equal(protectedNameIn(`src/${path}`), name, JSON.stringify(`src/${path}`));
  }
});

Deno.test("protectedNameIn() lets names pass that only look alike", () => {
  for (const path of ALLOWED) assert.equal(protectedNameIn(path), undefined, path);
});
