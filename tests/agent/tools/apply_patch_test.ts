import assert from "node:assert/strict";
import { applyPatchTool, type FileChange } from "../../../src/agent/tools/apply_patch.ts";
import type { SandboxMode } from "../../../src/agent/sandbox/sandbox.ts";
import type { Tool, ToolContext } from "../../../src/agent/tool.ts";
import { preparePatch } from "../../../src/agent/tools/apply_patch_call.ts";
import { TempDir } from "../../support/temp_dir.ts";

const PATCH = "*** Begin Patch\n*** Update File: f\n@@\n-a\n+b\n*** End Patch";

function toolIn(
  dir: TempDir,
  mode: SandboxMode = "workspace-write",
  onChange?: (changes: readonly FileChange[]) => void,
): Tool {
  const policy = { mode, workspace: dir.path, writable: [], network: false, hidden: [] };
  return applyPatchTool({ policy, cwd: dir.path, onChange, environment: {} });
}

function context(signal: AbortSignal = new AbortController().signal): ToolContext {
  return { signal, callId: "call_1", step: 1, emit: () => {} };
}

async function applied(tool: Tool, input: unknown): Promise<unknown> {
  return await (await tool.prepare(input)).execute(context());
}

Deno.test("applyPatchTool() is declared as a grammar to models that take one", async () => {
  await using dir = await TempDir.make();
  const spec = await toolIn(dir).declare({ freeformPatch: true, inputs: ["text"] });
  assert.ok(spec?.type === "custom" && spec.name === "apply_patch");
  assert.equal(spec.grammar?.syntax, "lark");
  for (const marker of ["Begin Patch", "End Patch", "Add File", "Delete File", "Update File"]) {
    assert.ok(spec.grammar?.definition.includes(`"*** ${marker}`), marker);
  }
});

Deno.test("applyPatchTool() is declared as a function to others, with the format explained", async () => {
  await using dir = await TempDir.make();
  for (const model of [undefined, { freeformPatch: false, inputs: ["text"] }]) {
    const spec = await toolIn(dir).declare(model);
    assert.ok(spec?.type === "function" && spec.name === "apply_patch");
    assert.deepEqual(Object.keys(spec.parameters["properties"] ?? {}), ["input"]);
    // What is explained is what is read: the example is taken from there.
    const example = /\*\*\* Begin Patch[^]*\*\*\* End Patch/.exec(spec.description ?? "")?.[0];
    await dir.write("old.txt", "");
    await dir.write(
      "src/a.ts",
      "class Or function that the lines are in\na line that stays\n" +
        "a line that goes\n",
    );
    await applied(toolIn(dir), example ?? assert.fail());
    assert.equal(await dir.read("new.txt"), "each line of the new file\n");
    assert.match(await dir.read("src/b.ts"), /in\na line that stays\na line that comes\n$/);
    assert.deepEqual(await dir.list(), ["new.txt", "src"]);
    await Deno.remove(dir.join("new.txt"));
  }
});

Deno.test("applyPatchTool() takes the patch in every shape that models send", async () => {
  await using dir = await TempDir.make();
  const tool = toolIn(dir);
  for (
    const input of [
      PATCH,
      { input: PATCH },
      { patch: PATCH },
      JSON.stringify({ input: PATCH }),
      JSON.stringify({ patch: PATCH }),
    ]
  ) {
    await dir.write("f", "a\n");
    await applied(tool, input);
    assert.equal(await dir.read("f"), "b\n");
  }
  for (const input of [undefined, null, 1, [], {}, { input: 1 }, "", "{", "[]"]) {
    await assert.rejects(tool.prepare(input), /^PatchError: apply_patch verification failed: /);
  }
});

Deno.test("applyPatchTool() changes nothing before it is executed, and says what would change", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  const { need } = await toolIn(dir).prepare(PATCH);
  assert.equal(await dir.read("f"), "a\n");
  assert.equal(need?.unconfined, false);
  assert.match(need?.diff ?? "", /^--- a\/f\n\+\+\+ b\/f\n@@ -1 \+1 @@\n-a\n\+b\n/m);
});

Deno.test("applyPatchTool() needs a yes where the sandbox is read-only", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  const call = await toolIn(dir, "read-only").prepare(PATCH);
  assert.equal(call.need?.unconfined, true);
  assert.equal(call.need?.why, "the sandbox is read-only");
  assert.ok(call.need?.diff?.includes("+b"));
  await call.execute(context());
  assert.equal(await dir.read("f"), "b\n");
});

