/** Keeps tokens out of logs: credentials that show stars when somebody prints them. */
import type { Credentials } from "./credentials.ts";

const MASK = "***";
const SECRETS: ReadonlySet<string> = new Set(["refresh", "access", "key"]);

type Inspect = (value: unknown, options?: unknown) => string;

/**
 * Copies credentials so that `console.log` shows them without their secrets, in Deno and in Node.
 *
 * JSON, `structuredClone`, spreading and comparing are not affected, and give plain credentials:
 * the two members that do this are symbols that are not enumerable.
 *
 * @param credentials The credentials.
 * @returns The copy.
 */
export function withMaskedInspect<T extends Credentials>(credentials: T): T {
  const shown = Object.fromEntries(
    Object.entries(credentials).map(([key, value]) => [key, SECRETS.has(key) ? MASK : value]),
  );
  const copy = { ...credentials };
  Object.defineProperties(copy, {
    [Symbol.for("Deno.customInspect")]: {
      value: (inspect: Inspect, options: unknown) => inspect(shown, options),
    },
    [Symbol.for("nodejs.util.inspect.custom")]: {
      value: (_depth: number, options: unknown, inspect: Inspect) => inspect(shown, options),
    },
  });
  return copy;
}
