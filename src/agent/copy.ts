/** Copies of what a model gave, so that who is shown it cannot change what is done with it. */

/** A copy of a value of JSON. */
export function copyOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? structuredClone(value) : value;
}
