/**
 * What a run may do here: its tools, the place that they work in, what the model is told of that
 * place, and who is asked when a call wants to leave it.
 */
import { shellTool } from "../../agent/tools/shell.ts";
import { applyPatchTool } from "../../agent/tools/apply_patch.ts";
import { viewImageTool } from "../../agent/tools/view_image.ts";
import { environmentContext } from "../../agent/project/environment_context.ts";
import { TOOL_INSTRUCTIONS } from "../../agent/project/instructions.ts";
import { type ProjectDoc, readProjectDoc } from "../../agent/project/project_doc.ts";
import { defaultMode, findWorkTree, type WorkTree } from "../../agent/project/work_tree.ts";
import { likelyPlace } from "../../agent/real_place.ts";
import type { Approve } from "../../agent/run_options.ts";
import type { SandboxOptions } from "../../agent/sandbox/create_sandbox.ts";
import type { Sandbox, SandboxPolicy } from "../../agent/sandbox/sandbox.ts";
import type { Tool } from "../../agent/tool.ts";
import { splitPath } from "../../base/path.ts";
import { CodexError } from "../../base/errors.ts";
import type { Part } from "../../responses/options.ts";
import type { Cli } from "../cli.ts";
import { createTty, mayAsk } from "../tty.ts";
import { Changes } from "./changes.ts";
import { type Choice, sandboxMode } from "./choices.ts";
import type { RunFlags } from "./flags.ts";
import type { Progress } from "./progress.ts";
import { watched } from "./watched.ts";

/** What a run may do, and in what place. */
export interface RunTools {
  /** The tools. */
  readonly tools: readonly Tool[];
  /** Decides about calls that want more than the sandbox gives. */
  readonly approve: Approve;
  /** What the model is told, where nothing else was asked for. */
  readonly instructions: string;
  /** What the model is told of the place, and what the project says. */
  readonly context: readonly Part[];
  /** What commands and patches may do. */
  readonly policy: SandboxPolicy;
  /** Where the mode comes from. */
  readonly origin: string;
  /** The project's own files that were read. */
  readonly projectFiles: readonly string[];
  /** What patches and commands have changed. */
  readonly changes: Changes;
  /** Says from now on what the sandbox warns of. */
  heed(warn: (text: string) => void): void;
}

/** What the tools need to know. */
export interface ToolsOptions {
  /** The mode that was asked for. */
  readonly sandbox: Choice;
  /** The credential file, which nothing here may read. */
  readonly authFile: string | undefined;
  /** The live line, which is in the way of a question. */
  readonly progress: Progress;
}

/**
 * Puts the tools of a run together. Nothing is started, and the sandbox is looked for when the
 * first command wants one.
 *
 * @param cli The command's world.
 * @param flags What was asked for.
 * @param options What else they need.
 * @throws CodexError `invalid_usage` for a folder that there is not, or a mode that there is not.
 */
export async function openTools(
  cli: Cli,
  flags: RunFlags,
  { sandbox: choice, authFile, progress }: ToolsOptions,
): Promise<RunTools> {
  const workspace = folder(flags.cd ?? ".", "--cd");
  const wanted = sandboxMode(choice);
  const tree = await findWorkTree(workspace);
  const mode = wanted ?? defaultMode(tree);
  const writable = (flags.addDir ?? []).map((dir) => folder(dir, "--add-dir"));
  // Other copies of the credential file stand beside it while it is saved.
  const hidden = authFile === undefined
    ? []
    : [splitPath(Deno.build.os, likelyPlace(authFile)).folder];
  const policy: SandboxPolicy = {
    mode,
    workspace,
    writable,
    network: flags.network ?? false,
    hidden,
  };
  const asks = await mayAsk(cli, flags);
  const changes = new Changes();
  const warn = (text: string) => cli.stderr.line(`warning: ${text}`);
  let heeded = warn;
  const sandbox = watched(
    lazySandbox(policy, cli, {
      shown: tree === undefined ? [] : [tree.root],
      onWarning: (text) => heeded(text),
    }),
    flags,
    changes,
  );
  const project = await projectOf(flags, tree, workspace, hidden);
  for (const warning of project.warnings) warn(warning);
  if (mode === "danger-full-access") {
    warn("danger-full-access: commands run without a sandbox, with all your rights");
  }
  return {
    tools: [
      shellTool({ sandbox, cwd: workspace, mayAsk: asks }),
      applyPatchTool({ policy, cwd: workspace, onChange: (all) => changes.add(all) }),
      viewImageTool({ policy, cwd: workspace }),
    ],
    approve: approval(
      policy,
      asks ? await asking(cli, policy, progress, authFile) : refusing(flags),
    ),
    instructions: TOOL_INSTRUCTIONS,
    context: [
      environmentContext({
        policy,
        cwd: workspace,
        home: cli.env("HOME"),
        platform: Deno.build,
        shell: "bash",
        now: cli.clock.now(),
        branch: tree?.branch,
      }),
      ...(project.text === "" ? [] : [{ type: "text", text: project.text } as const]),
    ],
    policy,
    origin: wanted === undefined ? originOf(tree) : choice.origin,
    projectFiles: project.files,
    changes,
    heed: (warn) => heeded = warn,
  };
}

