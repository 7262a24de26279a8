/**
 * What the model is told about where it works: what it needs to write commands that run here, and
 * nothing about the person. Pure.
 */
import { isWithin } from "../../base/path.ts";
import type { TextPart } from "../../responses/options.ts";
import type { SandboxPolicy } from "../sandbox/sandbox.ts";
import { plainWords } from "./block.ts";

/** What there is to tell. */
export interface EnvironmentFacts {
  /** What commands may do. */
  readonly policy: SandboxPolicy;
  /** The working directory, without links. */
  readonly cwd: string;
  /** The home folder, without links; it is not told, since its name is the person's. */
  readonly home?: string | undefined;
  /** The system and its processor. */
  readonly platform: { readonly os: string; readonly arch: string };
  /** What runs command lines. */
  readonly shell: string;
  /** The time, in milliseconds. */
  readonly now: number;
  /** The branch of the work tree. */
  readonly branch?: string | undefined;
}

/**
 * The environment as a part of the user's first message.
 *
 * Paths below the home folder are written with `~`: a shell understands that, and a user's name
 * stays here. The working directory need not be spelt by the model at all, since every tool takes
 * paths relative to it.
 *
 * @param facts What there is to tell.
 */
export function environmentContext(facts: EnvironmentFacts): TextPart {
  const { policy, cwd, home, platform, shell, now, branch } = facts;
  const shown = (path: string) => withoutHome(platform.os, path, home);
  const writable = policy.mode === "workspace-write" ? [policy.workspace, ...policy.writable] : [];
  const lines = [
    element("working_directory", shown(cwd)),
    element("platform", `${platform.os} ${platform.arch}`),
    element("shell", shell),
    element("date", localDate(now)),
    ...(branch === undefined ? [] : [element("git_branch", branch)]),
    element("sandbox", policy.mode),
    ...writable.map((path) => element("writable", shown(path))),
    element("network", policy.network || policy.mode === "danger-full-access" ? "on" : "off"),
  ];
  const text = ["<environment_context>", ...lines, "</environment_context>"].join("\n");
  return { type: "text", text };
}

function element(name: string, value: string): string {
  return `  <${name}>${plainWords(value)}</${name}>`;
}

function withoutHome(os: string, path: string, home: string | undefined): string {
  if (home === undefined || home.length < 2 || !isWithin(os, path, home)) return path;
  return `~${path.slice(home.length)}`;
}

/** The day where the user is, as YYYY-MM-DD. */
function localDate(now: number): string {
  const date = new Date(now);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
