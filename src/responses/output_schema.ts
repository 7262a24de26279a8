/** What an answer may be asked to match, and the type that comes of it. Types alone. */

/** JSON Schema, as an object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * A validator that tells its JSON Schema (https://standardschema.dev): zod from 4.2, arktype from
 * 2.1.28, valibot with `@valibot/to-json-schema`.
 */
export interface StandardJsonSchema<Output = unknown> {
  /** What the standard asks for. */
  readonly "~standard": {
    /** Of the standard. */
    readonly version: 1;
    /** Who made it. */
    readonly vendor: string;
    /** What it gives; at no time a value. */
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
    /** Tells its JSON Schema. */
    readonly jsonSchema: {
      /** Of what it takes. */
      input(options: { readonly target: "draft-2020-12" }): Record<string, unknown>;
    };
    /** Checks a value, where it can. */
    validate?(value: unknown): StandardResult<Output> | Promise<StandardResult<Output>>;
  };
}

/** What a validator says of a value. */
export type StandardResult<Output = unknown> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** What a validator does not like. */
export interface StandardIssue {
  /** In words. */
  readonly message: string;
  /** Where. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What an answer may be asked to match. */
export type OutputSchema = JsonSchema | StandardJsonSchema;

/** The type of the values that match a schema; `unknown` where the schema's own type tells nothing. */
export type InferOutput<S> = S extends { readonly "~standard": { readonly types?: infer T } }
  ? NonNullable<T> extends { readonly output: infer O } ? O : unknown
  : FromJsonSchema<S>;

/** The type of the values that match a JSON Schema which is written out where it is used. */
export type FromJsonSchema<S> = S extends { readonly const: infer C } ? C
  : S extends { readonly enum: readonly (infer E)[] } ? E
  : S extends { readonly anyOf: readonly (infer A)[] } ? FromJsonSchema<A>
  : S extends { readonly type: readonly (infer T)[] }
    ? T extends string ? FromJsonSchema<Omit<S, "type"> & { readonly type: T }> : unknown
  : S extends { readonly type: "string" } ? string
  : S extends { readonly type: "number" | "integer" } ? number
  : S extends { readonly type: "boolean" } ? boolean
  : S extends { readonly type: "null" } ? null
  : S extends { readonly type: "array"; readonly items: infer I } ? FromJsonSchema<I>[]
  : S extends {
    readonly type: "object";
    readonly properties: infer P;
    readonly required: readonly (infer R)[];
  } ? { -readonly [K in keyof P]: FromJsonSchema<P[K]> | (K extends R ? never : undefined) }
  : unknown;
