/**
 * The JSON Schema of the events that `codex run --json` prints, made from their types: what the
 * compiler holds the program to is what a reader may rely on.
 */
import { EVENT_SCHEMA } from "../src/agent/run_events.ts";
import { denoOutput, ROOT } from "./process.ts";

/** The file that has the union of all events, and the union's name. */
const SOURCE = "src/agent/run_events.ts";
const UNION = "RunEvent";

/** A JSON Schema, as far as it is made here. */
export interface Schema {
  description?: string;
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  [more: string]: unknown;
}

/** The part of `deno doc --json` that is used. */
interface TsType {
  readonly kind: string;
  readonly value: unknown;
}
interface Property {
  readonly name: string;
  readonly optional?: boolean;
  readonly tsType?: TsType;
  readonly jsDoc?: { readonly doc?: string };
}
interface Declaration {
  readonly kind: string;
  readonly jsDoc?: { readonly doc?: string };
  readonly def: {
    readonly tsType?: TsType;
    readonly properties?: readonly Property[];
    readonly extends?: readonly TsType[];
  };
}
type Types = ReadonlyMap<string, Declaration>;

/** Makes the schema. */
export async function eventSchema(): Promise<Schema> {
  const types = await readTypes();
  const made: Record<string, Schema> = {};
  const ref = (name: string): Schema => {
    if (!(name in made)) {
      // Put there first, so that a type may refer to itself.
      made[name] = {};
      made[name] = schemaOf(types, name, ref);
    }
    return { $ref: `#/$defs/${name}` };
  };
  const anyOf = variants(schemaOf(types, UNION, ref), made);
  const $defs = Object.fromEntries(Object.entries(made).sort(([a], [b]) => a < b ? -1 : 1));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `Events of codex run --json, version ${EVENT_SCHEMA}`,
    description: "One event a line. Types and members that are not named here may be added " +
      "without another version: ignore what you do not know.",
    anyOf,
    $defs,
  };
}

/** The events themselves, where a union has a union among its members. */
function variants(schema: Schema, made: Record<string, Schema>): Schema[] {
  return (schema.anyOf ?? [schema]).flatMap((one) => {
    const name = one.$ref?.slice("#/$defs/".length) ?? "";
    const inner = made[name];
    if (inner?.anyOf === undefined) return [one];
    // Only these stand for it from now on.
    delete made[name];
    return variants(inner, made);
  });
}

async function readTypes(): Promise<Types> {
  const types = new Map<string, Declaration>();
  const files = [
    SOURCE,
    "src/responses/events.ts",
    "src/responses/limits.ts",
    "src/base/errors.ts",
  ];
  const { success, stdout, stderr } = await denoOutput(["doc", "-q", "--json", ...files]);
  if (!success) throw new Error(stderr);
  const { nodes }: {
    nodes: Record<string, { symbols: { name: string; declarations: Declaration[] }[] }>;
  } = JSON.parse(stdout);
  for (const { symbols } of Object.values(nodes)) {
    for (const { name, declarations } of symbols) {
      const declaration = declarations.find(({ kind }) =>
        kind === "interface" || kind === "typeAlias"
      );
      if (declaration !== undefined) types.set(name, declaration);
    }
  }
  return types;
}

type Ref = (name: string) => Schema;

function schemaOf(types: Types, name: string, ref: Ref): Schema {
  const declaration = types.get(name);
  if (declaration === undefined) throw new Error(`${ROOT.pathname}: no type ${name}`);
  const { def, jsDoc } = declaration;
  const schema = def.tsType === undefined
    ? objectSchema(propertiesOf(types, name), types, ref)
    : typeSchema(def.tsType, types, ref);
  const description = oneLine(jsDoc?.doc);
  return description === undefined ? schema : { description, ...schema };
}

function oneLine(doc: string | undefined): string | undefined {
  return doc?.replace(/\s+/g, " ").replace(/\{@link(?:code)? ([^}]+)\}/g, "$1").trim();
}

/** The members of a type that is an object, those that it has from others too. */
function propertiesOf(types: Types, name: string): readonly Property[] {
  const def: Declaration["def"] = types.get(name)?.def ?? {};
  if (def.tsType !== undefined) return membersOf(def.tsType, types);
  const inherited = (def.extends ?? []).flatMap((type) => membersOf(type, types));
  return [...inherited, ...def.properties ?? []];
}

function membersOf(type: TsType, types: Types): readonly Property[] {
  switch (type.kind) {
    case "typeLiteral":
      return (type.value as { properties: Property[] }).properties;
    case "parenthesized":
      return membersOf(type.value as TsType, types);
    case "intersection":
      return (type.value as TsType[]).flatMap((one) => membersOf(one, types));
    case "typeRef": {
      const { typeName, typeParams = [] } = type.value as {
        typeName: string;
        typeParams?: TsType[];
      };
      const [of, keys] = typeParams;
      if (of === undefined) return propertiesOf(types, typeName);
      const members = membersOf(of, types);
      if (typeName === "Partial") return members.map((one) => ({ ...one, optional: true }));
      if (typeName === "Omit" && keys !== undefined) {
        const names = literals(keys);
        return members.filter((one) => !names.includes(one.name));
      }
    }
  }
  throw new Error(`no object: ${JSON.stringify(type)}`);
}

function literals(type: TsType): readonly unknown[] {
  const types = type.kind === "union" ? type.value as TsType[] : [type];
  return types.map((one) => literal(one));
}

function literal({ value }: TsType): unknown {
  const { kind, ...rest } = value as { kind: string } & Record<string, unknown>;
  return rest[kind];
}

function typeSchema(type: TsType, types: Types, ref: Ref): Schema {
  switch (type.kind) {
    case "keyword":
      return type.value === "unknown" ? {} : { type: String(type.value) };
    case "literal":
      return { const: literal(type) };
    case "parenthesized":
      return typeSchema(type.value as TsType, types, ref);
    case "typeOperator":
      return typeSchema((type.value as { tsType: TsType }).tsType, types, ref);
    case "array":
      return { type: "array", items: typeSchema(type.value as TsType, types, ref) };
    case "union": {
      const members = type.value as TsType[];
      if (members.every(({ kind }) => kind === "literal")) return { enum: members.map(literal) };
      return { anyOf: members.map((one) => typeSchema(one, types, ref)) };
    }
    case "typeRef": {
      const { typeName, typeParams = [] } = type.value as {
        typeName: string;
        typeParams?: TsType[];
      };
      if (typeParams.length === 0) return ref(typeName);
    }
  }
  return objectSchema(membersOf(type, types), types, ref);
}

function objectSchema(members: readonly Property[], types: Types, ref: Ref): Schema {
  const properties: Record<string, Schema> = {};
  for (const { name, tsType, jsDoc } of members) {
    const schema = tsType === undefined ? {} : typeSchema(tsType, types, ref);
    const description = oneLine(jsDoc?.doc);
    const plain = description === undefined || schema.const !== undefined;
    properties[name] = plain ? schema : { description, ...schema };
  }
  const required = members.filter(({ optional }) => !optional).map(({ name }) => name);
  return { type: "object", properties, required };
}
