import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonBody, LongText } from "../../src/responses/long_text.ts";

const textOf = async (body: string | Blob) => typeof body === "string" ? body : await body.text();

Deno.test("jsonBody() makes a string where there is no long text", () => {
  assert.equal(jsonBody({ a: ["b", 1] }), '{"a":["b",1]}');
});

Deno.test("jsonBody() makes the same JSON of long texts as of strings", async () => {
  const text = fc.string({ unit: "grapheme" });
  await fc.assert(fc.asyncProperty(fc.array(fc.array(text)), async (texts) => {
    const long = texts.map((pieces) => {
      const one = new LongText();
      for (const piece of pieces) one.add(piece);
      return one;
    });
    const joined = texts.map((pieces) => pieces.join(""));
    assert.equal(await textOf(jsonBody({ a: long, b: 1 })), JSON.stringify({ a: joined, b: 1 }));
  }));
});

Deno.test("LongText can be sent more than once, and takes more afterwards", async () => {
  const long = new LongText();
  long.add("a".repeat(3_000_000));
  const first = await textOf(jsonBody([long]));
  assert.equal(first, await textOf(jsonBody([long])));
  long.add('"');
  assert.deepEqual(JSON.parse(await textOf(jsonBody([long]))), [`${"a".repeat(3_000_000)}"`]);
});

Deno.test("LongText is never taken for an empty string", () => {
  assert.throws(() => new LongText().text, TypeError);
});
