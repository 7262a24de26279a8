import assert from "node:assert/strict";
import { isCodexError } from "../../../src/base/errors.ts";
import { collected, relayed, type RelayOptions } from "../../../src/responses/fetch/relay.ts";
import { ManualClock } from "../../support/manual_clock.ts";

const DONE =
  'data: {"type":"response.output_item.done","output_index":0,"item":{"id":"a","type":"message"}}\n\n';
const END = 'data: {"type":"response.completed","response":{"id":"r","output":[]}}\n\n';
const FILLED =
  'data: {"type":"response.completed","response":{"id":"r","output":[{"id":"a","type":"message"}]}}\n\n';

/** A body that gives what it is told to, and notes that somebody has left. */
class Body {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly response: Response;
  left: unknown;

  constructor() {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const stream = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
      },
      cancel: (reason) => {
        this.left = reason ?? "left";
      },
    });
    assert.ok(controller !== undefined);
    this.controller = controller;
    this.response = new Response(stream);
  }

  send(text: string): void {
    this.controller.enqueue(new TextEncoder().encode(text));
  }
}

function optionsOf(more: Partial<RelayOptions> = {}): RelayOptions {
  return {
    url: "https://host.test/responses",
    clock: new ManualClock(),
    signal: new AbortController().signal,
    onItem: () => {},
    ...more,
  };
}

Deno.test("relayed() hands a stream on as it came, but for the output of its last event", async () => {
  const items: unknown[] = [];
  const stream = `: hello\n\nevent: x\n${DONE}`;
  const answer = new Response(stream + END + "data: more\n\n");
  const text = await new Response(
    relayed(answer, optionsOf({ onItem: (item) => items.push(item) })),
  ).text();
  assert.equal(text, stream + FILLED);
  assert.deepEqual(items, [{ id: "a", type: "message" }]);
});

Deno.test("relayed() gives an event on before the next one comes", async () => {
  const body = new Body();
  const reader = relayed(body.response, optionsOf()).getReader();
  body.send(DONE);
  assert.equal(new TextDecoder().decode((await reader.read()).value), DONE);
  body.send(END);
  assert.equal(new TextDecoder().decode((await reader.read()).value), FILLED);
  assert.equal((await reader.read()).done, true);
  assert.notEqual(body.left, undefined, "what follows the last event is not waited for");
});

Deno.test("relayed() ends the request when whoever reads leaves", async () => {
  for (const reads of [0, 1]) {
    const body = new Body();
    const reader = relayed(body.response, optionsOf()).getReader();
    body.send(DONE);
    if (reads > 0) await reader.read();
    await reader.cancel();
    assert.notEqual(body.left, undefined, `after ${reads}`);
  }
});

Deno.test("relayed() fails with the signal's reason, and ends the request even where nobody reads", async () => {
  const reason = new Error("enough");
  for (const reads of [false, true]) {
    const body = new Body();
    const ending = new AbortController();
    const reader = relayed(body.response, optionsOf({ signal: ending.signal })).getReader();
    const read = reads ? assert.rejects(reader.read(), reason) : undefined;
    ending.abort(reason);
    await read;
    assert.equal(body.left, reason);
  }
});

/** The last event of an answer that failed, as an SDK reads it. */
async function errorOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<unknown> {
  const text = new TextDecoder().decode((await reader.read()).value);
  assert.match(text, /^event: error\ndata: .*\n\n$/);
  const { type, code, error } = JSON.parse(text.slice(text.indexOf("{")));
  assert.equal(type, "error");
  assert.equal(code, error.code);
  return error;
}

Deno.test("relayed() fails where the answer is cut off, after what had come", async () => {
  const reader = relayed(new Response(DONE), optionsOf()).getReader();
  assert.equal((await reader.read()).done, false);
  assert.deepEqual(await errorOf(reader), {
    type: "server_error",
    code: "stream_cut",
    message: "The answer was cut off: it ended before its last event. Try again",
    param: null,
  });
  await assert.rejects(reader.read(), (error) => isCodexError(error, "stream_cut"));
  const nothing = relayed(new Response(null), optionsOf()).getReader();
  await errorOf(nothing);
  await assert.rejects(nothing.read(), (error) => isCodexError(error, "stream_cut"));
});

Deno.test("relayed() fails where the connection breaks", async () => {
  const body = new Body();
  const reader = relayed(body.response, optionsOf()).getReader();
  body.send(DONE);
  await reader.read();
  body.controller.error(new TypeError("error reading a body from connection"));
  await errorOf(reader);
  await assert.rejects(reader.read(), (error) => isCodexError(error, "network"));
});

Deno.test("relayed() gives up a silence, but not for whoever reads slowly", async () => {
  const clock = new ManualClock();
  const body = new Body();
  const reader = relayed(body.response, optionsOf({ clock })).getReader();
  body.send(DONE);
  await reader.read();
  await clock.advance(1_000_000);
  body.send(": still here\n\n");
  assert.equal(new TextDecoder().decode((await reader.read()).value), ": still here\n\n");
  await Promise.all([errorOf(reader), clock.advance(301_000)]);
  await assert.rejects(
    reader.read(),
    (error) => isCodexError(error, "network") && /host\.test fell silent/.test(error.message),
  );
});

Deno.test("relayed() and collected() tell a page from a stream that was cut", async () => {
  const page = () =>
    new Response("not now", { status: 200, headers: { "content-type": "text/plain" } });
  const isIt = (error: unknown) =>
    isCodexError(error, "network") && !error.retryable && /other than a stream/.test(error.message);
  const reader = relayed(page(), optionsOf()).getReader();
  assert.deepEqual(Object(await errorOf(reader)).code, "network");
  await assert.rejects(reader.read(), isIt);
  await assert.rejects(collected(page(), optionsOf()), isIt);
});

Deno.test("collected() reads to the last event, and makes one response of it", async () => {
  const whole = await collected(new Response(DONE + END), optionsOf());
  assert.equal(whole.last.type, "response.completed");
  assert.deepEqual(whole.response({})["output"], [{ id: "a", type: "message" }]);
});

Deno.test("collected() fails as the stream does", async () => {
  await assert.rejects(
    collected(new Response(DONE), optionsOf()),
    (error) => isCodexError(error, "stream_cut"),
  );
  const ending = AbortSignal.abort(new Error("enough"));
  await assert.rejects(collected(new Response(END), optionsOf({ signal: ending })), {
    message: "enough",
  });
});
