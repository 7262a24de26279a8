/**
 * Whether a process has a file open, by the names that Linux gives; `ls` asks, as Deno reads /proc
 * with all permissions alone.
 *
 * @param pid The process.
 * @param name The end of the file's path.
 */
export async function hasOpen(pid: number, name: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ls", {
    args: ["-l", `/proc/${pid}/fd`],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).split("\n").some((line) => line.endsWith(`/${name}`));
}
