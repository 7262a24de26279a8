import assert from "node:assert/strict";
import fc from "fast-check";
import { isCodexError } from "../../src/base/errors.ts";
import { firstInvalid, Utf8Text } from "../../src/cli/utf8.ts";
import { anyText } from "../support/any_text.ts";

/**
 * The offset of the first byte that belongs to no character, found the slow way: the longest
 * beginning that the platform decodes, up to which whole characters reach.
 */
function referenceOffset(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((count) =>
      at + count <= bytes.length && isWhole(bytes.subarray(at, at + count))
    );
    if (length === undefined) return at;
    at += length;
  }
  return bytes.length;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isWhole(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes that are nearly UTF-8: whole characters, broken ones and noise. */
const nearlyUtf8 = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: anyText(4).map(encode) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 3 }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        [0xc0, 0x80],
        [0xe0, 0x80, 0x80],
        [0xed, 0xa0, 0x80],
        [0xf0, 0x80, 0x80, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
        [0xf5],
        [0xff],
        [0x80],
        [0xe2, 0x82],
        [0xf0, 0x9f, 0x98],
      ).map((bytes) => new Uint8Array(bytes)),
    },
  ),
  { maxLength: 6 },
).map(joined);

const cuts = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 30 });

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text.toWellFormed());
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}

/** The bytes in pieces of the given lengths, and the rest. */
function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    pieces.push(bytes.slice(at, at + length));
    at += length;
  }
  return [...pieces, bytes.slice(at)];
}

/** The text of pieces, or the offset that the refusal names. */
function read(pieces: readonly Uint8Array[]): string | number {
  const text = new Utf8Text();
  try {
    for (const piece of pieces) text.add(piece);
    return text.end();
  } catch (error) {
    assert.ok(isCodexError(error, "invalid_usage"));
    const offset = /^Stdin is not UTF-8: byte (\d+) is not valid$/.exec(error.message)?.[1];
    assert.ok(offset !== undefined, error.message);
    return Number(offset);
  }
}

Deno.test("Utf8Text puts characters together that were split over pieces", () => {
  const bytes = encode("a€😀ß\ufeffz");
  for (let size = 1; size <= bytes.length; size++) {
    const pieces = cut(bytes, Array.from({ length: bytes.length }, () => size));
    assert.equal(read(pieces), "a€😀ß\ufeffz");
  }
});

Deno.test("Utf8Text keeps a byte order mark, at the beginning too", () => {
  const bytes = encode("\ufefftext");
  assert.equal(bytes.length, 7);
  assert.equal(read([bytes]), "\ufefftext");
  assert.equal(read(cut(bytes, [1, 1, 1])), "\ufefftext");
});

Deno.test("Utf8Text of nothing is empty", () => {
  assert.equal(read([]), "");
  assert.equal(read([new Uint8Array(), new Uint8Array()]), "");
});

Deno.test("Utf8Text gives any text back, byte for byte, however it was cut", () => {
  fc.assert(fc.property(anyText(), cuts, (text, lengths) => {
    const wellFormed = text.toWellFormed();
    assert.equal(read(cut(encode(wellFormed), lengths)), wellFormed);
  }));
});

Deno.test("Utf8Text counts the bytes that it was given", () => {
  const text = new Utf8Text();
  assert.equal(text.bytes, 0);
  text.add(encode("€"));
  text.add(encode("a"));
  assert.equal(text.bytes, 4);
});

Deno.test("Utf8Text copies what it is given, so that a buffer can be used again", () => {
  const text = new Utf8Text();
  const buffer = new Uint8Array([0x61, 0xe2, 0x82]);
  text.add(buffer);
  buffer.fill(0x62);
  text.add(new Uint8Array([0xac]));
  assert.equal(text.end(), "a€");
});

const BROKEN: readonly (readonly [what: string, bytes: readonly number[], offset: number])[] = [
  ["a lone continuation byte", [0x61, 0x80, 0x61], 1],
  ["Latin-1", [0x67, 0x72, 0xfc, 0xdf], 2],
  ["UTF-16 with its mark", [0xff, 0xfe, 0x61, 0x00], 0],
  ["an overlong slash", [0x61, 0xc0, 0xaf], 1],
  ["an overlong euro", [0xf0, 0x82, 0x82, 0xac], 0],
  ["half of a surrogate pair", [0x61, 0xed, 0xa0, 0x80], 1],
  ["a code point beyond the last", [0xf4, 0x90, 0x80, 0x80], 0],
  ["a character cut off by another", [0x61, 0xe2, 0x82, 0x61], 1],
  ["a character cut off by the end", [0x61, 0xe2, 0x82], 1],
  ["a character cut off after three bytes", [0xf0, 0x9f, 0x98], 0],
  ["a whole character before a broken one", [0xe2, 0x82, 0xac, 0xe2, 0x82, 0x61], 3],
];

for (const [what, bytes, offset] of BROKEN) {
  Deno.test(`Utf8Text names byte ${offset} of ${what}, however it was cut`, () => {
    const all = new Uint8Array(bytes);
    for (let size = 1; size <= all.length; size++) {
      assert.equal(read(cut(all, all.length === size ? [] : Array(all.length).fill(size))), offset);
    }
  });
}

Deno.test("Utf8Text names the first byte of a broken sequence far into the input", () => {
  const text = new Utf8Text();
  for (let n = 0; n < 100; n++) text.add(encode("0123456789"));
  text.add(new Uint8Array([0xe2]));
  assert.throws(() => text.add(encode("x")), /byte 1000 is not valid/);
});

Deno.test("Utf8Text says how to go on", () => {
  assert.throws(() => new Utf8Text().add(new Uint8Array([0xff])), (error) => {
    assert.ok(isCodexError(error, "invalid_usage"));
    assert.match(error.hint ?? "", /iconv/);
    return true;
  });
});

Deno.test("Utf8Text names the byte that a slow reading of the standard names, however it was cut", () => {
  fc.assert(
    fc.property(nearlyUtf8, cuts, (bytes, lengths) => {
      const offset = referenceOffset(bytes);
      const expected = offset < bytes.length ? offset : new TextDecoder("utf-8", {
        ignoreBOM: true,
      }).decode(bytes);
      assert.equal(read(cut(bytes, lengths)), expected);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("firstInvalid() agrees with the platform on all pairs of bytes, alone and continued", () => {
  for (let lead = 0x7e; lead < 256; lead++) {
    for (const second of [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]) {
      for (const rest of [[], [0x80], [0x80, 0x80], [0x80, 0x61]]) {
        const bytes = new Uint8Array([lead, second, ...rest]);
        assert.equal(firstInvalid(bytes), referenceOffset(bytes), bytes.toHex());
      }
    }
  }
});
