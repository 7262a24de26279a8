import assert from "node:assert/strict";
import { environmentContext } from "../../../src/agent/project/environment_context.ts";
import { TOOL_INSTRUCTIONS } from "../../../src/agent/project/instructions.ts";
import type { Sandbox } from "../../../src/agent/sandbox/sandbox.ts";
import { applyPatchTool } from "../../../src/agent/tools/apply_patch.ts";
import { shellTool } from "../../../src/agent/tools/shell.ts";
import { viewImageTool } from "../../../src/agent/tools/view_image.ts";
import { inputItems } from "../../../src/responses/input.ts";
import { modelRequest } from "../../../src/responses/request.ts";
import { CHATGPT } from "../../responses/fakes.ts";

const bytes = (text: string) => new TextEncoder().encode(text).length;

Deno.test("TOOL_INSTRUCTIONS are short, and say whom not to obey", () => {
  assert.ok(bytes(TOOL_INSTRUCTIONS) <= 2500, `${bytes(TOOL_INSTRUCTIONS)} bytes`);
  for (const block of ["<stdin>", "<file>", "<project_doc>", "<environment_context>"]) {
    assert.ok(TOOL_INSTRUCTIONS.includes(block), block);
  }
  for (const name of [".git", ".codex", ".agents", ".vscode", ".husky", ".envrc"]) {
    assert.ok(TOOL_INSTRUCTIONS.includes(`\`${name}\``), name);
  }
});

const cwd = "/srv/a/project";
const policy = {
  mode: "workspace-write",
  workspace: cwd,
  writable: [],
  network: false,
  hidden: [],
} as const;
const sandbox: Sandbox = {
  policy,
  confinement: () => Promise.resolve({ mechanism: "bubblewrap" }),
  run: () => Promise.reject(new Error("nothing is run here")),
};

for (const shape of ["classic", "lite"] as const) {
  for (const freeformPatch of [true, false]) {
    const form = freeformPatch ? "a grammar" : "a function";
    Deno.test(`TOOL_INSTRUCTIONS, the tools with the patch as ${form} and the environment are sent in 8 KB (${shape})`, async () => {
      const all = [
        shellTool({ sandbox, cwd, mayAsk: true }),
        applyPatchTool({ policy, cwd }),
        viewImageTool({ policy, cwd }),
      ];
      const model = { inputs: ["text", "image"], freeformPatch };
      const declared = await Promise.all(all.map((tool) => tool.declare(model)));
      const tools = declared.filter((spec) => spec !== undefined);
      assert.equal(tools.length, all.length);
      const environment = environmentContext({
        policy,
        cwd,
        platform: { os: "linux", arch: "x86_64" },
        shell: "bash",
        now: 0,
        branch: "main",
      });
      const prompt = { type: "text", text: "Fix the tests" } as const;
      const { body } = modelRequest({
        authorization: CHATGPT,
        identity: {},
        shape,
        model: "gpt-5.5",
        effort: undefined,
        items: inputItems([{ role: "user", content: [environment, prompt] }]).items,
        sessionKey: crypto.randomUUID(),
        options: { instructions: TOOL_INSTRUCTIONS, tools },
      });
      const text = String(body);
      assert.ok(text.includes("view_image"));
      assert.ok(bytes(text) < 8000, `${bytes(text)} bytes`);
    });
  }
}
