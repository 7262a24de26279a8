/** A file system in memory, for many cases in little time and for what a real one does not do on demand. */
import type { FileFacts, PatchFiles } from "../../../../src/agent/tools/patch/files.ts";

interface Node {
  readonly kind: FileFacts["kind"];
  readonly ino: number;
  content: Uint8Array;
  mode: number;
  mtime: number;
  /** Where a link leads. */
  readonly target: string;
}

/** Fails before a step when it throws. */
export type OnCall = (call: keyof PatchFiles, path: string) => void;

/** A file system in memory: files, folders, links, and things that are none of those. */
export class MemoryFiles implements PatchFiles {
  readonly #nodes = new Map<string, Node>();
  #made = 0;
  /** Called before each call that changes something. */
  onCall: OnCall = () => {};
  /** Whether a file can have two names. */
  linksFiles = true;

  /** @param folders Folders that are there, with those above them. */
  constructor(...folders: string[]) {
    this.#put("/", { kind: "folder" });
    for (const folder of folders) this.folder(folder);
  }

  /** Puts a folder there, with those above it. */
  folder(path: string): void {
    const parts = path.split("/").slice(1);
    for (const [index] of parts.entries()) {
      const above = `/${parts.slice(0, index + 1).join("/")}`;
      if (!this.#nodes.has(above)) this.#put(above, { kind: "folder" });
    }
  }

  /** Puts a file there, with the folders above it. */
  file(path: string, content: string | Uint8Array, mode: number = 0o644): void {
    this.folder(folderOf(path));
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.#put(path, { kind: "file", content: bytes, mode });
  }

  /** Puts a link there. */
  symlink(path: string, target: string): void {
    this.#put(path, { kind: "link", target });
  }

  /** Puts something there that is no file. */
  device(path: string): void {
    this.#put(path, { kind: "other" });
  }

  /** All that is there, as text, by path: what a test compares. */
  snapshot(): Record<string, string> {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const told = (node: Node) =>
      node.kind === "file"
        ? `${node.mode.toString(8)} ${decoder.decode(node.content)}`
        : `${node.kind} ${node.target}`;
    return Object.fromEntries([...this.#nodes].map(([path, node]) => [path, told(node)]).sort());
  }

  /** The text of a file. */
  text(path: string): string | undefined {
    const node = this.#nodes.get(path);
    return node?.kind === "file"
      ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(node.content)
      : undefined;
  }

  facts(path: string): FileFacts | undefined {
    const node = this.#nodes.get(this.#place(path) ?? "");
    if (node === undefined) return undefined;
    const { kind, ino, content, mode, mtime } = node;
    return { kind, dev: 1, ino, size: content.length, mtime, mode, uid: 0, gid: 0 };
  }

  realPath(path: string): string {
    const found = this.#follow(path, 0);
    if (found === undefined) throw new Deno.errors.NotFound(`nothing at ${path}`);
    return found;
  }

  read(path: string): Promise<Uint8Array> {
    return Promise.resolve(this.#at(path).content.slice());
  }

  checkWritable(path: string): void {
    if ((this.#at(path).mode & 0o222) === 0) throw new Error("permission denied");
  }

  makeFolder(path: string): void {
    this.onCall("makeFolder", path);
    const place = this.#free(path);
    this.#put(place, { kind: "folder" });
  }

  create(path: string, content: Uint8Array, like: FileFacts | undefined): Promise<void> {
    this.onCall("create", path);
    this.#put(this.#free(path), { kind: "file", content, mode: like?.mode ?? 0o644 });
    return Promise.resolve();
  }

  link(from: string, to: string): void {
    this.onCall("link", from);
    if (!this.linksFiles) throw new Deno.errors.NotSupported("one name a file");
    this.#nodes.set(this.#free(to), this.#at(from));
  }

  rename(from: string, to: string): void {
    this.onCall("rename", to);
    const node = this.#at(from);
    const place = this.#place(to);
    if (place === undefined) throw new Deno.errors.NotFound(to);
    if (this.#nodes.get(place)?.kind === "folder") throw new Error(`${to} is a folder`);
    // As in POSIX, two names of one file stay both.
    if (this.#nodes.get(place) === node) return;
    const old = this.#place(from) ?? "";
    for (const [path, below] of [...this.#nodes]) {
      if (path !== old && !path.startsWith(`${old}/`)) continue;
      this.#nodes.delete(path);
      this.#nodes.set(place + path.slice(old.length), below);
    }
  }

  remove(path: string): void {
    this.onCall("remove", path);
    const place = this.#place(path) ?? "";
    if (!this.#nodes.has(place)) throw new Deno.errors.NotFound(path);
    const isEmpty = [...this.#nodes.keys()].every((other) => !other.startsWith(`${place}/`));
    if (!isEmpty) throw new Error(`${path} is not empty`);
    this.#nodes.delete(place);
  }

  #put(path: string, node: Partial<Node>): void {
    this.#made++;
    this.#nodes.set(path, {
      kind: "file",
      ino: this.#made,
      content: new Uint8Array(),
      mode: 0o755,
      mtime: this.#made,
      target: "",
      ...node,
    });
  }

  #at(path: string): Node {
    const node = this.#nodes.get(this.#place(path) ?? "");
    if (node === undefined) throw new Deno.errors.NotFound(path);
    return node;
  }

  #free(path: string): string {
    const place = this.#place(path);
    if (place === undefined) throw new Deno.errors.NotFound(path);
    if (this.#nodes.has(place)) throw new Deno.errors.AlreadyExists(path);
    return place;
  }

  /** Where a path's last name is: the folders above are followed. */
  #place(path: string): string | undefined {
    if (path === "/") return path;
    const folder = this.#follow(folderOf(path), 0);
    if (folder === undefined || this.#nodes.get(folder)?.kind !== "folder") return undefined;
    return `${folder === "/" ? "" : folder}/${path.slice(path.lastIndexOf("/") + 1)}`;
  }

  #follow(path: string, depth: number): string | undefined {
    if (depth > 40) throw new Error("too many links");
    let at = "/";
    for (const part of path.split("/")) {
      if (part === "" || part === ".") continue;
      const next = part === ".." ? folderOf(at) : `${at === "/" ? "" : at}/${part}`;
      const node = this.#nodes.get(next);
      if (node === undefined) return undefined;
      const isLink = node.kind === "link";
      const target = node.target.startsWith("/") ? node.target : `${at}/${node.target}`;
      const real = isLink ? this.#follow(target, depth + 1) : next;
      if (real === undefined) return undefined;
      at = real;
    }
    return at;
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
