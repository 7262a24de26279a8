import assert from "node:assert/strict";
import {
  type Abilities,
  bubblewrapArgs,
  inPieces,
  NEWER_OPTIONS,
  writablePlaces,
} from "../../../src/agent/sandbox/bubblewrap.ts";
import { parseMountinfo } from "../../../src/agent/sandbox/mountinfo.ts";
import type { Layout } from "../../../src/agent/sandbox/layout.ts";

const LAYOUT: Layout = {
  writable: ["/home/u/work"],
  readable: [],
  emptied: ["/tmp", "/run"],
  unchanging: ["/home/u/work/.git", "/home/u/work/a/b/.git"],
  pinned: ["/home/u/work/a", "/home/u/work/a/b"],
  hidden: { folders: ["/home/u/.ssh", "/home/u/work/secret"], files: ["/home/u/.netrc"] },
  withheld: [],
  caches: { environment: {}, folders: ["/tmp/.cache"], shown: [["/home/u/c", "/tmp/.cache/c"]] },
  network: false,
};
const ALL: Abilities = { options: NEWER_OPTIONS, userNamespace: true, ownProc: true };
const INSIDE = { cwd: "/home/u/work", command: ["/bin/true", "x"] };

const args = (layout: Partial<Layout> = {}, abilities: Partial<Abilities> = {}) =>
  bubblewrapArgs({ ...LAYOUT, ...layout }, { ...ALL, ...abilities }, INSIDE);

/** Where some arguments begin, one after the other. */
function at(list: readonly string[], ...wanted: readonly string[]): number {
  const found = list.findIndex((_, index) =>
    wanted.every((word, offset) => list[index + offset] === word)
  );
  assert.ok(found >= 0, `${wanted.join(" ")} is not in ${list.join(" ")}`);
  return found;
}

Deno.test("bubblewrapArgs() separates everything that can be", () => {
  for (
    const option of [
      "--unshare-user",
      "--disable-userns",
      "--unshare-pid",
      "--unshare-ipc",
      "--unshare-uts",
      "--unshare-cgroup-try",
      "--unshare-net",
      "--die-with-parent",
      "--new-session",
    ]
  ) at(args(), option);
  at(args(), "--cap-drop", "ALL");
  assert.ok(!args({ network: true }).includes("--unshare-net"));
});

Deno.test("bubblewrapArgs() mounts what is deeper later, and all of /proc read-only", () => {
  const list = args();
  const order = [
    at(list, "--ro-bind", "/", "/"),
    at(list, "--proc", "/proc"),
    at(list, "--remount-ro", "/proc"),
    at(list, "--tmpfs", "/tmp"),
    at(list, "--dir", "/tmp/.cache"),
    at(list, "--ro-bind", "/home/u/c", "/tmp/.cache/c"),
    at(list, "--perms", "0555", "--size", "4096", "--tmpfs", "/home/u/.ssh"),
    at(list, "--bind", "/home/u/work/a", "/home/u/work/a"),
    at(list, "--tmpfs", "/home/u/work/secret", "--remount-ro", "/home/u/work/secret"),
    at(list, "--bind", "/home/u/work/a/b", "/home/u/work/a/b"),
    at(list, "--ro-bind", "/home/u/work/a/b/.git", "/home/u/work/a/b/.git"),
    at(list, "--chdir", "/home/u/work", "--", "/bin/true", "x"),
  ];
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
  at(list, "--dev-bind", "/dev/null", "/home/u/.netrc");
  at(list, "--perms", "0555", "--size", "4096", "--tmpfs", "/run");
  assert.ok(!list.join(" ").includes("0555 --size 1073741824"));
  at(list, "--size", "1073741824", "--tmpfs", "/tmp");
});

Deno.test("bubblewrapArgs() leaves out what is not known or not allowed here", () => {
  const old = args({}, { options: new Set() });
  for (const option of ["--size", "--disable-userns", "--perms"]) assert.ok(!old.includes(option));
  // Without modes, what is empty is mounted read-only once all is in it.
  at(old, "--remount-ro", "/home/u/.ssh", "--remount-ro", "/run", "--chdir");
  const root = args({}, { userNamespace: false });
  assert.ok(!root.includes("--unshare-user") && !root.includes("--disable-userns"));
  at(root, "--cap-drop", "ALL");
  const masked = args({}, { ownProc: false });
  at(masked, "--ro-bind", "/proc", "/proc");
  assert.ok(!masked.includes("--proc"));
});

Deno.test("bubblewrapArgs() has nothing to write to in a read-only layout", () => {
  const list = args({ writable: [], pinned: [], unchanging: [], readable: ["/home/u/work"] });
  assert.ok(!list.includes("--bind"));
  at(list, "--ro-bind", "/home/u/work", "/home/u/work");
});

Deno.test("writablePlaces() writes places as the kernel lists them", () => {
  const mounts = parseMountinfo([
    "20 1 8:1 / / rw - ext4 /dev/sda rw",
    "21 20 0:30 /@home /home rw - btrfs /dev/sdb rw",
    "22 21 0:40 /x\\040y /home/u/work/disk rw - ext4 /dev/sdc rw",
    "23 21 0:40 / /home/u/work/.git/disk rw - ext4 /dev/sdc rw",
    "24 20 0:50 / /mnt rw - ext4 /dev/sdd rw",
  ].join("\n"));
  const pinned = ["/home/u/work/a b", "/home/u/work/c\\d", "/home/u/work/disk/e"];
  const places = writablePlaces({ ...LAYOUT, pinned }, mounts);
  const expected = [
    "/home/u/work 0:30 /@home/u/work",
    "/home/u/work/a\\040b 0:30 /@home/u/work/a\\040b",
    "/home/u/work/c\\134d 0:30 /@home/u/work/c\\134d",
    "/home/u/work/disk 0:40 /x\\040y",
    "/home/u/work/disk/e 0:40 /x\\040y/e",
    "/tmp",
    "/home/u/.ssh / tmpfs",
  ];
  for (const place of expected) assert.ok(places.includes(`|${place}|`), `${place}: ${places}`);
  assert.ok(!places.includes("/mnt") && !places.includes(".git"));
  for (const not of ["/home/u/.ssh|", "/home/u/work/secret", "/proc"]) {
    assert.ok(!places.includes(`|${not}`), not);
  }
  assert.equal(writablePlaces({ ...LAYOUT, pinned: [] }, []), "");
});

Deno.test("inPieces() gives all of a text, in pieces that are arguments", () => {
  const text = "/ä".repeat(30_000);
  const pieces = inPieces(text);
  assert.equal(pieces.join(""), text);
  for (const piece of pieces) assert.ok(new TextEncoder().encode(piece).length < 131_071);
  assert.deepEqual(inPieces(""), []);
});