/** The folder that a path names, without links. */
function folder(path: string, flag: string): string {
  try {
    const real = Deno.realPathSync(path);
    if (Deno.lstatSync(real).isDirectory) return real;
  } catch (cause) {
    const missing = cause instanceof Error && cause.name === "NotFound";
    const why = missing ? "there is no such folder" : "it cannot be looked at";
    throw new CodexError("invalid_usage", `Cannot work in "${path}": ${why}`, {
      cause,
      hint: `Check the path of ${flag}`,
    });
  }
  throw new CodexError("invalid_usage", `"${path}" is no folder`, {
    hint: `Give ${flag} a folder`,
  });
}

function originOf(tree: WorkTree | undefined): string {
  if (tree === undefined) return "default: no Git work tree";
  return tree.trusted ? "default: a Git work tree of yours" : `default: ${tree.why}`;
}

async function projectOf(
  { noProjectDoc }: RunFlags,
  tree: WorkTree | undefined,
  workspace: string,
  hidden: readonly string[],
): Promise<ProjectDoc> {
  if (noProjectDoc || tree === undefined) return { text: "", files: [], warnings: [] };
  return await readProjectDoc(tree.root, workspace, { hidden });
}

/**
 * The mechanism is loaded and probed at the first command: most answers need none. A probe is not
 * ended by us while it is under way, since the process that it starts would stay behind.
 */
function lazySandbox(policy: SandboxPolicy, cli: Cli, options: SandboxOptions): Sandbox {
  let opened: Promise<Sandbox> | undefined;
  const open = () =>
    opened ??= import("../../agent/sandbox/create_sandbox.ts").then(({ createSandbox }) =>
      createSandbox(policy, options)
    );
  let probing: Promise<unknown> | undefined;
  cli.finishBeforeExit(() => probing);
  return {
    policy,
    confinement: async () => await (probing = (await open()).confinement()),
    run: async (command) => await (await open()).run(command),
  };
}

/** What stays within the policy may be done; the rest is for somebody else to decide. */
function approval({ mode }: SandboxPolicy, otherwise: Approve): Approve {
  return (call, context) =>
    mode === "danger-full-access" || context.need?.unconfined === false
      ? true
      : otherwise(call, context);
}

/** Says no to everything, and why nobody was asked. */
function refusing({ askForApproval }: RunFlags): Approve {
  const reason = askForApproval === "never"
    ? "asking is off (--ask-for-approval never)"
    : "there is no terminal to ask on";
  return () => ({ allow: false, reason });
}

async function asking(
  cli: Cli,
  policy: SandboxPolicy,
  progress: Progress,
  authFile: string | undefined,
): Promise<Approve> {
  const [{ createApprover }, { turnsBy }] = await Promise.all([
    import("./approver.ts"),
    import("./one_at_a_time.ts"),
  ]);
  const tty = await createTty(cli.clock);
  let asked: Promise<unknown> | undefined;
  // A question that is broken off puts the terminal back as it was: that is waited for.
  cli.finishBeforeExit(() => asked);
  const approver = createApprover({
    tty: { ...tty, ask: (prompt, signal) => asked = tty.ask(prompt, signal) },
    messages: cli.stderr,
    turn: authFile === undefined ? undefined : turnsBy(`${authFile}.ask`, cli.clock, cli.stderr),
    cwd: policy.workspace,
    columns: cli.columns,
    pause: () => progress.pause(),
  });
  return (call, { need, signal }) => approver(call, need ?? { unconfined: true }, signal);
}
