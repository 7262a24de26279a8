/** A folder that is gone when the test ends. */
export class TempDir implements AsyncDisposable {
  /** Where it is, with symbolic links resolved. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes one: `await using dir = await TempDir.make()`; where such folders go, or elsewhere. */
  static async make(place?: string): Promise<TempDir> {
    const path = await Deno.makeTempDir({
      prefix: "codex_test_",
      ...(place === undefined ? {} : { dir: place }),
    });
    return new TempDir(await Deno.realPath(path));
  }

  /** The path of something in it. */
  join(...parts: string[]): string {
    return [this.path, ...parts].join("/");
  }

  /** Writes a file, with the folders above it, and returns its path. */
  async write(name: string, content: string | Uint8Array, mode?: number): Promise<string> {
    const path = this.join(name);
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(path, bytes, mode === undefined ? {} : { mode });
    return path;
  }

  /** Reads a file as text. */
  async read(name: string): Promise<string> {
    return await Deno.readTextFile(this.join(name));
  }

  /** The names in it, or in a folder of it, sorted. */
  async list(name: string = "."): Promise<string[]> {
    const names: string[] = [];
    for await (const entry of Deno.readDir(this.join(name))) names.push(entry.name);
    return names.sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
