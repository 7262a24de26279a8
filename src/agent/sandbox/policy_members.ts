/**
 * What the sandbox and the tools of it are given, each member with what it has to be: a policy that
 * is misread would allow more than was meant. Pure.
 */
import { isAbsolute } from "../../base/path.ts";
import { machine } from "../../base/platform.ts";
import {
  BOOLEAN,
  check,
  closed,
  FUNCTION,
  type Kind,
  list,
  optional,
  shape,
  SIGNAL,
  word,
} from "../../responses/members.ts";
import type { SandboxCommand, SandboxMode, SandboxPolicy } from "./sandbox.ts";

/** What commands may change. */
export const MODE: Kind = word(
  ...["read-only", "workspace-write", "danger-full-access"] satisfies readonly SandboxMode[],
);

/** A path from the root on. */
export const ABSOLUTE: Kind = {
  what: "an absolute path",
  hint: "Give the whole path, such as `policy.workspace` of the sandbox",
  is: (value) => isPath(value) && isAbsolute(machine().os, value),
};

/** A path, or the address of a file. */
export const PLACE: Kind = {
  what: "a path or a file: URL",
  hint: "Give text, or new URL() of a file",
  is: (value) => value instanceof URL ? value.protocol === "file:" : isPath(value),
};

/** A time. */
export const MILLISECONDS: Kind = {
  what: "a number of milliseconds above 0",
  is: (value) => typeof value === "number" && Number.isFinite(value) && value > 0,
};

function isPath(value: unknown): value is string {
  return typeof value === "string" && value !== "" && !value.includes("\0");
}

let made: Kind | undefined;

/** A policy; the list of its members is made at its first use. */
export function policyKind(): Kind {
  const members: () => Readonly<Record<keyof SandboxPolicy, Kind>> = () => ({
    mode: MODE,
    workspace: ABSOLUTE,
    writable: list(ABSOLUTE, "a list of folders"),
    network: BOOLEAN,
    hidden: list(ABSOLUTE, "a list of paths"),
  });
  return made ??= closed(members(), {
    what: "a policy",
    hint: "Give the `policy` of a sandbox()",
  });
}

/** A sandbox: that of sandbox(), or one like it. */
export function sandboxKind(): Kind {
  return shape({ policy: policyKind(), confinement: FUNCTION, run: FUNCTION }, {
    what: "a sandbox",
    hint: "Make it with sandbox()",
  });
}

/**
 * Holds a command against what it has to be.
 *
 * @throws CodexError `invalid_usage` naming the member.
 */
export function checkCommand(command: SandboxCommand): void {
  const members: Readonly<Record<keyof SandboxCommand, Kind>> = {
    command: {
      what: "text without NUL characters",
      is: (value) => typeof value === "string" && !value.includes("\0"),
    },
    cwd: ABSOLUTE,
    timeoutMs: MILLISECONDS,
    signal: optional(SIGNAL),
    onOutput: optional(FUNCTION),
    unconfined: optional(BOOLEAN),
  };
  check(command, closed(members), "command");
}

/** A policy that nobody changes any more: what was agreed to is what holds. */
export function fixedPolicy(policy: SandboxPolicy): SandboxPolicy {
  return Object.freeze({
    ...policy,
    writable: Object.freeze([...policy.writable]),
    hidden: Object.freeze([...policy.hidden]),
  });
}
