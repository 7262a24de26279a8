/**
 * A conversation in a file: read at the start of a run, kept to this run by a lock, and replaced as
 * a whole once a turn is finished, so that a run that fails leaves it as it was.
 *
 * It is plain JSON with what was said and nothing of the sign-in: `{ "version": 1, "id", "model",
 * "messages": [...] }`, the messages in the library's own shape. An answer has its items as the
 * service gave them, with the reasoning that only the service can read, and in `by` the model and
 * a fingerprint of the account that gave it: no other one can read that reasoning, so it is left
 * out where they differ.
 */
import { acquireLock, type HeldLock } from "../auth/lock.ts";
import { type PendingWrite, prepareAtomicWrite } from "../base/atomic_write.ts";
import { CodexError, isCodexError } from "../base/errors.ts";
import { arrayAt, isObject, parseJson, stringAt } from "../base/json.ts";
import { namesFiles } from "../responses/input.ts";
import type { Message } from "../responses/options.ts";
import { plainMessage } from "../responses/plain_message.ts";
import { checkFolder, realPlace } from "./real_place.ts";

/** The largest session that is read, in bytes. */
const MAX_BYTES = 256 * 1024 * 1024;
/** The version of the file. */
const VERSION = 1;
/** Readable and writable by its owner alone: a conversation is nobody else's business. */
const MODE = 0o600;
/** A run that is just ending gets this long to give the file back, in milliseconds. */
const PATIENCE_MS = 300;

/** Who gives an answer. */
export interface Answerer {
  /** The model. */
  readonly model: string;
  /** Tells accounts apart, without naming one. */
  readonly account: string;
}

/** A conversation that this run alone works with. Dispose of it to give it back. */
export interface SessionFile extends AsyncDisposable {
  /** Names it for the service, so that it stays on one prompt cache. */
  readonly id: string;
  /** Where it is kept, as a real path. */
  readonly path: string;
  /** The model of its last answer, if it has one. */
  readonly model: string | undefined;
  /** What was said, as far as this model of this account can be told it. */
  messagesFor(answerer: Answerer): readonly Message[];
  /**
   * Appends a finished turn and saves.
   *
   * @param turn What was said in it.
   * @param answerer Who answered.
   * @throws CodexError `internal` when that fails; the file is then as it was.
   */
  append(turn: readonly Message[], answerer: Answerer): Promise<void>;
}

/**
 * Opens a conversation, or begins one where there is no file yet.
 *
 * @param path The file; a link is followed.
 * @param signal Ends the wait for the lock.
 * @throws CodexError `invalid_usage` when it is in use, is no session, or cannot be kept there.
 */
export async function openSession(path: string, signal: AbortSignal): Promise<SessionFile> {
  const target = await targetOf(path);
  // A device or a pipe would be replaced by the file.
  const info = await Deno.stat(target).catch(() => undefined);
  if (info !== undefined && !info.isFile) {
    throw unusable(`The session "${path}" is no regular file`, "Give --session another place");
  }
  const lock = await locked(path, target, signal);
  let pending: PendingWrite | undefined;
  try {
    const kept = await read(path, target);
    // Proven before anything is asked: no answer is paid for that could not be kept.
    pending = await prepareAtomicWrite(target, { mode: MODE }).catch((cause) => {
      throw unusable(`Cannot write the session "${path}"`, "Give --session another place", cause);
    });
    return opened(path, target, lock, pending, kept);
  } catch (error) {
    await pending?.[Symbol.asyncDispose]();
    await release(target, lock);
    throw error;
  }
}

/** Where the file is, or would be. */
async function targetOf(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (cause) {
    const link = await Deno.readLink(path).catch(() => undefined);
    // It would be replaced by the file.
    if (link !== undefined) {
      const hint = "Make what it leads to, or give --session another place";
      throw unusable(`The session "${path}" is a link that leads to no file`, hint, cause);
    }
  }
  try {
    return realPlace(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) return path;
    const hint = "Make the folder, or give --session another place";
    throw unusable(`The folder of the session "${path}" does not exist`, hint, cause);
  }
}

/** A message as the file has it: the library's own, and who gave it where it is an answer. */
type Kept = Message & { readonly by?: Answerer };

interface Conversation {
  readonly id: string;
  readonly model: string | undefined;
  readonly messages: readonly Kept[];
}

