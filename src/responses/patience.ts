/** How long the service is waited for where nobody says otherwise, in milliseconds. */

/** Until the answer begins, for a request without a size. */
export const CONNECT_MS = 60_000;
/** The longest silence of an answer. */
export const IDLE_MS = 300_000;
/** A slow line, in bytes a millisecond: a large input may take so much longer. */
const SLOWEST_UPLOAD = 32;

/** Until the answer to a request of so many bytes begins. */
export function connectMs(bytes: number): number {
  return Math.ceil(CONNECT_MS + bytes / SLOWEST_UPLOAD);
}
