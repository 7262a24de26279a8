/** A `fetch` for SDKs that were written for the public API. */
import { readIncoming } from "../responses/fetch/incoming.ts";
import type { Server } from "../responses/fetch/serve.ts";
import type { Context } from "./context.ts";

/**
 * Makes the `fetch`. What it works with is loaded at its first use.
 *
 * @param context Opens the sign-in in use, and all that belongs to it.
 * @param always Ends every request.
 */
export function fetchOf(context: () => Promise<Context>, always?: AbortSignal): typeof fetch {
  let server: Promise<Server> | undefined;
  return async (input, init) => {
    const incoming = readIncoming(input, init);
    const signals = [incoming.signal, always].filter((signal) => signal !== undefined);
    const signal = AbortSignal.any(signals);
    signal.throwIfAborted();
    server ??= open(context);
    return await (await server).answer(incoming, signal);
  };
}

async function open(context: () => Promise<Context>): Promise<Server> {
  const { Server } = await import("../responses/fetch/serve.ts");
  return new Server(await context());
}
