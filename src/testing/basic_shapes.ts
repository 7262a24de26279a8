/** The small shapes that scenarios are made of: texts, numbers, patterns, headers. */
import { isObject } from "../base/json.ts";
import { isBodiless } from "./answers.ts";
import type { Expectation } from "./expectation.ts";
import type { Json } from "./json.ts";
import { type Route, ROUTE_NAMES } from "./routes.ts";
import {
  either,
  map,
  may,
  named,
  object,
  oneOf,
  type Shape,
  type ShapeProblem,
  simple,
} from "./shape.ts";
import { matcher, type TextPattern } from "./text_pattern.ts";
import type { ConnectionFault } from "./turns.ts";

/** Any text. */
export const text: Shape<string> = simple("a text", isText, { type: "string" });

/** `true` or `false`. */
export const onOff: Shape<boolean> = simple(
  "true or false",
  (value) => typeof value === "boolean",
  { type: "boolean" },
);

/** `null`. */
export const nothing: Shape<null> = simple("null", (value) => value === null, { type: "null" });

/** Anything that JSON can hold. */
export const anything: Shape<Json> = simple("a value", () => true, {});

/** An object of anything. */
export const anyObject: Shape<{ readonly [key: string]: Json }> = map(anything);

/** A whole number from a least one up. */
export function count(least: number = 0, most: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  const end = most === Number.MAX_SAFE_INTEGER ? "up" : `to ${most}`;
  return simple(
    `a whole number from ${least} ${end}`,
    (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
    {
      type: "integer",
      minimum: least,
      ...(most === Number.MAX_SAFE_INTEGER ? {} : { maximum: most }),
    },
  );
}

/** Milliseconds, parts of them included. */
export const duration: Shape<number> = simple(
  "a number of milliseconds",
  (value) => typeof value === "number" && value >= 0,
  { type: "number", minimum: 0 },
);

/** Any number. */
export const number: Shape<number> = simple(
  "a number",
  (value) => typeof value === "number",
  { type: "number" },
);

/** A status that HTTP knows and a server may send by itself. */
export const status: Shape<number> = count(200, 599);

/** The rule that an answer without a body is given none: where its status is, and where a body. */
export function bodyFits(
  statusAt: string,
  ...bodyAt: readonly string[]
): (value: unknown) => ShapeProblem | undefined {
  return (value) => {
    const code = isObject(value) ? value[statusAt] : undefined;
    if (!isObject(value) || typeof code !== "number" || !isBodiless(code)) return undefined;
    const given = bodyAt.find((name) => value[name] !== undefined && value[name] !== "");
    if (given === undefined) return undefined;
    return { path: `/${given}`, message: `must not be there: HTTP has no body with ${code}` };
  };
}

/** An instant. */
export const instant: Shape<string> = simple(
  "an instant such as 2027-01-15T08:00:00Z",
  (value) => isText(value) && !Number.isNaN(Date.parse(value)),
  { type: "string", format: "date-time" },
);

/** Bytes as text. */
export const base64: Shape<string> = simple(
  "base64",
  (value) => isText(value) && succeeds(() => atob(value)),
  { type: "string", contentEncoding: "base64" },
);

/** How often. */
export const times: Shape<number | "always"> = either(count(1), oneOf("always"));

/** A text that is looked for, or a regular expression between slashes. */
const shortPattern: Shape<string> = simple(
  "a text, or a regular expression between slashes",
  (value) => isText(value) && succeeds(() => matcher(value)),
  { type: "string" },
);

const expression: Shape<string> = simple(
  "a regular expression",
  (value) => isText(value) && succeeds(() => matcher({ matches: value })),
  { type: "string", format: "regex" },
);

/** What a text is held against. */
export const pattern: Shape<string | TextPattern> = named("Pattern", () =>
  either(
    shortPattern,
    object<TextPattern>({
      contains: may(text, "A part of the text"),
      exact: may(text, "All of the text"),
      matches: may(expression, "A regular expression, without slashes"),
    }),
  ));

/** A name and a value that `Headers` takes. */
export const headers: Shape<Readonly<Record<string, string>>> = {
  ...map(text),
  check(value, path, problems) {
    const before = problems.length;
    map(text).check(value, path, problems);
    if (problems.length > before) return;
    const fits = succeeds(() => new Headers(Object.entries(Object(value)).map(pairOf)));
    if (!fits) problems.push({ path, message: "must be names and values that HTTP allows" });
  },
};

/** What a request is for. */
export const route: Shape<Route> = named("Route", () => oneOf(...ROUTE_NAMES));

/** How a connection ends. */
export const connection: Shape<ConnectionFault> = oneOf(
  "refused",
  "reset",
  "dns",
  "certificate",
  "hang",
);

/** The headers of an expectation. */
export const headerPatterns: Shape<NonNullable<Expectation["headers"]>> = map(
  either(pattern, nothing),
);

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function pairOf([name, value]: readonly [string, unknown]): [string, string] {
  return [name, String(value)];
}
