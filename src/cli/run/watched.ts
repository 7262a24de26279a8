/** A sandbox before whose first command the folders are looked at, so that its changes can be told. */
import { likelyPlace } from "../../agent/real_place.ts";
import type { Sandbox } from "../../agent/sandbox/sandbox.ts";
import type { Changes } from "./changes.ts";
import type { RunFlags } from "./flags.ts";

/**
 * Has the changes of commands counted, where there is anybody to be told of them. Nothing is looked
 * at where no command is run, or none that may change anything.
 *
 * @param sandbox Where commands run.
 * @param flags Say what is told.
 * @param changes Where the changes are counted.
 */
export function watched(sandbox: Sandbox, flags: RunFlags, changes: Changes): Sandbox {
  const { policy } = sandbox;
  const { diff = false, quiet = false, json = false } = flags;
  if ((quiet || json) && !diff) return sandbox;
  let begun: Promise<void> | undefined;
  const begin = async () => {
    const { TreeWatch } = await import("../../agent/tools/tree_watch.ts");
    const files = [flags.outputLastMessage, flags.session].filter((file) => file !== undefined);
    const own = await Promise.all(files.map(ownFiles));
    changes.watch(new TreeWatch({ policy, keepsTexts: diff, own: own.flat() }));
  };
  return {
    policy,
    confinement: () => sandbox.confinement(),
    async run(command) {
      const mayChange = policy.mode !== "read-only" || command.unconfined === true;
      if (mayChange) await (begun ??= begin());
      return await sandbox.run(command);
    },
  };
}

/** A file that this program writes, and its lock. */
async function ownFiles(path: string): Promise<string[]> {
  const real = likelyPlace(path);
  const target = await Deno.realPath(path).catch(() => real);
  return [real, target, `${target}.lock`];
}
