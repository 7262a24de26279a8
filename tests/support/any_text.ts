import fc from "fast-check";

const codePoint = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }),
  fc.integer({ min: 0, max: 0x2fff }),
  fc.integer({ min: 0, max: 0x10ffff }),
);

/**
 * Any text at all: control characters, halves of surrogate pairs and unassigned code points too.
 * (The library's own unit "binary" does the same, and takes over a second to be made.)
 */
export function anyText(maxLength: number = 20): fc.Arbitrary<string> {
  return fc.string({ unit: codePoint.map((code) => String.fromCodePoint(code)), maxLength });
}