Deno.test("applyPatchTool() does not do what was not shown for a yes", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  const call = await toolIn(dir, "read-only").prepare(PATCH);
  await dir.write("f", "secret\na\n");
  await assert.rejects(
    async () => await call.execute(context()),
    /^PatchError: apply_patch failed: the files changed after the patch was shown for approval\nNo file was changed\.$/,
  );
  assert.equal(await dir.read("f"), "secret\na\n");
});

Deno.test("applyPatchTool() fits the patch to what calls before it have changed", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  const call = await toolIn(dir).prepare(PATCH);
  await dir.write("f", "x\na\n");
  await call.execute(context());
  assert.equal(await dir.read("f"), "x\nb\n");
});

Deno.test("applyPatchTool() lists what it changed, and tells it with the texts", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  await dir.write("g", "a\n");
  await dir.write("h", "a\n");
  const told: FileChange[] = [];
  const result = await applied(
    toolIn(dir, "workspace-write", (changes) => told.push(...changes)),
    `*** Begin Patch
*** Update File: f
@@
-a
+b
*** Add File: sub/n
+x
*** Delete File: g
*** Update File: h
*** Move to: i
@@
-a
+b
*** End Patch`,
  );
  assert.equal(
    result,
    "Success. Updated the following files:\nM f\nA sub/n\nD g\nM i\n",
  );
  assert.deepEqual(told.map(({ kind, path, before, after }) => [kind, path, before, after]), [
    ["changed", "f", "a\n", "b\n"],
    ["added", "sub/n", undefined, "x\n"],
    ["deleted", "g", "a\n", undefined],
    ["moved", "i", "a\n", "b\n"],
  ]);
});

Deno.test("applyPatchTool() tells the model which hunk failed, and why, and that nothing changed", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  await dir.write("g", "x\n");
  const told: FileChange[] = [];
  const tool = toolIn(dir, "workspace-write", (changes) => told.push(...changes));
  const patch = PATCH.replace("*** End", "*** Update File: g\n@@\n-y\n+z\n*** End");
  await assert.rejects(tool.prepare(patch), {
    message: `apply_patch verification failed: Failed to find expected lines in g:
y
(chunk on line 7 of the patch)
(file header on line 6 of the patch)
No file was changed.`,
  });
  assert.equal(await dir.read("f"), "a\n");
  assert.deepEqual(told, []);
});

Deno.test("applyPatchTool() is confined in every mode", async () => {
  await using dir = await TempDir.make();
  const outside = await dir.write("secret", "a\n");
  await Deno.mkdir(dir.join("work"));
  for (const mode of ["read-only", "workspace-write", "danger-full-access"] as const) {
    const policy = {
      mode,
      workspace: dir.join("work"),
      writable: [],
      network: true,
      hidden: [],
    };
    const tool = applyPatchTool({ policy, cwd: dir.join("work"), environment: {} });
    for (const path of [outside, "../secret", ".git/config"]) {
      const patch = `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch`;
      await assert.rejects(tool.prepare(patch), /outside the workspace|is protected/);
    }
  }
  assert.equal(await dir.read("secret"), "a\n");
  assert.deepEqual(await dir.list("work"), []);
});

Deno.test("applyPatchTool() changes nothing that a .git file or a link leads to", async () => {
  await using dir = await TempDir.make();
  await dir.write(".git", "gitdir: ./.bare\n");
  await dir.write("envs/rc", "a\n");
  await Deno.mkdir(dir.join("sub"));
  await Deno.symlink("../envs/rc", dir.join("sub/.envrc"));
  for (const file of [".bare/config", "envs/rc"]) {
    await dir.write(file, "a\n");
    await assert.rejects(
      applied(toolIn(dir), PATCH.replace("File: f", `File: ${file}`)),
      /stays as it is: Git or another program/,
    );
    assert.equal(await dir.read(file), "a\n");
  }
});

Deno.test("applyPatchTool() writes to the writable folders beside the workspace", async () => {
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join("work"));
  await Deno.mkdir(dir.join("more"));
  const policy = {
    mode: "workspace-write" as const,
    workspace: dir.join("work"),
    writable: [dir.join("more")],
    network: false,
    hidden: [],
  };
  const told: FileChange[] = [];
  const tool = applyPatchTool({
    policy,
    cwd: dir.join("work"),
    environment: {},
    onChange: (changes) => told.push(...changes),
  });
  await applied(tool, "*** Begin Patch\n*** Add File: ../more/a\n+x\n*** End Patch");
  assert.equal(await dir.read("more/a"), "x\n");
  assert.equal(told[0]?.path, dir.join("more/a"));
});

