import assert from "node:assert/strict";
import fc from "fast-check";
import { readWireEvent } from "../../src/protocol/responses.ts";
import { FastEventReader } from "../../src/protocol/text_delta.ts";

/** A text delta in the form that was recorded. */
function textDelta(itemId: string, outputIndex: number, delta: string): string {
  return JSON.stringify({
    type: "response.output_text.delta",
    sequence_number: 7,
    item_id: itemId,
    output_index: outputIndex,
    content_index: 0,
    delta,
    logprobs: [],
    obfuscation: "xY1",
  });
}

Deno.test("FastEventReader gives every other event as the JSON parser does", () => {
  const reader = new FastEventReader();
  for (const data of ["[DONE]", "", "null", "{}", '{"type":5}', '{"type":"a","b":[1]}']) {
    assert.deepEqual(reader.read(data), readWireEvent(data), data);
  }
});

Deno.test("FastEventReader follows items that take turns, however many there are", () => {
  const reader = new FastEventReader();
  for (let turn = 0; turn < 500; turn++) {
    const [id, index] = turn % 2 === 0 ? ["msg_even", 0] : [`msg_${turn}`, turn];
    assert.deepEqual(reader.read(textDelta(String(id), Number(index), `"\\n${turn}`)), {
      type: "response.output_text.delta",
      item_id: id,
      output_index: index,
      delta: `"\\n${turn}`,
    });
  }
});

Deno.test("FastEventReader takes a text delta apart in the forms that were seen", () => {
  const read = {
    type: "response.output_text.delta",
    item_id: "msg_1",
    output_index: 2,
    delta: "Hé 😀",
  };
  const before = '{"type":"response.output_text.delta","sequence_number":7,"item_id":"msg_1",' +
    '"output_index":2,"content_index":0,"delta":"Hé 😀"';
  assert.deepEqual(
    new FastEventReader().read(`${before},"logprobs":[],"obfuscation":"xY1"}`),
    read,
  );
  assert.deepEqual(new FastEventReader().read(`${before},"logprobs":[]}`), read);
  const documented = '{"type":"response.output_text.delta","item_id":"msg_1","output_index":2,' +
    '"content_index":0,"delta":"Hé 😀","sequence_number":1}';
  assert.deepEqual(new FastEventReader().read(documented), read);
});

Deno.test("FastEventReader agrees with the JSON parser on whatever looks like a text delta", () => {
  const piece = fc.constantFrom(
    '{"type":"response.output_text.delta",',
    '"sequence_number":1,',
    '"sequence_number":01,',
    '"item_id":"msg_1",',
    '"item_id":"msg_2",',
    '"item_id":"m\\"1",',
    '"output_index":0,',
    '"content_index":0,',
    '"delta":"a"',
    '"delta":"a\\n\\u0041"',
    '"delta":"a\\ud83d"',
    '"delta":"\t"',
    '"delta":"}"',
    '"delta":""',
    ',"logprobs":[]',
    ',"obfuscation":"x"',
    ',"delta":"b"',
    "}",
    "}}",
    " ",
  );
  const used = new FastEventReader();
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const data = pieces.join("");
      const slow = readWireEvent(data);
      // A reader that has seen an item before, and one that has not.
      for (const reader of [used, new FastEventReader()]) {
        const fast = reader.read(data);
        assert.equal(fast?.type, slow?.type, data);
        for (const key of ["item_id", "output_index", "delta"]) {
          assert.deepEqual(fast?.[key], slow?.[key], data);
        }
      }
    }),
    { seed: 7, numRuns: 3_000 },
  );
});
