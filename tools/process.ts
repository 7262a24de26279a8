/** Running Deno itself, for the tasks. */

/** The project's folder. */
export const ROOT: URL = new URL("../", import.meta.url);

/** Where reports and coverage go; not part of the repository. */
export const REPORTS: URL = new URL(".coverage/", ROOT);

/** How to run Deno. */
export interface RunOptions {
  /** The whole environment in place of this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs; the project's folder when absent. */
  readonly cwd?: string | URL;
}

/** How Deno ended, and what it wrote. */
export interface Output {
  readonly success: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Deno with this process's streams. */
export async function deno(args: readonly string[], options: RunOptions = {}): Promise<boolean> {
  const { status } = command(args, options, "inherit").spawn();
  return (await status).success;
}

/** Runs Deno and keeps what it writes. */
export async function denoOutput(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Output> {
  const { success, stdout, stderr } = await command(args, options, "piped").output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function command(
  args: readonly string[],
  { env, cwd = ROOT }: RunOptions,
  streams: "inherit" | "piped",
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    ...(env === undefined ? {} : { env, clearEnv: true }),
    stdin: "null",
    stdout: streams,
    stderr: streams,
  });
}

/** Prints a line. */
export function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Removes something that may not be there. */
export async function removeIfThere(path: URL): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