Deno.test("applyPatchTool() does nothing once the run has ended", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  const call = await toolIn(dir).prepare(PATCH);
  const reason = new Error("over");
  await assert.rejects(
    async () => await call.execute(context(AbortSignal.abort(reason))),
    reason,
  );
  assert.equal(await dir.read("f"), "a\n");
  assert.deepEqual(await dir.list(), ["f"]);
});

Deno.test("applyPatchTool() removes what a killed run left in the folders that it works in", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  await dir.write("sub/g", "a\n");
  for (const folder of ["", "sub/"]) {
    await dir.write(`${folder}.apply_patch.0123456789abcdef.tmp`, "new");
  }
  const policy = {
    mode: "workspace-write",
    workspace: dir.path,
    writable: [],
    network: false,
    hidden: [],
  } as const;
  const now = () => Date.now() + 2 * 60 * 60 * 1000;
  await applied(applyPatchTool({ policy, cwd: dir.path, environment: {}, now }), PATCH);
  assert.deepEqual(await dir.list(), ["f", "sub"]);
  assert.equal((await dir.list("sub")).length, 2);
});

Deno.test("applyPatchTool() refuses options that are not what they have to be", () => {
  const policy = {
    mode: "workspace-write",
    workspace: "/w",
    writable: [],
    network: false,
    hidden: [],
  } as const;
  const WRONG: readonly (readonly [options: unknown, message: RegExp])[] = [
    [undefined, /^options has to be an object, and is missing$/],
    [{ cwd: "/w" }, /^options\.policy has to be a policy, and is missing$/],
    [{ policy, cwd: "." }, /^options\.cwd has to be an absolute path/],
    [{ policy, cwd: "/w", onchange: () => {} }, /^options\.onchange is not known here$/],
    [
      { policy: { ...policy, mode: "readonly" }, cwd: "/w" },
      /^options\.policy\.mode has to be one/,
    ],
    [{ policy: { ...policy, writable: ["w"] }, cwd: "/w" }, /^options\.policy\.writable\[0\] has/],
    [{ policy: { ...policy, hidden: undefined }, cwd: "/w" }, /^options\.policy\.hidden has to be/],
    [{ policy: { ...policy, network: 0 }, cwd: "/w" }, /^options\.policy\.network has to be/],
  ];
  for (const [options, message] of WRONG) {
    const given = options as { policy: typeof policy; cwd: string };
    assert.throws(() => applyPatchTool(given), { code: "invalid_usage", message });
  }
});

Deno.test("applyPatchTool() keeps to the policy that it was made with", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  const policy = {
    mode: "read-only" as SandboxMode,
    workspace: dir.path,
    writable: [],
    network: false,
    hidden: [],
  };
  const tool = applyPatchTool({ policy, cwd: dir.path, environment: {} });
  policy.mode = "danger-full-access";
  assert.equal((await tool.prepare(PATCH)).need?.unconfined, true);
});

Deno.test("preparePatch() takes a mode that it does not know for read-only", async () => {
  await using dir = await TempDir.make();
  await dir.write("f", "a\n");
  const mode = "readonly" as SandboxMode;
  const policy = { mode, workspace: dir.path, writable: [], network: false, hidden: [] };
  const { need } = await preparePatch(PATCH, { policy, cwd: dir.path, environment: {} });
  assert.equal(need?.unconfined, true);
});

for (
  const [how, onChange] of [
    ["throws", () => {
      throw new Error("no room");
    }],
    ["rejects", () => Promise.reject(new Error("no room"))],
  ] as const
) {
  Deno.test(`applyPatchTool() ends the run, and not in the model's words, when onChange ${how}`, async () => {
    await using dir = await TempDir.make();
    await dir.write("f", "a\n");
    await assert.rejects(applied(toolIn(dir, "workspace-write", onChange), PATCH), {
      code: "tool_failed",
      message: /^The patch was applied/,
      hint: /onChange/,
    });
    assert.equal(await Deno.readTextFile(dir.join("f")), "b\n");
  });
}
