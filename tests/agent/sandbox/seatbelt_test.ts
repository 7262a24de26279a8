import assert from "node:assert/strict";
import { SandboxError } from "../../../src/agent/sandbox/sandbox.ts";
import { seatbeltArgs, seatbeltProfile } from "../../../src/agent/sandbox/seatbelt.ts";

const LAYOUT = {
  writable: ["/Users/u/work"],
  unchanging: ["/Users/u/work/dots"],
  hidden: { folders: ["/Users/u/.ssh"], files: ['/Users/u/a"b'] },
  network: false,
  temp: "/private/tmp/x",
};

/** What the pattern of protected names in a profile says of a path. */
function isProtected(path: string, root = "/Users/u/work"): boolean {
  const profile = seatbeltProfile({ ...LAYOUT, writable: [root] });
  const pattern = /\(deny file-write\* \(regex #"(.*)"\)\)/.exec(profile)?.[1];
  assert.ok(pattern, profile);
  return new RegExp(pattern).test(path);
}

Deno.test("seatbeltProfile() denies by default, and lets later rules decide", () => {
  const lines = seatbeltProfile(LAYOUT).trim().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["(version 1)", "(deny default)"]);
  const order = [
    "(allow file-read*)",
    '(allow file-write* (subpath "/private/tmp/x") (subpath "/Users/u/work"))',
    lines.find((line) => line.startsWith("(deny file-write* (regex")) ?? "",
    '(deny file-write* (subpath "/Users/u/work/dots"))',
    '(deny file-read* file-write* (subpath "/Users/u/.ssh") (literal "/Users/u/a\\"b"))',
  ].map((line) => lines.indexOf(line));
  assert.ok(order.every((index) => index >= 0), lines.join("\n"));
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
});

Deno.test("seatbeltProfile() has a network only where it is allowed, and no Unix sockets", () => {
  assert.doesNotMatch(seatbeltProfile(LAYOUT), /network/);
  const profile = seatbeltProfile({ ...LAYOUT, network: true });
  assert.match(profile, /\(allow network\*\)\n\(deny network\* .*unix-socket/);
});

Deno.test("seatbeltProfile() protects names at any depth and in any case", () => {
  for (
    const path of [".git", ".GIT/config", "a/b/.Git/hooks/x", ".envrc", "a/.husky", ".vscode/y"]
  ) {
    assert.ok(isProtected(`/Users/u/work/${path}`), path);
  }
  for (const path of [".gitignore", "a.git", "git/config", ".github/x", ".envrc.local"]) {
    assert.ok(!isProtected(`/Users/u/work/${path}`), path);
  }
  assert.ok(!isProtected("/Users/u/other/.git"));
});

Deno.test("seatbeltProfile() takes a folder's name as text", () => {
  assert.ok(isProtected("/w (1)+[x]/.git", "/w (1)+[x]"));
  assert.ok(!isProtected("/w.x/.git", "/w?x"));
  assert.throws(() => seatbeltProfile({ ...LAYOUT, writable: ['/w"x'] }), SandboxError);
});

Deno.test("seatbeltProfile() of a read-only layout writes to its temporary folder alone", () => {
  const profile = seatbeltProfile({ ...LAYOUT, writable: [], unchanging: [] });
  assert.match(profile, /\(allow file-write\* \(subpath "\/private\/tmp\/x"\)\)/);
  assert.doesNotMatch(profile, /deny file-write/);
});

Deno.test("seatbeltArgs() gives the profile as text", () => {
  assert.deepEqual(seatbeltArgs("(version 1)", ["/bin/true"]), ["-p", "(version 1)", "/bin/true"]);
});
