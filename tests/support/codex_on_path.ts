/** A home with the command from source on the PATH, for tests in which a shell calls it. */
import { cliEnv } from "./run_cli.ts";
import { TempDir } from "./temp_dir.ts";

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/** `await using home = await codexOnPath()`. */
export interface ShellHome extends AsyncDisposable {
  /** The home. */
  readonly dir: TempDir;
  /** The whole environment: HOME, and a PATH on which the command comes first. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Makes the home.
 *
 * @param name What the command is called.
 */
export async function codexOnPath(name: string = "codex"): Promise<ShellHome> {
  const dir = await TempDir.make();
  const run = `exec "${Deno.execPath()}" run -q --no-prompt --cached-only -A "${CLI}" "$@"`;
  await dir.write(`bin/${name}`, `#!/bin/sh\n${run}\n`, 0o755);
  const env = await cliEnv(dir.path);
  return {
    dir,
    env: { ...env, PATH: `${dir.join("bin")}:${env["PATH"]}` },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** Runs a script in a shell, and gives what it prints. */
export async function inShell(
  [program = "sh", ...args]: readonly string[],
  { dir, env }: ShellHome,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: dir.path,
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    signal: AbortSignal.timeout(20_000),
  }).output();
  const decoder = new TextDecoder();
  if (!success || stderr.length > 0) throw new Error(`${program}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
