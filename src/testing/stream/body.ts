/** A stream of bytes as the body of a response. */

/** Makes a body that is written only as fast as it is read, and that stops when nobody reads. */
export function bodyOf(
  make: (signal: AbortSignal) => AsyncGenerator<Uint8Array, void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const controller = new AbortController();
  const source = make(controller.signal);
  return new ReadableStream({
    async pull(sink) {
      const { done, value } = await source.next();
      if (done === true) sink.close();
      else sink.enqueue(new Uint8Array(value));
    },
    cancel(reason) {
      controller.abort(reason);
      // A generator that waits rejects by the abort; one that does not is ended here.
      source.return().catch(() => {});
    },
  }, { highWaterMark: 0 });
}
