/**
 * The way that a path takes over links. Where somebody can replace one of them, the path leads
 * elsewhere the next time, and what it led to is nobody's any more.
 */
import { isClosed, lookAt } from "./files.ts";
import { folderOf, inFolder, isWithin } from "./paths.ts";

/** Where a path goes. */
export interface Way {
  /** Where it ends, with all links followed; `undefined` when that is nowhere. */
  readonly real: string | undefined;
  /** The links on it, where they truly are. */
  readonly links: readonly string[];
  /** Folders that it enters and leaves by `..`, that neither its end nor a link lies in. */
  readonly left: readonly string[];
  /** The folder on it that we may not go through, if that is why it ends nowhere. */
  readonly closed?: string;
}

/** The platform lets nobody look there without every permission, and the sandbox has its own. */
const OWN = ["/dev", "/proc", "/sys"];
/** As many links as the kernel follows. */
const MOST_LINKS = 40;

/**
 * Goes a path name by name, as the kernel does: `..` leaves the folder that a link led to.
 *
 * @param path Absolute, or relative to the folder; it may hold `..`.
 * @param folder A real folder, whose own place is not in question.
 */
export function wayOf(path: string, folder: string = "/"): Way {
  const names = namesOf(path);
  const links: string[] = [];
  const left = new Set<string>();
  let at = path.startsWith("/") ? "/" : folder;
  let real = true;
  let closed: string | undefined;
  while (names.length > 0) {
    const name = names.shift() ?? "";
    if (name === "..") {
      left.add(at);
      at = folderOf(at);
      continue;
    }
    const next = inFolder(at, name);
    const info = OWN.includes(next) ? undefined : lookAt(next);
    if (info?.isSymlink === true) {
      links.push(next);
      const target = links.length > MOST_LINKS ? undefined : targetOf(next);
      if (target === undefined) {
        real = false;
        break;
      }
      if (target.startsWith("/")) at = "/";
      names.unshift(...namesOf(target));
    } else if (info === undefined || (names.length > 0 && !info.isDirectory)) {
      if (info === undefined && isClosed(next)) closed = at;
      real = false;
      break;
    } else {
      at = next;
    }
  }
  const kept = [...links, folder, ...(real ? [at] : [])];
  return {
    real: real ? at : undefined,
    links,
    left: [...left].filter((passed) => !kept.some((path) => isWithin(path, passed))),
    ...(closed === undefined ? {} : { closed }),
  };
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

function targetOf(link: string): string | undefined {
  try {
    return Deno.readLinkSync(link);
  } catch {
    // Replaced meanwhile, or closed.
    return undefined;
  }
}
