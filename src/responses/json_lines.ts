/** Events as JSON lines: what the command prints with `--json`. */
import { CodexError, isCodexError } from "../base/errors.ts";
import type { EventQueue } from "./event_queue.ts";

/** Far below what a reader of one chunk would mind. */
const CHUNK_EVENTS = 256;

/** A lone half of a character, as `JSON.stringify` writes it: its small `\ud` begins nothing else. */
const LONE = "\\ud";

/**
 * A stream of JSON lines.
 *
 * @param queue The events.
 * @param onCancel Told when the reader goes away.
 * @param factsOf What else is told of a failure, such as how many steps there were.
 */
export function jsonLines<T>(
  queue: EventQueue<T>,
  onCancel: (reason: unknown) => void,
  factsOf: (error: CodexError) => object | undefined = () => undefined,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let failure: { readonly reason: unknown } | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      // The line before it has been read by now: failing drops what is still in the stream.
      if (failure !== undefined) return controller.error(failure.reason);
      try {
        const first = await queue.next();
        if (first.done) return controller.close();
        let lines = jsonLine(first.value);
        for (let count = 1; count < CHUNK_EVENTS; count++) {
          const event = queue.take();
          if (event === undefined) break;
          lines += jsonLine(event);
        }
        controller.enqueue(encoder.encode(lines));
      } catch (reason) {
        failure = { reason };
        controller.enqueue(encoder.encode(jsonLine(errorLine(reason, factsOf))));
      }
    },
    cancel: onCancel,
  }, { highWaterMark: 0 });
}

/**
 * A value as one line of JSON that every reader takes: the lone half of a character, which many
 * refuse, is told as U+FFFD, as it is where a text is written.
 */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value);
  if (!json.includes(LONE)) return `${json}\n`;
  // Each escape is looked at as a whole: the text may hold a backslash of its own.
  const whole = json.replace(
    /\\(?:ud[89a-f][0-9a-f]{2}|.)/g,
    (escape) => escape.startsWith(LONE) ? "\ufffd" : escape,
  );
  return `${whole}\n`;
}

/** The last line of a failure; a caller's own reason to abort is told as `aborted`. */
function errorLine(
  reason: unknown,
  factsOf: (error: CodexError) => object | undefined,
): object {
  const error = isCodexError(reason)
    ? reason
    : new CodexError("aborted", "The call was aborted", { cause: reason });
  // As in the events of a run, what had arrived is the member `text`.
  const { partial, ...record } = error.toJSON();
  return { type: "error", ...record, ...(factsOf(error) ?? partial) };
}
