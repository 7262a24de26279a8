/** Patches of any kind, and a file system full of traps for them. */
import type { Random } from "./random.ts";

/** Something in a file system. */
export type Entry =
  | readonly [kind: "file", path: string, text: string, mode?: number]
  | readonly [kind: "link", path: string, target: string]
  | readonly [kind: "folder" | "pipe", path: string];

/** What every case of the second kind begins with. */
export const ENTRIES: readonly Entry[] = [
  ["file", "ws/f", "a\nb\nc\n", 0o755],
  ["file", "ws/g", "a\r\nb\r\n"],
  ["file", "ws/sub/f", "a\n\nb", 0o600],
  ["file", "ws/sub/deep/g", "\ufeffb\na\n"],
  ["file", "ws/.git/config", "a\nb\n"],
  ["file", "ws/.envrc", "a\n"],
  ["file", "ws/sub/.vscode/tasks.json", "a\n"],
  ["file", "more/f", "a\nb\n"],
  ["file", "secret/f", "a\nb\n", 0o600],
  ["file", "secret/sub/f", "a\n"],
  ["file", "ws2/f", "a\n"],
  ["folder", "ws/empty"],
  ["pipe", "ws/pipe"],
  ["link", "ws/out", "../secret"],
  ["link", "ws/in", "sub"],
  ["link", "ws/hooks", ".git"],
  ["link", "ws/to-f", "f"],
  ["link", "ws/to-secret", "../secret/f"],
  ["link", "ws/lost", "../secret/new"],
  ["link", "ws/round", "round"],
  ["link", "ws/sub/up", "../.."],
  ["link", "more/ws", "../ws"],
];

const NAMES = [
  ..."f g f g sub sub deep in more new new2 empty".split(" "),
  ..."out hooks to-f to-secret lost round up pipe secret ws ws2".split(" "),
  ...[".", "..", "..", "...", "", " "],
  ...[".git", ".GIT", ".git.", ".g\u200cit", "\uff0egit", ".envrc", ".vscode", ".husky", "git~1"],
  ...["config", "hooks", "a\0b", "\x1b[2J", "\ud800", "x".repeat(256), "C:", "a\\b", "~", "*"],
];

function path(random: Random, root: string): string {
  const names = Array.from({ length: 1 + random.below(4) }, () => random.of(NAMES)).join("/");
  // Most are to be of use.
  if (!random.oneIn(3)) return random.of(["f", "g", "sub/f", "sub/deep/g", "new", "new/a", "in/f"]);
  if (random.oneIn(4)) return `${root}/${names}`;
  return random.oneIn(20) ? `/${names}` : names;
}

const LINES = ["a", "b", "c", "", " a", "x", "\u2014", "a\r", "+", "@@", "***"];

function chunk(random: Random): string[] {
  const lines = Array.from(
    { length: 1 + random.below(3) },
    () => random.of([" ", "-", "-", "+", "+", ""]) + random.of(LINES),
  );
  const head = random.oneIn(5) ? `@@ ${random.of(LINES)}` : "@@";
  return [head, ...lines, ...(random.oneIn(6) ? ["*** End of File"] : [])];
}

/** A patch of any kind, most of them nearly right. */
export function anyPatch(random: Random, root: string): string {
  const lines = ["*** Begin Patch"];
  for (let hunk = random.below(5); hunk >= 0; hunk--) {
    const kind = random.below(4);
    const name = path(random, root);
    if (kind === 0) lines.push(`*** Delete File: ${name}`);
    else if (kind === 1) lines.push(`*** Add File: ${name}`, `+${random.of(LINES)}`);
    else {
      lines.push(`*** Update File: ${name}`);
      if (random.oneIn(3)) lines.push(`*** Move to: ${path(random, root)}`);
      for (let count = random.below(2); count >= 0; count--) lines.push(...chunk(random));
    }
  }
  lines.push("*** End Patch");
  if (random.oneIn(4)) {
    const at = random.below(lines.length);
    const turn = random.below(3);
    if (turn === 0) lines.splice(at, 1);
    else if (turn === 1) lines.splice(at, 0, lines[random.below(lines.length)] ?? "");
    else lines[at] = (lines[at] ?? "").slice(random.below(4));
  }
  return lines.join("\n");
}
