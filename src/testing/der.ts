/** A writer of DER (X.690), as far as a certificate needs it. */

/** Bytes in DER. */
export type Der = Uint8Array<ArrayBuffer>;

/** Any value with its tag and length. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Der {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const head = [tag, ...lengthOctets(size)];
  const out = new Uint8Array(head.length + size);
  out.set(head);
  let at = head.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function lengthOctets(size: number): number[] {
  if (size < 0x80) return [size];
  const octets: number[] = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

/** A SEQUENCE. */
export function sequence(...parts: readonly Uint8Array[]): Der {
  return tagged(0x30, ...parts);
}

/** A SET of one. */
export function setOf(part: Uint8Array): Der {
  return tagged(0x31, part);
}

/**
 * An INTEGER that is not negative.
 *
 * @param magnitude Its bytes, the highest first.
 */
export function integer(magnitude: Uint8Array): Der {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const digits = magnitude.subarray(start);
  // A leading bit would make it negative.
  const sign = digits.length === 0 || (digits[0] ?? 0) >= 0x80 ? [0] : [];
  return tagged(0x02, new Uint8Array(sign), digits);
}

/** A BOOLEAN that is true. */
export function yes(): Der {
  return tagged(0x01, new Uint8Array([0xff]));
}

/**
 * A BIT STRING.
 *
 * @param bytes The bits, the first in the highest place.
 * @param unused How many bits at the end do not count.
 */
export function bitString(bytes: Uint8Array, unused: number = 0): Der {
  return tagged(0x03, new Uint8Array([unused]), bytes);
}

/** An OCTET STRING. */
export function octetString(bytes: Uint8Array): Der {
  return tagged(0x04, bytes);
}

/** A UTF8String. */
export function utf8(text: string): Der {
  return tagged(0x0c, new TextEncoder().encode(text));
}

/**
 * An OBJECT IDENTIFIER.
 *
 * @param dotted Such as `2.5.29.15`.
 */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return tagged(0x06, new Uint8Array([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const octets = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) octets.unshift((rest & 0x7f) | 0x80);
  return octets;
}

/**
 * A Time as RFC 5280, 4.1.2.5 wants it: UTCTime until 2049 and GeneralizedTime from 2050 on.
 *
 * @param at Milliseconds since the epoch.
 */
export function time(at: number): Der {
  const digits = new Date(at).toISOString().replace(/\.\d+|[-:T]/g, "");
  return digits < "2050"
    ? tagged(0x17, new TextEncoder().encode(digits.slice(2)))
    : tagged(0x18, new TextEncoder().encode(digits));
}
