/** Which part of which file system is at a path, as `/proc/self/mountinfo` tells it. */
import { isWithin } from "./paths.ts";

/** A line of it. Texts are as the kernel writes them, but for the place. */
export interface Mount {
  /** Its number, and that of the one that it is mounted on. */
  readonly id: string;
  readonly parent: string;
  /** The file system. */
  readonly device: string;
  /** Which folder or file of that is mounted. */
  readonly root: string;
  /** Where. */
  readonly path: string;
}

/** Reads all lines. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split("\n").flatMap((line) => {
    const [id, parent, device, root, at] = line.split(" ");
    if (id === undefined || parent === undefined || device === undefined) return [];
    if (root === undefined || at === undefined) return [];
    return [{ id, parent, device, root, path: plain(at) }];
  });
}

/**
 * The line that the kernel will write for a path once it is mounted onto itself: place, file
 * system, part of that. `undefined` when nothing is known of it.
 *
 * @param path A real path.
 * @param mounts What is mounted now.
 */
export function lineOf(path: string, mounts: readonly Mount[]): string | undefined {
  const numbers = new Set(mounts.map(({ id }) => id));
  let at = mounts.find((mount) => mount.path === "/" && !numbers.has(mount.parent)) ??
    mounts.find((mount) => mount.path === "/");
  const seen = new Set<Mount>();
  while (at !== undefined && !seen.has(at)) {
    seen.add(at);
    const { id } = at;
    // Whoever goes to the path comes to the uppermost first; deeper ones may lie beneath that.
    const [next] = mounts
      .filter((mount) => mount.parent === id && isWithin(path, mount.path) && !seen.has(mount))
      .toSorted((a, b) => a.path.length - b.path.length);
    if (next === undefined) {
      const rest = path.slice(at.path === "/" ? 0 : at.path.length);
      const root = `${at.root === "/" ? "" : at.root}${asInMountinfo(rest === "/" ? "" : rest)}`;
      return `${asInMountinfo(path)} ${at.device} ${root || "/"}`;
    }
    at = next;
  }
  return undefined;
}

/** A path as the kernel writes it there. */
export function asInMountinfo(path: string): string {
  return path.replace(
    /[ \t\n\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

function plain(path: string): string {
  return path.replace(
    /\\([0-7]{3})/g,
    (_, octal: string) => String.fromCharCode(parseInt(octal, 8)),
  );
}
