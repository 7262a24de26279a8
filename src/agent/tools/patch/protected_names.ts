/**
 * Names that no patch may touch, whatever they are written as.
 *
 * What stands behind them is run or believed by a person's own programs: hooks, settings of tools,
 * tasks of an editor. File systems differ in which spellings they take for one name (case, forms
 * of Unicode, characters that count for nothing, ends that are cut off, short names), so all of
 * them are refused everywhere. That refuses a few names too many, which nobody has.
 */
import { PROTECTED_NAMES } from "../../sandbox/protected.ts";

/** Names that a file system of eight and three characters gives to those. */
const SHORT_NAME = new RegExp(
  `^(${PROTECTED_NAMES.map((name) => name.slice(1)).join("|")})~\\d+$`,
);

/**
 * The first protected name in a path.
 *
 * @param path A path, or a part of one.
 * @returns Its plain spelling; `undefined` when there is none.
 */
export function protectedNameIn(path: string): string | undefined {
  for (const part of fold(path).split(/[/\\]/)) {
    // Behind a colon, Windows has another stream of the same file.
    const name = part.replace(/:.*$/s, "").trim().replace(/[\s.]+$/, "");
    const plain = SHORT_NAME.exec(name)?.[1];
    const found = plain === undefined ? name : `.${plain}`;
    if (PROTECTED_NAMES.includes(found)) return found;
  }
  return undefined;
}

/** One spelling for all that some file system takes for the same. */
function fold(path: string): string {
  return path
    .normalize("NFKD")
    // The long s, the dotless i and their like become plain letters in capitals only.
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{M}]/gu, "");
}
