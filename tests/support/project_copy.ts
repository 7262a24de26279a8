/** A copy of the project elsewhere, for tests that build it: what they make is not ours to keep. */
import { TempDir } from "./temp_dir.ts";

const ROOT = new URL("../../", import.meta.url);

/** What it takes to build, compile and pack. */
const PARTS = [
  "src",
  "schema",
  "tools",
  "cli.ts",
  "mod.ts",
  "testing.ts",
  "tools.ts",
  "deno.json",
  "deno.lock",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];

/** `await using copy = await copyProject()`. */
export interface ProjectCopy extends AsyncDisposable {
  /** Where it is. */
  readonly dir: TempDir;
  /** Runs a file of its `tools/`. */
  tool(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): Promise<{ readonly success: boolean; readonly stdout: string; readonly stderr: string }>;
}

/**
 * Copies the project.
 *
 * @param below Folders between the temporary folder and the copy.
 */
export async function copyProject(below: string = "project"): Promise<ProjectCopy> {
  const dir = await TempDir.make();
  for (const part of PARTS) await copy(new URL(part, ROOT), dir.join(below, part));
  return {
    dir,
    async tool([name = "", ...args], env = {}) {
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-q", "--frozen", "-A", `tools/${name}`, ...args],
        cwd: dir.join(below),
        env: { NO_COLOR: "1", ...env },
        stdin: "null",
        signal: AbortSignal.timeout(120_000),
      }).output();
      const decoder = new TextDecoder();
      return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
    },
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

async function copy(from: URL, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) {
    await Deno.mkdir(to.slice(0, to.lastIndexOf("/")), { recursive: true });
    return await Deno.copyFile(from, to);
  }
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    await copy(new URL(`${from.href}/${name}`), `${to}/${name}`);
  }
}
