/** A file that looks large and takes no room. */
export async function sparse(path: string, size: number, begin: string = ""): Promise<string> {
  await Deno.writeTextFile(path, begin);
  await Deno.truncate(path, size);
  return path;
}
