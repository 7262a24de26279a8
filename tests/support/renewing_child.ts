/** See renewing.ts: its arguments are the credential file and the step to stand still at. */
import { openFileStore } from "../../src/auth/store/file_store.ts";
import { createContext } from "../../src/client/context.ts";

async function main(path: string, stop: string): Promise<void> {
  const store = openFileStore({
    path,
    fault: async (point) => {
      if (point !== stop) return;
      await Deno.stdout.write(new TextEncoder().encode(point));
      // The end of its input never comes: this process ends by a signal.
      await Deno.stdin.read(new Uint8Array(1));
    },
  });
  await createContext({ store }).session.refresh();
}

if (import.meta.main) await main(Deno.args[0] ?? "", Deno.args[1] ?? "");
