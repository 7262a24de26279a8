import assert from "node:assert/strict";
import { isCodexError } from "../../../src/base/errors.ts";
import { readIncoming } from "../../../src/responses/fetch/incoming.ts";

const URL_OF = "https://api.openai.com/v1/responses";

Deno.test("readIncoming() serves two addresses, whatever the host and the base", () => {
  assert.equal(readIncoming(URL_OF, { method: "POST" }).route, "responses");
  assert.equal(readIncoming(new URL(`${URL_OF}?a=1`), { method: "post" }).search, "?a=1");
  assert.equal(readIncoming("http://host/openai/responses", { method: "POST" }).route, "responses");
  assert.equal(readIncoming("https://api.openai.com/v1/models").route, "models");
  assert.equal(readIncoming(new Request("https://host/models")).route, "models");
});

for (
  const [method, url] of [
    ["GET", URL_OF],
    ["DELETE", URL_OF],
    ["POST", `${URL_OF}/resp_1/cancel`],
    ["POST", `${URL_OF}/`],
    ["POST", "https://api.openai.com/v1/chat/completions"],
    ["POST", "https://api.openai.com/v1/models"],
    ["GET", "https://api.openai.com/v1/models/gpt-5.5"],
    ["POST", "https://api.openai.com/v1/noresponses"],
    ["POST", "https://host/x#/responses"],
    ["POST", "https://host/x?/responses"],
    ["POST", "/v1/responses"],
    ["POST", ""],
  ] as const
) {
  Deno.test(`readIncoming() refuses ${method} ${JSON.stringify(url)}`, () => {
    assert.throws(
      () => readIncoming(url, { method }),
      (error) => isCodexError(error, "invalid_request") && error.hint !== undefined,
    );
  });
}

Deno.test("readIncoming() wants a whole address", () => {
  assert.throws(() => readIncoming("/v1/responses", { method: "POST" }), {
    code: "invalid_request",
    message: "What is to be fetched has no whole address",
    hint: "Give one with its host, such as https://api.openai.com/v1/responses",
  });
});

Deno.test("readIncoming() repeats no password of an address", () => {
  assert.throws(
    () => readIncoming("https://ada:secret@host/v1/files?key=secret"),
    (error) => error instanceof Error && !error.message.includes("secret"),
  );
});

for (
  const [name, body] of [
    ["text", "{}"],
    ["bytes", new TextEncoder().encode("{}")],
    ["a blob", new Blob(["{}"])],
    ["a stream", new Blob(["{}"]).stream()],
  ] as const
) {
  Deno.test(`readIncoming() reads a body that is ${name}`, async () => {
    assert.equal(await readIncoming(URL_OF, { method: "POST", body }).body(), "{}");
  });
}

Deno.test("readIncoming() reads a Request, and what is said beside it goes first", async () => {
  const request = new Request(URL_OF, { method: "POST", body: "one", headers: { accept: "a/b" } });
  const incoming = readIncoming(request);
  assert.equal(await incoming.body(), "one");
  assert.deepEqual([incoming.accept, incoming.signal], ["a/b", request.signal]);
  const { signal } = new AbortController();
  const other = readIncoming(request, { body: "two", signal, headers: {} });
  assert.deepEqual([await other.body(), other.accept, other.signal], ["two", undefined, signal]);
});

Deno.test("readIncoming() takes null for no options, as the platform does", () => {
  assert.equal(readIncoming("https://host.test/v1/models", null).route, "models");
});
