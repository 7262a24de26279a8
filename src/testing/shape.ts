/**
 * Shapes of JSON that are written once: they check a value and tell the place of each mistake, and
 * they give the JSON Schema that an editor uses. The compiler holds each against its type.
 */
import { isObject, type JsonObject } from "../base/json.ts";

/** One thing that is wrong. */
export interface ShapeProblem {
  /** A JSON pointer; empty for all of it. */
  readonly path: string;
  /** What is wrong there. */
  readonly message: string;
}

/** A JSON Schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where the schemas of named shapes are collected. */
export type Definitions = Record<string, JsonSchema>;

/** What a value of the type `T` looks like. */
export interface Shape<T> {
  /** What it is, for a message: `a text`. */
  readonly name: string;
  /** Adds what is wrong with a value. */
  check(value: unknown, path: string, problems: ShapeProblem[]): void;
  /** The JSON Schema, named shapes put into the definitions. */
  schema(definitions: Definitions): JsonSchema;
  /** Never there: it ties the shape to exactly its type. */
  readonly type?: (value: T) => T;
}

/** Whether a value has a shape. */
export function conforms<T>(shape: Shape<T>, value: unknown): value is T {
  return problemsOf(shape, value).length === 0;
}

/** What is wrong with a value. */
export function problemsOf<T>(shape: Shape<T>, value: unknown): readonly ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  shape.check(value, "", problems);
  return problems;
}

/** A shape that a test decides. */
export function simple<T>(
  name: string,
  fits: (value: unknown) => boolean,
  schema: JsonSchema,
): Shape<T> {
  return {
    name,
    check(value, path, problems) {
      if (!fits(value)) problems.push({ path, message: `must be ${name}, not ${told(value)}` });
    },
    schema: () => schema,
  };
}

/** A value as a message shows it: in full where it is short. */
function told(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isObject(value)) return "an object";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}

/** One of several literals. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Shape<T> {
  const name = values.map((value) => JSON.stringify(value)).join(" or ");
  return simple(name, (value) => values.some((one) => one === value), { enum: values });
}

/** One of several shapes. */
export function either<A, B, C = never>(
  ...shapes: readonly [Shape<A>, Shape<B>, Shape<C>?]
): Shape<A | B | C> {
  const given: readonly (Shape<A> | Shape<B> | Shape<C>)[] = shapes.filter((one) =>
    one !== undefined
  );
  const name = given.map((shape) => shape.name).join(" or ");
  return {
    name,
    check(value, path, problems) {
      const tried = given.map((shape) => {
        const found: ShapeProblem[] = [];
        shape.check(value, path, found);
        return found;
      });
      if (tried.some((found) => found.length === 0)) return;
      // A mistake further inside says which of them was meant.
      const inside = tried.find((found) => found.every((problem) => problem.path !== path));
      problems.push(...inside ?? [{ path, message: `must be ${name}, not ${told(value)}` }]);
    },
    schema: (definitions) => ({ anyOf: given.map((shape) => shape.schema(definitions)) }),
  };
}

/** A list. */
export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    name: "a list",
    check(value, path, problems) {
      if (!Array.isArray(value)) {
        problems.push({ path, message: `must be a list, not ${told(value)}` });
      } else value.forEach((one, index) => item.check(one, `${path}/${index}`, problems));
    },
    schema: (definitions) => ({ type: "array", items: item.schema(definitions) }),
  };
}

/** A shape with a rule that no single member can hold: it gives the mistake, if there is one. */
export function ruled<T>(
  shape: Shape<T>,
  rule: (value: unknown) => ShapeProblem | undefined,
): Shape<T> {
  return {
    name: shape.name,
    check(value, path, problems) {
      const before = problems.length;
      shape.check(value, path, problems);
      const problem = problems.length > before ? undefined : rule(value);
      if (problem === undefined) return;
      problems.push({ path: `${path}${problem.path}`, message: problem.message });
    },
    schema: (definitions) => shape.schema(definitions),
  };
}

/** An object whose members have names of the writer's own. */
export function map<T>(member: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    name: "an object",
    check(value, path, problems) {
      if (!isObject(value)) {
        return void problems.push({ path, message: `must be an object, not ${told(value)}` });
      }
      for (const [name, one] of Object.entries(value)) {
        member.check(one, `${path}/${pointerPart(name)}`, problems);
      }
    },
    schema: (definitions) => ({
      type: "object",
      additionalProperties: member.schema(definitions),
    }),
  };
}

