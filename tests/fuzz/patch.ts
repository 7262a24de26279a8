/**
 * Throws patches at the patch tool's inside, and holds what becomes of the files against what must
 * hold.
 *
 * - A patch that was made from an edit gives what the edit gave, however the patch is written and
 *   however sloppy its context.
 * - A patch of any kind, with paths of any kind, changes what its plan says or nothing at all, also
 *   when a step of it fails or a signal ends it. Nothing outside the workspace and nothing with a
 *   protected name is ever touched. In memory mostly, and on a real disk.
 *
 * Run as a program it goes on for a while: `deno run -A tests/fuzz/patch.ts SEED SECONDS`. It
 * prints the seed of the first case that fails, with which that case alone is repeated.
 */
import assert from "node:assert/strict";
import { diffOfChanges, type FileChange } from "../../src/agent/tools/patch/changes.ts";
import { commitPlan } from "../../src/agent/tools/patch/commit.ts";
import { type PatchFiles, platformFiles } from "../../src/agent/tools/patch/files.ts";
import { parsePatch } from "../../src/agent/tools/patch/parse.ts";
import { PatchError } from "../../src/agent/tools/patch/patch_error.ts";
import { planPatch } from "../../src/agent/tools/patch/plan.ts";
import { MemoryFiles } from "../agent/tools/patch/memory_files.ts";
import { TempDir } from "../support/temp_dir.ts";
import { anyPatch, ENTRIES } from "./any_patch.ts";
import { editedFile } from "./edited_file.ts";
import { Random } from "./random.ts";

/** What a case came to. */
export type Outcome = "changed" | "refused" | "failed";

/** One case of the first kind: patches that are right. */
export async function checkEdits(random: Random): Promise<void> {
  const files = new MemoryFiles("/ws");
  const expected: Record<string, string> = {};
  const lines: string[] = [];
  for (let file = 0; file <= random.below(3); file++) {
    const path = `dir ${random.below(3)}/f${file}`;
    const kind = random.below(5);
    const { before, after, chunks } = editedFile(random);
    if (kind === 0) {
      const added = before.replaceAll("\r\n", "\n").replace(/(?<=[^\n])$/, "\n");
      lines.push(`*** Add File: ${path}`, ...added.split("\n").slice(0, -1).map((l) => `+${l}`));
      expected[`/ws/${path}`] = `644 ${added}`;
      continue;
    }
    const mode = random.of([0o644, 0o755, 0o600]);
    files.file(`/ws/${path}`, before, mode);
    if (kind === 1) lines.push(`*** Delete File: ${path}`);
    else if (chunks.length === 0) expected[`/ws/${path}`] = `${mode.toString(8)} ${before}`;
    else {
      const to = random.oneIn(4) ? `moved/${file}` : undefined;
      lines.push(`*** Update File: ${path}`, ...(to === undefined ? [] : [`*** Move to: ${to}`]));
      lines.push(...chunks);
      expected[`/ws/${to ?? path}`] = `${mode.toString(8)} ${after}`;
    }
  }
  if (lines.length === 0) return;
  const end = random.of(["\n", "\n", "\r\n"]);
  const patch = ["*** Begin Patch", ...lines, "*** End Patch", ""].join(end);
  const outcome = await attempt(files, "/ws", patch);
  assert.equal(outcome, "changed", patch);
  assert.deepEqual(onlyFiles(files.snapshot()), expected, patch);
}

/** One case of the second kind, in memory. */
export async function checkAnything(random: Random): Promise<Outcome> {
  const files = new MemoryFiles("/r");
  for (const [kind, name, text = "", mode] of ENTRIES) {
    if (kind === "file") files.file(`/r/${name}`, text, mode);
    else if (kind === "link") files.symlink(`/r/${name}`, text);
    else if (kind === "folder") files.folder(`/r/${name}`);
    else files.device(`/r/${name}`);
  }
  files.linksFiles = !random.oneIn(4);
  return await checkOutcome(files, "/r", () => files.snapshot(), random);
}

/** One case of the second kind, on a disk. */
export async function checkOnDisk(random: Random): Promise<Outcome> {
  await using dir = await TempDir.make();
  for (const [kind, name, text = "", mode = 0o644] of ENTRIES) {
    const place = dir.join(name);
    Deno.mkdirSync(kind === "folder" ? place : place.slice(0, place.lastIndexOf("/")), {
      recursive: true,
    });
    if (kind === "file") Deno.writeTextFileSync(place, text, { mode });
    else if (kind === "link") Deno.symlinkSync(text, place);
    // It takes a process to make one.
    else if (kind === "pipe" && random.oneIn(20)) {
      assert.ok(new Deno.Command("mkfifo", { args: [place] }).outputSync().success);
    }
  }
  return await checkOutcome({ ...platformFiles }, dir.path, () => onDisk(dir.path), random);
}

