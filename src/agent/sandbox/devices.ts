/**
 * The machine's own devices, as root sees them in a sandbox: a process that has the number of their
 * owner can change their mode there too, and that stays. No mount forbids it: one that is read-only
 * is one without devices (bubblewrap 0.8). So it is put back.
 */

/** Those that bubblewrap shows. */
const DEVICES: readonly string[] = ["null", "zero", "full", "random", "urandom", "tty"].map((
  name,
) => `/dev/${name}`);

/** What is known of a file, and can be put back. */
interface Facts {
  readonly mode: number | null;
  readonly uid: number | null;
  readonly gid: number | null;
}

/** How devices are looked at and put back. */
export interface DeviceAccess {
  /** What is known of one; `undefined` where there is none. */
  look(path: string): Facts | undefined;
  /** Gives one back its mode and its owner. */
  putBack(path: string, facts: Facts): void;
}

/**
 * Remembers how the devices are.
 *
 * @param access Looks at them.
 * @returns Puts back what has changed, and tells which.
 */
export function rememberDevices(access: DeviceAccess = platform): () => readonly string[] {
  const before = DEVICES.map((path) => [path, access.look(path)] as const);
  return () =>
    before.flatMap(([path, facts]) => {
      const now = access.look(path);
      if (facts === undefined || now === undefined || isSame(facts, now)) return [];
      access.putBack(path, facts);
      return [path];
    });
}

function isSame(one: Facts, other: Facts): boolean {
  return one.mode === other.mode && one.uid === other.uid && one.gid === other.gid;
}

const platform: DeviceAccess = {
  look(path) {
    try {
      const info = Deno.statSync(path);
      return info.isCharDevice ? info : undefined;
    } catch {
      return undefined;
    }
  },
  putBack(path, { mode, uid, gid }) {
    try {
      Deno.chownSync(path, uid, gid);
      if (mode !== null) Deno.chmodSync(path, mode & 0o7777);
    } catch {
      // It is told all the same.
    }
  },
};
