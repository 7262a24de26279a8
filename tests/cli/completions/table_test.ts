import assert from "node:assert/strict";
import { buildCommand, buildRouteMap, type RouteMap } from "@stricli/core";
import { application } from "../../../src/cli/app.ts";
import { completionTable, type Entry, LISTS } from "../../../src/cli/completions/table.ts";
import { GLOBAL_FLAGS, onOff, paths, text } from "../../../src/cli/define.ts";
import { kebab } from "../../../src/cli/define.ts";
import { commands } from "../../../tools/cli_page.ts";

const EVERYWHERE = new Set(Object.keys(GLOBAL_FLAGS));

function table(): readonly Entry[] {
  return completionTable(application().root as RouteMap<never>, EVERYWHERE);
}

function optionOf(command: string, name: string) {
  return table().find((entry) => entry.name === command)?.options
    .find((option) => option.name === name);
}

Deno.test("completionTable() has every command and every option, from the definitions", () => {
  const entries = new Map(table().map((entry) => [entry.name, entry]));
  assert.deepEqual([...entries.keys()], [...commands().keys()]);
  for (const [name, { brief, parameters }] of commands()) {
    assert.equal(entries.get(name)?.brief, brief);
    const names = entries.get(name)?.options.map((option) => option.name) ?? [];
    assert.deepEqual(names, [...Object.keys(parameters.flags ?? {}).map(kebab), "help"]);
  }
});

Deno.test("completionTable() knows what each kind of value is", () => {
  const kinds: [string, string, unknown][] = [
    ["run", "model", { kind: "list", list: "models" }],
    ["run", "effort", { kind: "list", list: "efforts" }],
    ["status", "profile", { kind: "list", list: "profiles" }],
    ["run", "file", { kind: "file" }],
    ["status", "auth-file", { kind: "file" }],
    ["run", "instructions", { kind: "at-file" }],
    ["run", "timeout", { kind: "text" }],
    ["run", "on-limit", { kind: "words", words: ["wait", "fail"] }],
    ["run", "search", undefined],
    ["completions", "list", { kind: "words", words: LISTS }],
  ];
  for (const [command, name, value] of kinds) {
    assert.deepEqual(optionOf(command, name)?.value, value, name);
  }
  assert.deepEqual(table().find(({ name }) => name === "completions")?.argument, {
    kind: "words",
    words: ["bash", "zsh", "fish", "powershell"],
  });
  assert.equal(table().find(({ name }) => name === "status")?.argument, undefined);
});

Deno.test("completionTable() leaves no option without files whose value is a file or a folder", () => {
  for (const [command, { parameters }] of commands()) {
    for (const [flag, { placeholder = "" }] of Object.entries(parameters.flags ?? {})) {
      if (!/FILE|PATH|DIR|FOLDER/.test(placeholder)) continue;
      const kind = optionOf(command, kebab(flag))?.value?.kind;
      assert.ok(["file", "folder", "at-file"].includes(kind ?? ""), `${command} --${flag}`);
    }
  }
});

Deno.test("completionTable() knows letters, what may be given again, and what stands everywhere", () => {
  assert.equal(optionOf("run", "model")?.letter, "m");
  assert.equal(optionOf("run", "file")?.several, true);
  assert.equal(optionOf("run", "model")?.several, false);
  assert.equal(optionOf("run", "profile")?.everywhere, true);
  assert.equal(optionOf("run", "model")?.everywhere, false);
});

Deno.test("completionTable() leaves out what is hidden", () => {
  const command = buildCommand<{ shown?: boolean; secret?: string; dirs?: string[] }>({
    func: () => {},
    parameters: {
      flags: {
        shown: onOff("Shown"),
        secret: { ...text("X", "Hidden"), hidden: true },
        dirs: paths("DIR", "Folders"),
      },
    },
    docs: { brief: "b" },
  });
  const root = buildRouteMap({
    routes: { seen: command, unseen: command },
    docs: { brief: "all", hideRoute: { unseen: true } },
  });
  const [entry, ...more] = completionTable(root, new Set());
  assert.deepEqual(more, []);
  assert.deepEqual(entry?.options.map(({ name }) => name), ["shown", "dirs", "help"]);
  assert.deepEqual(entry?.options[1]?.value, { kind: "folder" });
});