/** A patch changes what its plan says, or nothing; and never what it may not. */
async function checkOutcome(
  files: PatchFiles,
  root: string,
  look: () => Record<string, string>,
  random: Random,
): Promise<Outcome> {
  const before = look();
  const patch = anyPatch(random, root);
  const told: FileChange[] = [];
  const outcome = await attempt(files, root, patch, random, told);
  const after = look();
  if (outcome !== "changed") assert.deepEqual(after, before, patch);
  const expected = onlyFiles(before);
  for (const change of told) {
    const place = (path: string) => path.startsWith("/") ? path : `${root}/ws/${path}`;
    const mode = (change.mode ?? 0o644).toString(8);
    delete expected[place(change.from ?? change.path)];
    if (change.after !== undefined) expected[place(change.path)] = `${mode} ${change.after}`;
  }
  assert.deepEqual(onlyFiles(after), expected, patch);
  for (const path of Object.keys(after)) {
    if (path in before) continue;
    const plain = path.normalize("NFKC").toLowerCase().replaceAll("\u200c", "");
    assert.match(path.slice(root.length), /^\/(ws|more)\//, patch);
    assert.doesNotMatch(plain, /\/(\.git|\.envrc|\.vscode|\.husky|git~1)\.?(\/|$)/, patch);
  }
  for (const [path, content] of Object.entries(before)) {
    const isKept = !/\/(ws|more)\//.test(path) || /\/\.(git|vscode|envrc)/.test(path) ||
      /^(link|other|folder)/.test(content);
    if (isKept) assert.equal(after[path], content, patch);
  }
  return outcome;
}

/** Plans and commits a patch; perhaps a step fails, or a signal ends it. */
async function attempt(
  files: PatchFiles,
  root: string,
  patch: string,
  random?: Random,
  told: FileChange[] = [],
): Promise<Outcome> {
  const work = root === "/ws" ? root : `${root}/ws`;
  const policy = { workspace: work, writable: [`${root}/more`], hidden: [] };
  let planned = false;
  try {
    const options = { policy, cwd: work, environment: {}, files };
    const plan = await planPatch(parsePatch(patch), options);
    planned = true;
    assert.notEqual(diffOfChanges(plan.changes), "", patch);
    const faulty = random?.oneIn(3) ? failing(files, 1 + random.below(6)) : files;
    const ending = new AbortController();
    if (random?.oneIn(10)) queueMicrotask(() => ending.abort(new PatchError("ended")));
    await commitPlan(plan, { files: faulty, signal: ending.signal });
    told.push(...plan.changes);
    return "changed";
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    assert.ok(error.unchanged, error.message);
    return planned ? "failed" : "refused";
  }
}

/** A file system of which one step fails: a folder, a file or a move, counted from 1. */
function failing(files: PatchFiles, step: number): PatchFiles {
  let steps = 0;
  const counted = <A extends unknown[], R>(call: (...args: A) => R) => (...args: A): R => {
    if (++steps === step) throw new Error("no space left");
    return call(...args);
  };
  return {
    facts: (path) => files.facts(path),
    realPath: (path) => files.realPath(path),
    read: (path, facts) => files.read(path, facts),
    checkWritable: (path, facts) => files.checkWritable(path, facts),
    link: (from, to) => files.link(from, to),
    remove: (path) => files.remove(path),
    makeFolder: counted((path) => files.makeFolder(path)),
    create: counted((path, content, like) => files.create(path, content, like)),
    rename: counted((from, to) => files.rename(from, to)),
  };
}

function onlyFiles(all: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([, text]) => /^\d{3} /.test(text)));
}

/** All that is below a folder, as `MemoryFiles.snapshot()` tells it. */
function onDisk(folder: string, found: Record<string, string> = {}): Record<string, string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const { name } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    const { isFile, isDirectory, isSymlink, mode } = Deno.lstatSync(path);
    if (isSymlink) found[path] = `link ${Deno.readLinkSync(path)}`;
    else if (isFile) {
      const text = decoder.decode(Deno.readFileSync(path));
      found[path] = `${((mode ?? 0) & 0o777).toString(8)} ${text}`;
    } else found[path] = isDirectory ? "folder " : "other ";
    if (isDirectory) onDisk(path, found);
  }
  return found;
}

/** One case of any kind. */
export async function check(random: Random): Promise<void> {
  const kind = random.below(100);
  if (kind === 0) await checkOnDisk(random);
  else if (kind < 40) await checkEdits(random);
  else await checkAnything(random);
}

async function main(first: number, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1_000;
  let seed = first;
  for (; performance.now() < end; seed++) {
    await check(new Random(seed)).catch((error) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
  }
  const line = `${seed - first} cases from seed ${first}: all well\n`;
  await Deno.stdout.write(new TextEncoder().encode(line));
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 1), Number(Deno.args[1] ?? 20));
