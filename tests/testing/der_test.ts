import assert from "node:assert/strict";
import fc from "fast-check";
import { bitString, integer, oid, sequence, tagged, time } from "../../src/testing/der.ts";

const hex = (bytes: Uint8Array) => bytes.toHex();
const bytes = (text: string) => Uint8Array.fromHex(text);

Deno.test("tagged() writes a length below 128 in one byte and a longer one in several", () => {
  assert.equal(hex(tagged(0x04, new Uint8Array(0))), "0400");
  assert.equal(hex(tagged(0x04, new Uint8Array(127))).slice(0, 4), "047f");
  assert.equal(hex(tagged(0x04, new Uint8Array(128))).slice(0, 6), "048180");
  assert.equal(hex(tagged(0x04, new Uint8Array(256))).slice(0, 8), "04820100");
  assert.equal(hex(tagged(0x04, new Uint8Array(65_536))).slice(0, 10), "0483010000");
});

Deno.test("sequence() puts its parts behind one another", () => {
  assert.equal(hex(sequence(bytes("0101ff"), bytes("020105"))), "30060101ff020105");
});

Deno.test("integer() is never negative and never longer than it must be", () => {
  assert.equal(hex(integer(bytes("7f"))), "02017f");
  assert.equal(hex(integer(bytes("80"))), "02020080");
  assert.equal(hex(integer(bytes("00007f"))), "02017f");
  assert.equal(hex(integer(bytes("0000"))), "020100");
  assert.equal(hex(integer(new Uint8Array())), "020100");
});

Deno.test("integer() keeps the number, whatever it is", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (magnitude) => {
    const value = (digits: string) => BigInt(`0x0${digits}`);
    const written = integer(magnitude).subarray(2);
    assert.equal(value(hex(written)), value(hex(magnitude)));
    assert.ok((written[0] ?? 0) < 0x80, "the sign bit is clear");
    assert.ok(written.length === 1 || written[0] !== 0 || (written[1] ?? 0) >= 0x80, "minimal");
  }));
});

Deno.test("oid() writes the first two numbers as one and large ones in base 128", () => {
  assert.equal(hex(oid("2.5.29.15")), "0603551d0f");
  assert.equal(hex(oid("1.2.840.10045.4.3.2")), "06082a8648ce3d040302");
});

Deno.test("bitString() says how many bits do not count", () => {
  assert.equal(hex(bitString(bytes("80"), 7)), "03020780");
});

Deno.test("time() is UTCTime until 2049 and GeneralizedTime from 2050 on", () => {
  const written = (at: string) => {
    const der = time(Date.parse(at));
    return [der[0], new TextDecoder().decode(der.subarray(2))];
  };
  assert.deepEqual(written("2049-12-31T23:59:59.999Z"), [0x17, "491231235959Z"]);
  assert.deepEqual(written("2050-01-01T00:00:00Z"), [0x18, "20500101000000Z"]);
});
