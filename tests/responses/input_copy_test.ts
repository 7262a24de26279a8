import assert from "node:assert/strict";
import { asGiven } from "../../src/responses/input_copy.ts";
import { LongText } from "../../src/responses/long_text.ts";

Deno.test("asGiven() copies messages, parts and items all the way down", () => {
  const input = [
    { role: "user", content: [{ type: "text", text: "one" }] },
    { role: "assistant", items: [{ type: "message", content: [{ text: "two" }] }] },
  ];
  const before = structuredClone(input);
  const copy = asGiven(input);
  for (const message of input) {
    const [first] = message.content ?? message.items ?? [];
    Object.assign(first ?? {}, { text: "changed", content: [] });
    Object.assign(message, { role: "developer" });
  }
  input.push({ role: "user", content: [] });
  assert.deepEqual(copy, before);
});

Deno.test("asGiven() shares what is of a class: bytes, addresses, long texts", () => {
  const bytes = new Uint8Array(3);
  const long = new LongText();
  const address = new URL("file:///a.png");
  const copy = asGiven([{ bytes, long, address }]);
  assert.equal(copy[0]?.bytes, bytes);
  assert.equal(copy[0]?.long, long);
  assert.equal(copy[0]?.address, address);
});

Deno.test("asGiven() gives back what cannot be copied, and what is no list", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  assert.equal(asGiven(loop), loop);
  const broken = [Object.defineProperty({}, "a", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  })];
  assert.equal(asGiven(broken), broken);
  for (const value of ["text", 5, null, undefined]) assert.equal(asGiven(value), value);
});

Deno.test("asGiven() leaves no hole in a list, so that each place is looked at", () => {
  const holed = new Array<string>(2);
  assert.deepEqual(Object.keys(asGiven(holed)), ["0", "1"]);
});
