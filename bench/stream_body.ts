/** Bodies of model answers for the benches: like the real ones in their shape, and of any size. */

/** As fetch gives a body over a fast line. */
export const CHUNK_BYTES: number = 16 * 1024;

const encoder = new TextEncoder();

// A quarter of the deltas is not ASCII, as in the talk of the world.
const WORDS = [
  "hello world, this is",
  "日本語のテキスト 😀 naïve",
  "some more words here",
  "and the last of them",
];

const BEGIN = event({
  type: "response.created",
  sequence_number: 0,
  response: { id: "resp_1", object: "response", status: "in_progress", model: "m", output: [] },
});

const END = event({
  type: "response.completed",
  sequence_number: 9,
  response: {
    id: "resp_1",
    object: "response",
    status: "completed",
    model: "m",
    output: [],
    usage: {
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 1,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 2,
    },
  },
});

/** One event as the service writes it. */
export function event(value: { readonly type: string; readonly [key: string]: unknown }): string {
  return `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
}

/** One piece of text. */
export function deltaEvent(
  delta: string,
  sequence: number,
  obfuscation: string = "xYz01234",
): string {
  return event({
    type: "response.output_text.delta",
    sequence_number: sequence,
    item_id: "msg_0123456789abcdef0123456789abcdef0123456789abcdef",
    output_index: 0,
    content_index: 0,
    delta,
    logprobs: [],
    obfuscation,
  });
}

/** A whole answer of about so many mebibytes, nearly all of it text deltas. */
export function answerOf(mebibytes: number): Uint8Array {
  const item = { id: "msg_0123456789abcdef0123456789abcdef0123456789abcdef", type: "message" };
  const parts = [
    BEGIN,
    event({
      type: "response.output_item.added",
      sequence_number: 1,
      output_index: 0,
      item: { ...item, status: "in_progress", role: "assistant", content: [] },
    }),
  ];
  let text = "";
  for (let size = 0, count = 2; size < mebibytes * 2 ** 20; count++) {
    const delta = WORDS[count % WORDS.length] ?? "";
    const part = deltaEvent(delta, count);
    parts.push(part);
    size += part.length;
    text += delta;
  }
  parts.push(
    event({
      type: "response.output_item.done",
      sequence_number: 8,
      output_index: 0,
      item: {
        ...item,
        status: "completed",
        role: "assistant",
        content: [{ type: "output_text", text, annotations: [], logprobs: [] }],
      },
    }),
    END,
  );
  return encoder.encode(parts.join(""));
}

/** An answer whose last event is so many mebibytes long. */
export function bigEvent(mebibytes: number): Uint8Array {
  const text = "0123456789abcdef".repeat(mebibytes * 2 ** 16);
  const content = [{ type: "output_text", text }];
  const item = { id: "msg_1", type: "message", role: "assistant", content };
  const done = event({ type: "response.output_item.done", output_index: 0, item });
  return encoder.encode(BEGIN + done + END);
}

/** A body that comes in chunks. */
export function chunked(bytes: Uint8Array, size: number = CHUNK_BYTES): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at += size));
    },
  });
}

/**
 * A body of so many mebibytes of events with four characters of text in 256 bytes each, made as
 * it is read.
 *
 * @param mebibytes Its size.
 * @param onChunk Told now and then.
 */
export function longBody(mebibytes: number, onChunk: () => void): ReadableStream<Uint8Array> {
  const bare = deltaEvent("abcd", 1, "").length;
  const one = deltaEvent("abcd", 1, "x".repeat(256 - bare));
  const block = encoder.encode(one.repeat(256));
  const blocks = mebibytes * 2 ** 20 / block.length;
  let count = 0;
  return new ReadableStream({
    pull(controller) {
      if (count === 0) controller.enqueue(encoder.encode(BEGIN));
      if (count++ >= blocks) {
        controller.enqueue(encoder.encode(END));
        return controller.close();
      }
      if (count % 64 === 0) onChunk();
      controller.enqueue(block.slice());
    },
  });
}
