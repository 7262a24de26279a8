/** A run as one turn of a conversation in a file. */
import { openSession } from "../../agent/session_file.ts";
import type { CredentialStore } from "../../base/credentials.ts";
import type { Message } from "../../responses/options.ts";

/** The conversation that a run continues. */
export interface Conversation extends AsyncDisposable {
  /** Names it for the service. */
  readonly id: string;
  /** Where it is kept, as a real path. */
  readonly path: string;
  /** The model of its last answer, if it has one. */
  readonly model: string | undefined;
  /** What was said before, for a model. */
  before(model: string): readonly Message[];
  /** Keeps a turn: what was said since `before`, by a model. */
  keep(said: readonly Message[], model: string): Promise<void>;
}

/**
 * Opens the conversation of a run.
 *
 * @param path Its file.
 * @param store Whose account it is.
 * @param signal Ends the wait.
 */
export async function openConversation(
  path: string,
  store: CredentialStore,
  signal: AbortSignal,
): Promise<Conversation> {
  const account = await accountOf(store);
  const session = await openSession(path, signal);
  return {
    id: session.id,
    path: session.path,
    model: session.model,
    before: (model) => session.messagesFor({ model, account }),
    keep: (said, model) => session.append(said, { model, account }),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

/** Tells accounts apart; nothing of the account can be read from it. */
async function accountOf(store: CredentialStore): Promise<string> {
  const credentials = await store.read();
  const name = credentials?.type === "oauth" ? credentials.accountId ?? "" : "api";
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name));
  return new Uint8Array(digest).toHex().slice(0, 16);
}
