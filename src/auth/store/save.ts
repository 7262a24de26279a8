/** Writes a credential file, by whatever way there is. */
import {
  atomicWrite,
  type PendingWrite,
  prepareAtomicWrite,
  type WriteStep,
} from "../../base/atomic_write.ts";
import { type InPlaceStep, prepareInPlace } from "./in_place.ts";
import { leftoverTag } from "./leftovers.ts";
import { errnoOf, refused, unavailable } from "./problems.ts";
import type { Target } from "./target.ts";

/** Called after each step of a write. */
export type OnWriteStep = (step: WriteStep | InPlaceStep) => void | Promise<void>;

const MODE = 0o600;

/** What is claimed beyond the file's present size: a few times what a sign-in takes. */
const RESERVE_BYTES = 16 * 1024;

/**
 * Proves that a credential file can be written: replaced as a rule, and written in place when it
 * is mounted by itself, or belongs to somebody else and would become ours.
 *
 * @param target The file.
 * @param inPlace Whether it is known that it cannot be replaced.
 * @param onStep Called after each step.
 * @returns The write, to be committed or dropped.
 * @throws CodexError `store_unavailable`; the file is then as it was.
 */
export async function prepareWrite(
  { path, info }: Target,
  inPlace: boolean,
  onStep: OnWriteStep | undefined,
): Promise<PendingWrite> {
  const inPlaceOptions = { reserve: RESERVE_BYTES, onStep };
  try {
    if (info !== undefined) {
      const overwriting = inPlace ? await prepareInPlace(path, info, inPlaceOptions) : undefined;
      if (overwriting !== undefined) return overwriting;
      await refuseReadOnly(path);
    }
    const pending = await prepareAtomicWrite(path, {
      mode: MODE,
      reserve: (info?.size ?? 0) + RESERVE_BYTES,
      tag: leftoverTag(info),
      onStep,
    });
    if (info === undefined || pending.uid === info.uid) return pending;
    await pending[Symbol.asyncDispose]();
    const theirs = await prepareInPlace(path, info, inPlaceOptions);
    if (theirs === undefined) throw refused(path, "it is being replaced", "Try again");
    return theirs;
  } catch (error) {
    throw unavailable("Cannot write to", path, error);
  }
}

/**
 * Commits a write, and writes in place when the file cannot be replaced after all.
 *
 * @param pending The write.
 * @param path The file.
 * @param text Its whole new content.
 * @param onStep Called after each step.
 * @returns Whether it turned out only now that the file is mounted by itself.
 * @throws What the platform does, of the last way that was tried.
 */
export async function commitWrite(
  pending: PendingWrite,
  path: string,
  text: string,
  onStep: OnWriteStep | undefined,
): Promise<boolean> {
  try {
    await pending.commit(text);
    return false;
  } catch (error) {
    const info = await Deno.lstat(path).catch(() => undefined);
    if (info === undefined) {
      await atomicWrite(path, text, { mode: MODE });
      return false;
    }
    await using overwriting = info.isFile
      ? await prepareInPlace(path, info, { reserve: 0, onStep })
      : undefined;
    if (overwriting === undefined) throw error;
    await overwriting.commit(text);
    return errnoOf(error) === "EBUSY";
  }
}

/** Finds a file on a read-only mount of its own in a folder that can be written to. */
async function refuseReadOnly(path: string): Promise<void> {
  try {
    using _ = await Deno.open(path, { write: true });
  } catch (error) {
    // Whatever else keeps it from being opened does not keep it from being replaced.
    if (errnoOf(error) === "EROFS") throw error;
  }
}
