/** Reading JSON that others wrote: nothing here throws, and nothing is taken on trust. */

/** A JSON object whose members are not yet known. */
export type JsonObject = Record<string, unknown>;

/** Whether a value is an object with members, arrays left out. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an object is of no class, such as what a literal or JSON makes. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The value of a JSON text, or `undefined` when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A member as an object, or an empty one. */
export function objectAt(value: unknown, key: string): JsonObject {
  const member = isObject(value) ? value[key] : undefined;
  return isObject(member) ? member : {};
}

/** A member as an array, or an empty one. */
export function arrayAt(value: unknown, key: string): readonly unknown[] {
  const member = isObject(value) ? value[key] : undefined;
  return Array.isArray(member) ? member : [];
}

/** A member as a string, or `undefined`. */
export function stringAt(value: unknown, key: string): string | undefined {
  const member = isObject(value) ? value[key] : undefined;
  return typeof member === "string" ? member : undefined;
}

/** A member as a finite number, or `undefined`. */
export function numberAt(value: unknown, key: string): number | undefined {
  const member = isObject(value) ? value[key] : undefined;
  return typeof member === "number" && Number.isFinite(member) ? member : undefined;
}

/** A member as a boolean, or `undefined`. */
export function booleanAt(value: unknown, key: string): boolean | undefined {
  const member = isObject(value) ? value[key] : undefined;
  return typeof member === "boolean" ? member : undefined;
}
