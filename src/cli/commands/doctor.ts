/** `codex doctor`. */
import { CodexError } from "../../base/errors.ts";
import { VERSION } from "../../base/version.ts";
import { createContext } from "../../client/context.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { checkCredentials } from "../doctor/credentials.ts";
import { type Finding, ok } from "../doctor/finding.ts";
import { layOut } from "../doctor/layout.ts";
import { checkInstallation } from "../doctor/installation.ts";
import { checkSandbox } from "../doctor/sandbox.ts";
import { checkEnvironment, checkReach } from "../doctor/network.ts";
import { placeOptions, type SourceFlags } from "../place.ts";
import { forProfile } from "../report.ts";

/** The options of `codex doctor`. */
export type DoctorFlags = SourceFlags;

/** Looks at everything that a run depends on, and says what to do. Nobody's name is in it. */
export async function doctor(cli: Cli, flags: DoctorFlags & GlobalFlags): Promise<void> {
  const { signal, fetch } = cli;
  const warnings: string[] = [];
  const context = createContext({
    ...placeOptions(cli, flags),
    fetch,
    onWarning: (message) => void warnings.push(message),
  });
  const takeWarnings = () => warnings.splice(0);
  const { os, arch } = Deno.build;
  const findings = [
    ok("version", `codex ${VERSION}, Deno ${Deno.version.deno}, ${os} ${arch}`),
    ...await checkInstallation({
      env: cli.env,
      os,
      self: { program: Deno.execPath(), main: mainPath() },
      realPath: (path) => Deno.realPath(path).catch(() => undefined),
    }),
    ok("profile", context.profile),
    ...await checkEnvironment(cli.env, context.addresses),
    ...await checkCredentials({ ...context, takeWarnings, signal }),
    ...await checkReach(context, signal),
    await checkSandbox(),
  ].map((finding) => typable(finding, context.profile));
  const { stdout } = cli;
  await stdout.write(
    flags.json
      ? findings.map((finding) => `${JSON.stringify({ type: "finding", ...finding })}\n`).join("")
      : layOut(findings, stdout.isTerminal ? cli.columns() : Infinity),
  );
  const failure = failureOf(findings);
  if (failure !== undefined) throw failure;
}

/** The module that this process began with, as a path where it is a file. */
function mainPath(): string {
  const { protocol, pathname, href } = new URL(Deno.mainModule);
  return protocol === "file:" ? decodeURIComponent(pathname) : href;
}

/** A finding whose commands are those for the profile in force. */
function typable(finding: Finding, profile: string): Finding {
  const { hint } = finding;
  return hint === undefined ? finding : { ...finding, hint: forProfile(hint, profile) };
}

/** How the command ends: as one would that meets the first of the problems. */
function failureOf(findings: readonly Finding[]): CodexError | undefined {
  const problems = findings.filter(({ severity }) => severity === "problem");
  const [first] = problems;
  if (first === undefined) return undefined;
  const { code = "internal", text, hint } = first;
  return new CodexError(
    code,
    problems.length === 1
      ? `One thing is in the way: ${text}`
      : `${problems.length} things are in the way; the first: ${text}`,
    { hint },
  );
}
