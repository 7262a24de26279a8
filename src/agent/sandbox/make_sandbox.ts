/** The sandbox as a function for anybody: a folder in, a place for commands out. */
import { CodexError } from "../../base/errors.ts";
import { guarded } from "../../base/guarded.ts";
import { needDeno } from "../../base/platform.ts";
import {
  allOptional,
  BOOLEAN,
  check,
  closed,
  FUNCTION,
  type Kind,
  list,
} from "../../responses/members.ts";
import { createSandbox } from "./create_sandbox.ts";
import { plainPath } from "./paths.ts";
import { checkCommand, fixedPolicy, MODE, PLACE } from "./policy_members.ts";
import type { CommandResult, Sandbox, SandboxCommand, SandboxMode } from "./sandbox.ts";

/** What commands may do; little, unless it is said. */
export interface MakeSandboxOptions {
  /** The folder that is worked in; the current one, unless given. */
  readonly workspace?: string | URL;
  /** What commands may change; `workspace-write`, unless given. */
  readonly mode?: SandboxMode;
  /** Further folders that they may write to. */
  readonly writable?: readonly (string | URL)[];
  /** Whether they have a network; they have none, unless it is said. */
  readonly network?: boolean;
  /** What they cannot even read, beside the usual places of keys and sign-ins. */
  readonly hidden?: readonly (string | URL)[];
  /** Told what a command left behind that waits for somebody, such as a new `.git`. */
  readonly onWarning?: (message: string) => void;
}

/**
 * A place for commands that you do not trust: those of a model, or the tests of a stranger.
 *
 * They can change the workspace, and nothing else of what stays: `.git` and other names that make
 * programs run something are read-only, keys and sign-ins cannot be read, there is no network, the
 * environment holds no secrets, and nothing of a command outlives it. It is bubblewrap on Linux
 * and sandbox-exec on macOS (which was not tried); where there is none, `run` rejects and says
 * what to install.
 *
 * It is no virtual machine: commands share the kernel, read whatever is not hidden, and leave
 * behind in the workspace what you may run later.
 *
 * Needs the permissions to read, to write to the workspace, to run programs, for the environment,
 * and `--allow-sys=uid`.
 *
 * @param options What commands may do.
 * @returns The sandbox. Its folders are looked up at once, and what confines its commands at the
 * first call; its `policy` cannot be changed.
 * @throws CodexError `invalid_usage` for an option that is not known or not what it has to be, and
 * for a folder that is not there.
 *
 * @example Run a test suite that you have not read
 * ```ts
 * import { sandbox } from "@x/codex/tools";
 *
 * const { run, confinement } = sandbox({ mode: "read-only" });
 * const { mechanism, missing } = await confinement();
 * if (mechanism === "none") console.log(missing);
 * else {
 *   const { exitCode } = await run({
 *     command: "touch here || echo refused",
 *     cwd: Deno.cwd(),
 *     timeoutMs: 60_000,
 *     onOutput: (bytes) => Deno.stdout.writeSync(bytes),
 *   });
 *   console.log(exitCode); // 0
 * }
 * ```
 */
export function sandbox(options: MakeSandboxOptions = {}): Sandbox {
  needDeno("A sandbox", "Give run() tools of your own, which need none");
  check(options, closed(members()), "options");
  const { workspace = Deno.cwd(), mode = "workspace-write", writable = [], hidden = [] } = options;
  const policy = fixedPolicy({
    mode,
    workspace: realFolder(workspace, "options.workspace"),
    writable: writable.map((one, index) => realFolder(one, `options.writable[${index}]`)),
    network: options.network ?? false,
    hidden: hidden.map(absolute),
  });
  const onWarning = guarded(options.onWarning);
  const made = createSandbox(policy, onWarning === undefined ? {} : { onWarning });
  return {
    policy,
    confinement: () => made.confinement(),
    async run(command: SandboxCommand): Promise<CommandResult> {
      checkCommand(command);
      return await made.run(command);
    },
  };
}

function members(): Readonly<Record<keyof MakeSandboxOptions, Kind>> {
  return allOptional({
    workspace: PLACE,
    mode: MODE,
    writable: list(PLACE, "a list of folders"),
    network: BOOLEAN,
    hidden: list(PLACE, "a list of paths"),
    onWarning: FUNCTION,
  });
}

/** A folder without links, as the sandbox needs it. */
function realFolder(path: string | URL, place: string): string {
  let why = "is no folder";
  let cause: unknown;
  try {
    const real = Deno.realPathSync(path);
    if (Deno.statSync(real).isDirectory) return real;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    why = error instanceof Deno.errors.NotFound ? "is not there" : "cannot be looked at";
    cause = error;
  }
  throw new CodexError("invalid_usage", `${place} ${why}: "${path}"`, {
    hint: "Give a folder that exists",
    cause,
  });
}

function absolute(path: string | URL): string {
  if (path instanceof URL) return decodeURIComponent(path.pathname);
  return plainPath(path.startsWith("/") ? path : `${Deno.cwd()}/${path}`);
}
