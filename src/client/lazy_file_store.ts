/** The credential file as a store, its code loaded when it is first used. */
import { providerKey } from "../auth/store/auth_file.ts";
import type { FileStore, FileStoreOptions } from "../auth/store/file_store.ts";
import { authFilePath, pathText } from "../auth/store/path.ts";
import { machine, needDeno, processEnv } from "../base/platform.ts";
import {
  allOptional,
  check,
  checkNames,
  FUNCTION,
  type Kind,
  shape,
  TEXT,
  WAIT,
} from "../responses/members.ts";

const HINT = "Give fileStore() a path or a file: URL, or { path, profile, … }";

const PATH: Kind = {
  what: "a path or a file: URL",
  hint: HINT,
  is: (value) => value instanceof URL || (typeof value === "string" && value !== ""),
};

const OPTIONS: Readonly<Record<keyof FileStoreOptions, Kind>> = allOptional({
  path: PATH,
  profile: TEXT,
  onWarning: FUNCTION,
  lockTimeoutMs: WAIT,
  env: FUNCTION,
  clock: shape({ now: FUNCTION, after: FUNCTION }),
});

/**
 * Keeps a sign-in in a file, in the shape of opencode's, with mode 0600.
 *
 * Entries and members that are not known here are left as they are. A file that is damaged,
 * somebody else's or no regular file is never written. A file with several names (hard links) is
 * read but not updated: to replace it would part the names, and each name has a lock of its own.
 *
 * The callback of `update` must not update the same file: it would wait for itself.
 *
 * @param place The file, or all options; the command's own file when absent.
 * @returns The store. Nothing is read or written before its first call.
 * @throws CodexError `invalid_usage` for a place or a profile that is no good.
 *
 * @example Keep a sign-in in a file of its own
 * ```ts
 * import { createClient, fileStore } from "@x/codex";
 *
 * const client = createClient({ store: fileStore("/srv/bot/auth.json") });
 * console.log(await client.account());
 * ```
 */
export function fileStore(place: string | URL | FileStoreOptions = {}): FileStore {
  const options = optionsOf(place);
  needDeno("The credential file", "Give a store: memoryStore(), or one of your own");
  const { env = processEnv } = options;
  const { os } = machine();
  const path = options.path === undefined ? authFilePath({ env, os }) : pathText(options.path, os);
  providerKey(options.profile);
  let opened: FileStore | undefined;
  async function open(): Promise<FileStore> {
    const { fileStore } = await import("../auth/store/file_store.ts");
    return opened ??= fileStore({ ...options, path });
  }
  return {
    origin: "file",
    renewable: true,
    path,
    get unsaved() {
      return opened?.unsaved;
    },
    read: async () => await (await open()).read(),
    update: async (fn, options) => await (await open()).update(fn, options),
    profiles: async () => await (await open()).profiles(),
  };
}

/** The place as options, none of which is passed over: the command's own file is meant by none. */
function optionsOf(place: string | URL | FileStoreOptions): FileStoreOptions {
  if (typeof place === "string" || place instanceof URL) {
    check(place, PATH, "The place");
    return { path: place };
  }
  check(place, { ...shape({}), what: `${PATH.what}, or options`, hint: HINT }, "The place");
  checkNames(place, Object.keys(OPTIONS), "options");
  check(place, shape(OPTIONS), "options");
  return place;
}
