/** Events as JSON lines: what the command prints with `--json`. */
import { type ErrorRecord, isCodexError } from "../base/errors.ts";
import type { EventQueue } from "./event_queue.ts";

/** Far below what a reader of one chunk would mind. */
const CHUNK_EVENTS = 256;

/**
 * A stream of JSON lines.
 *
 * @param queue The events.
 * @param onCancel Told when the reader goes away.
 */
export function jsonLines<T>(
  queue: EventQueue<T>,
  onCancel: (reason: unknown) => void,
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
        let lines = line(first.value);
        for (let count = 1; count < CHUNK_EVENTS; count++) {
          const event = queue.take();
          if (event === undefined) break;
          lines += line(event);
        }
        controller.enqueue(encoder.encode(lines));
      } catch (reason) {
        failure = { reason };
        controller.enqueue(encoder.encode(line({ type: "error", ...recordOf(reason) })));
      }
    },
    cancel: onCancel,
  }, { highWaterMark: 0 });
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** An error as plain data; a caller's own reason to abort is told as `aborted`. */
function recordOf(reason: unknown): ErrorRecord {
  if (isCodexError(reason)) return reason.toJSON();
  return { code: "aborted", message: "The call was aborted", retryable: false };
}