/** A member of an object that may be left out. */
export interface Optional<T> {
  /** Its shape. */
  readonly shape: Shape<T>;
  /** One sentence for editors. */
  readonly says: string;
  /** That it may be left out. */
  readonly isRequired: false;
}

/** A member of an object that must be there. */
export interface Required<T> {
  /** Its shape. */
  readonly shape: Shape<T>;
  /** One sentence for editors. */
  readonly says: string;
  /** That it must be there. */
  readonly isRequired: true;
}

/** Each member of a type, neither more nor fewer. */
export type Members<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? Optional<Exclude<T[K], undefined>>
    : Required<T[K]>;
};

/** A member that may be left out. */
export function may<T>(shape: Shape<T>, says: string): Optional<T> {
  return { shape, says, isRequired: false };
}

/** A member that must be there. */
export function must<T>(shape: Shape<T>, says: string): Required<T> {
  return { shape, says, isRequired: true };
}

type AnyMember = Omit<Optional<never>, "shape" | "isRequired"> & {
  readonly shape: Pick<Shape<never>, "check" | "schema">;
  readonly isRequired: boolean;
};

/** An object with these members and no others, unless it is open. */
export function object<T>(members: Members<T>, isOpen: boolean = false): Shape<T> {
  const known = new Map<string, AnyMember>(Object.entries<AnyMember>(members));
  return {
    name: "an object",
    check(value, path, problems) {
      if (!isObject(value)) {
        return void problems.push({ path, message: `must be an object, not ${told(value)}` });
      }
      // First: a misspelt name explains what is missing.
      if (!isOpen) problems.push(...unknownMembers(value, path, [...known.keys()]));
      for (const [name, { shape, isRequired }] of known) {
        // No JSON holds `undefined`: a member that a program leaves open is not there.
        if (Object.hasOwn(value, name) && value[name] !== undefined) {
          shape.check(value[name], `${path}/${pointerPart(name)}`, problems);
        } else if (isRequired) problems.push({ path, message: `must have "${name}"` });
      }
    },
    schema(definitions) {
      const properties = [...known].map(([name, { shape, says }]) =>
        [name, { description: says, ...shape.schema(definitions) }] as const
      );
      const required = [...known].filter(([, one]) => one.isRequired).map(([name]) => name);
      return {
        type: "object",
        properties: Object.fromEntries(properties),
        ...(required.length === 0 ? {} : { required }),
        ...(isOpen ? {} : { additionalProperties: false }),
      };
    },
  };
}

function unknownMembers(
  value: JsonObject,
  path: string,
  known: readonly string[],
): readonly ShapeProblem[] {
  return Object.keys(value).filter((name) => !known.includes(name)).map((name) => ({
    path: `${path}/${pointerPart(name)}`,
    message: `is not known; here may be ${known.join(", ")}`,
  }));
}

/** Objects that one member tells apart. */
export function variants<K extends string, T extends { readonly [key in K]: string }>(
  key: K,
  shapes: { readonly [V in T[K]]: Shape<Extract<T, { readonly [key in K]: V }>> },
): Shape<T> {
  const known = new Map<string, Pick<Shape<never>, "check" | "schema">>(Object.entries(shapes));
  const names = [...known.keys()].map((name) => JSON.stringify(name)).join(" or ");
  return {
    name: "an object",
    check(value, path, problems) {
      const tag = isObject(value) ? value[key] : undefined;
      const shape = known.get(String(tag));
      if (shape !== undefined) shape.check(value, path, problems);
      else if (!isObject(value)) {
        problems.push({ path, message: `must be an object, not ${told(value)}` });
      } else if (tag === undefined) problems.push({ path, message: `must have "${key}"` });
      else problems.push({ path: `${path}/${key}`, message: `must be ${names}, not ${told(tag)}` });
    },
    schema: (definitions) => ({
      anyOf: [...known.values()].map((shape) => shape.schema(definitions)),
    }),
  };
}

/** A shape that stands in the definitions under a name, and may hold itself. */
export function named<T>(title: string, make: () => Shape<T>): Shape<T> {
  let made: Shape<T> | undefined;
  const shape = () => made ??= make();
  return {
    get name() {
      return shape().name;
    },
    check: (value, path, problems) => shape().check(value, path, problems),
    schema(definitions) {
      if (!(title in definitions)) {
        // Put there first, so that it may hold itself.
        definitions[title] = {};
        definitions[title] = shape().schema(definitions);
      }
      return { $ref: `#/$defs/${title}` };
    },
  };
}

/** A member's name in a JSON pointer (RFC 6901). */
export function pointerPart(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}
