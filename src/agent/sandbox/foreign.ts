/** Folders of the work that are another user's, of which root in a sandbox may not expect the rules. */
import { shortPath } from "./withheld.ts";

/** What tells whose a folder is. */
type OwnerOf = (path: string) => number | null;

/**
 * What to say of folders that commands are meant to write to and may not be able to: in a sandbox,
 * root has the rights of a user and no others. So it is in a container whose work is mounted from
 * somebody's machine.
 *
 * @param roots The writable folders.
 * @param uid This user's number; `null` where users have none.
 * @param ownerOf Tells the number of a folder's owner.
 */
export function foreignNotices(
  roots: readonly string[],
  uid: number | null,
  ownerOf: OwnerOf = (path) => Deno.statSync(path).uid,
): readonly string[] {
  if (uid !== 0) return [];
  return roots.filter((root) => ownerOf(root) !== 0).map((root) =>
    `"${shortPath(root)}" belongs to another user, and root has no rights over others' files in ` +
    "the sandbox: where commands are denied, run codex as that user, or give the folder to root"
  );
}
