/** Tells images apart by their first bytes. */

/** The largest image that is sent, in bytes: the service's own limit for one. */
export const MAX_IMAGE_BYTES: number = 20 * 1024 * 1024;

const SIGNATURES: readonly (readonly [type: string, at: number, bytes: readonly number[]])[] = [
  ["image/png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  ["image/gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", 8, [0x57, 0x45, 0x42, 0x50]],
];

/**
 * The media type of an image that the service takes.
 *
 * @param bytes The image; its first twelve bytes are enough.
 * @returns `image/png`, `image/jpeg`, `image/gif` or `image/webp`; `undefined` for anything else.
 */
export function detectImage(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, at, signature]) =>
    signature.every((byte, index) => bytes[at + index] === byte)
  )?.[0];
}