function opened(
  path: string,
  target: string,
  lock: HeldLock,
  pending: PendingWrite,
  { id, model, messages }: Conversation,
): SessionFile {
  return {
    id,
    path: target,
    model,
    messagesFor: (answerer) => messages.map((message) => readableBy(answerer, message)),
    async append(turn, answerer) {
      const added = turn.map((message) => plain(message, answerer));
      const all = {
        version: VERSION,
        id,
        model: answerer.model,
        messages: [...messages, ...added],
      };
      try {
        await checkFolder(target);
        await pending.commit(`${JSON.stringify(all, null, 2)}\n`);
      } catch (cause) {
        throw new CodexError("internal", `Cannot save the session "${path}"`, {
          cause,
          hint: "The answer is whole, and the file is as it was; look at its folder and ask again",
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await pending[Symbol.asyncDispose]();
      await release(target, lock);
    },
  };
}

async function locked(path: string, target: string, signal: AbortSignal): Promise<HeldLock> {
  try {
    return await acquireLock(`${target}.lock`, { signal, timeoutMs: PATIENCE_MS });
  } catch (error) {
    if (!isCodexError(error, "store_unavailable")) throw error;
    throw error.retryable
      ? unusable(`Another run works with the session "${path}"`, "Wait for it to end", error)
      : unusable(`The session "${path}" cannot be locked`, "Give --session another place", error);
  }
}

/** Removes the lock's file while it is held: whoever waits for it looks again. */
async function release(target: string, lock: HeldLock): Promise<void> {
  await Deno.remove(`${target}.lock`).catch(() => {});
  lock[Symbol.dispose]();
}

async function read(path: string, target: string): Promise<Conversation> {
  let text: string;
  try {
    const { isFile, size } = await Deno.stat(target);
    // A device or a pipe may have no end, and is no place to keep anything in.
    if (!isFile) throw unusable(`"${path}" is no regular file`, "Give --session another file");
    if (size > MAX_BYTES) throw unusable(`"${path}" is no session`, "Give --session another file");
    text = await Deno.readTextFile(target);
  } catch (cause) {
    if (isCodexError(cause)) throw cause;
    if (cause instanceof Deno.errors.NotFound) return begin();
    throw unusable(`Cannot read the session "${path}"`, "Check the path of --session", cause);
  }
  if (text.trim() === "") return begin();
  const value = parseJson(text);
  const messages = arrayAt(value, "messages");
  const id = stringAt(value, "id");
  if (!isObject(value) || value["version"] !== VERSION || id === undefined) {
    throw unusable(`"${path}" is no session of this version`, "Give --session another file");
  }
  if (!messages.every(isMessage)) {
    throw unusable(`The session "${path}" is damaged`, "Begin another one, or mend the file");
  }
  // It may come from others: a path in it would have this process read a file, and send it.
  if (namesFiles(messages.map(asSaid))) {
    const hint = "Give files with the prompt; a session holds what is in them";
    throw unusable(`The session "${path}" names a file, and none is read for it`, hint);
  }
  return { id, model: stringAt(value, "model"), messages };
}

/** A message without what only this file has of it. */
function asSaid(message: Kept): Message {
  return "items" in message ? { role: message.role, items: message.items } : message;
}

function begin(): Conversation {
  return { id: crypto.randomUUID(), model: undefined, messages: [] };
}

/** Whether it looks like a message; what is in it is checked where it is sent. */
function isMessage(value: unknown): value is Kept {
  if (!isObject(value)) return false;
  const { role, content, items } = value;
  if (role === "assistant" && items !== undefined) return isList(items, isObject);
  if (role === "tool") return isList(content, isObject);
  if (role !== "user" && role !== "assistant" && role !== "developer") return false;
  return typeof content === "string" || (role === "user" && isList(content, isPart));
}

function isPart(value: unknown): boolean {
  const type = stringAt(value, "type");
  if (type === "image") return stringAt(value, "image") !== undefined;
  return (type === "text" || type === "file") && stringAt(value, "text") !== undefined;
}

function isList(value: unknown, holds: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

/** A message as it is kept, with who gave it where it is an answer. */
function plain(message: Message, { model, account }: Answerer): Kept {
  return "items" in message ? { ...message, by: { model, account } } : { ...plainMessage(message) };
}

function readableBy({ model, account }: Answerer, message: Kept): Message {
  if (!("items" in message)) return message;
  const { role, items } = message;
  const { by } = message;
  if (by?.model === model && by.account === account) return { role, items };
  return { role, items: items.filter(({ type }) => type !== "reasoning") };
}

function unusable(message: string, hint: string, cause?: unknown): CodexError {
  return new CodexError("invalid_usage", message, { hint, cause });
}
