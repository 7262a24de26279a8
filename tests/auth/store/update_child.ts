/** A process that updates a credential file as it is told, for tests that need a second one. */
import type { Credentials } from "../../../src/base/credentials.ts";
import { isCodexError } from "../../../src/base/errors.ts";
import { type FaultPoint, openFileStore } from "../../../src/auth/store/file_store.ts";

/** What the process does. */
export interface ChildSpec {
  /** The credential file. */
  readonly path: string;
  /** The profile. */
  readonly profile?: string;
  /** How often it adds one to the sign-in's `expires`; 1 when absent. */
  readonly times?: number;
  /** At this step it says so and stands still for ever. */
  readonly stop?: FaultPoint;
  /** What it stores, in place of counting. */
  readonly next?: Credentials | null;
  /** Runs inside the update, before it gives its result: a shell command. */
  readonly inside?: string;
}

/** How it went, as a line of JSON. */
export interface ChildResult {
  /** The error that the update ended with. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
  /** Whether the update's callback was asked. */
  readonly asked: boolean;
  /** What the same store reads afterwards. */
  readonly read?: Credentials | undefined;
  /** Whether that is a sign-in that could not be saved. */
  readonly unsaved: boolean;
  /** What the file holds afterwards. */
  readonly text?: string | undefined;
  /** What the store had to say. */
  readonly warnings: readonly string[];
}

async function main(spec: ChildSpec): Promise<ChildResult> {
  const warnings: string[] = [];
  let asked = false;
  const store = openFileStore({
    path: spec.path,
    profile: spec.profile,
    onWarning: (message) => warnings.push(message),
    fault: async (point) => {
      if (point !== spec.stop) return;
      say(`at ${point}`);
      // The end of its input never comes: this process ends by a signal.
      await Deno.stdin.read(new Uint8Array(1));
    },
  });
  const counted = (current: Credentials | undefined): Credentials | undefined =>
    current?.type === "oauth"
      ? { ...current, expires: current.expires + 1, refresh: `rt_${current.expires + 1}` }
      : current;
  try {
    for (let time = 0; time < (spec.times ?? 1); time++) {
      await store.update(async (current) => {
        asked = true;
        if (spec.inside) await new Deno.Command("sh", { args: ["-c", spec.inside] }).output();
        const next = spec.next === undefined ? counted(current) : spec.next ?? undefined;
        return { next, value: undefined };
      });
    }
    return { asked, read: await store.read(), unsaved: store.unsaved !== undefined, warnings };
  } catch (error) {
    if (!isCodexError(error)) throw error;
    const read = await store.read().catch(() => undefined);
    const { code, message, hint } = error.toJSON();
    return {
      error: { code, message, ...(hint === undefined ? {} : { hint }) },
      asked,
      read,
      unsaved: store.unsaved !== undefined,
      text: await Deno.readTextFile(spec.path).catch(() => undefined),
      warnings,
    };
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) say(JSON.stringify(await main(JSON.parse(Deno.args[0] ?? ""))));
