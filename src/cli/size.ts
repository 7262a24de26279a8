/** Sizes as people write them. */
import { CodexError } from "../base/errors.ts";

const UNITS = "KMG";

/**
 * Reads a size: `1000`, `64K`, `32M`, `1G`, in bytes and powers of 1024.
 *
 * @param text What was typed.
 * @returns Bytes.
 * @throws CodexError `invalid_usage`.
 */
export function parseSize(text: string): number {
  const match = /^(\d+)([KMG])?(?:i?B)?$/i.exec(text.trim());
  const power = match?.[2] === undefined ? 0 : UNITS.indexOf(match[2].toUpperCase()) + 1;
  const bytes = Number(match?.[1]) * 1024 ** power;
  if (match !== null && Number.isSafeInteger(bytes)) return bytes;
  throw new CodexError("invalid_usage", `"${text}" is not a size`, {
    hint: "Write it in bytes, or as 64K, 32M or 1G",
  });
}
