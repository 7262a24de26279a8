/** An input as it is at the moment of a call: what its caller changes later is not sent. Pure. */
import { isPlainObject } from "../base/json.ts";

/**
 * Copies what a caller may go on writing to: lists and plain objects, all the way down. Texts are
 * shared, which makes the copy of a long conversation a cheap one. So are objects of a class, such
 * as the bytes of an image: those must stay as they are until they are sent.
 *
 * @param input The input, whatever it is: it is looked into where it is read.
 * @returns The copy; the input itself where it cannot be copied, such as one that holds itself.
 */
export function asGiven<T>(input: T): T {
  try {
    return copied(input);
  } catch {
    return input;
  }
}

function copied<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  // Not `map` alone, which would keep holes; what is copied is of the type that it was.
  if (Array.isArray(value)) return Array.from(value, copied) as T;
  if (!isPlainObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) {
    // A member of this name would otherwise be the prototype of the copy.
    if (key === "__proto__") return value;
    copy[key] = copied(member);
  }
  return copy as T;
}
