/**
 * The tools that the command gives its model, for programs of your own: a shell, patches, images,
 * and the sandbox that commands run in.
 *
 * Nothing runs unasked: give {@linkcode run} an `approve` that says yes to what you want done.
 *
 * @example Let a model look around in a folder, and change nothing
 * ```ts
 * import { createClient } from "@x/codex";
 * import { createSimulator, reply, toolCall } from "@x/codex/testing";
 * import { sandbox, shellTool } from "@x/codex/tools";
 *
 * await using simulator = createSimulator({
 *   turns: [toolCall("shell", { command: "ls" }), reply("Three files.")],
 * });
 * const { run } = createClient({ fetch: simulator.fetch, store: simulator.store });
 * const box = sandbox({ mode: "read-only" });
 * const answer = await run("What is in this folder?", {
 *   tools: [shellTool({ sandbox: box, cwd: box.policy.workspace })],
 *   // What stays in the sandbox may run; what wants to leave it may not.
 *   approve: (_call, { need }) => need?.unconfined === false,
 * }).text();
 * console.log(answer); // "Three files."
 * ```
 *
 * @module
 */
export {
  type ApplyPatchOptions,
  applyPatchTool,
  type FileChange,
} from "./src/agent/tools/apply_patch.ts";
export { type ShellOptions, shellTool } from "./src/agent/tools/shell.ts";
export { type ViewImageOptions, viewImageTool } from "./src/agent/tools/view_image.ts";
export { type MakeSandboxOptions, sandbox } from "./src/agent/sandbox/make_sandbox.ts";
export {
  type CommandResult,
  type Confinement,
  type Sandbox,
  type SandboxCommand,
  SandboxError,
  type SandboxMode,
  type SandboxPolicy,
} from "./src/agent/sandbox/sandbox.ts";
