/** Scenarios as plain JSON: what a file may hold, and the scenario that it means. */
import { CodexError } from "../base/errors.ts";
import { isObject } from "../base/json.ts";
import { count, instant, onOff, text, times } from "./basic_shapes.ts";
import type { Fault } from "./faults.ts";
import type { Scenario } from "./scenario.ts";
import {
  account,
  browser,
  device,
  expectation,
  fault,
  limits,
  model,
  refresh,
  rules,
  tokens,
} from "./settings_shapes.ts";
import {
  conforms,
  type Definitions,
  type JsonSchema,
  list,
  may,
  must,
  object,
  oneOf,
  pointerPart,
  problemsOf,
  type Shape,
  type ShapeProblem,
} from "./shape.ts";
import { type FileTurn, fileTurn, turnOf } from "./short_turns.ts";
import { refreshFails, type RefreshFailure } from "./sign_in_builders.ts";
import type { Turn } from "./turns.ts";

/** The most mistakes that are told at once. */
const MOST_TOLD = 8;

/** How deep a scenario may be nested: what reads it goes down with it. */
const MOST_LEVELS = 64;

/** A refresh that is refused, in short: `{ "refreshFails": "refresh_token_expired" }`. */
type RefusedRefresh = Pick<Fault, "times" | "skip"> & { readonly refreshFails: RefreshFailure };

/** What a file holds: a scenario whose turns and faults may be written in short. */
type ScenarioFile = Omit<Scenario, "turns" | "faults"> & {
  readonly $schema?: string;
  readonly turns?: readonly FileTurn[];
  readonly faults?: readonly (Fault | RefusedRefresh)[];
};

const refreshFailure: Shape<RefreshFailure> = oneOf(
  "refresh_token_expired",
  "refresh_token_reused",
  "refresh_token_invalidated",
  "refresh_token_revoked",
  "invalid_grant",
  "token_expired",
  "app_session_terminated",
  "unsupported_country_region_territory",
);

const refusedRefresh: Shape<RefusedRefresh> = object<RefusedRefresh>({
  refreshFails: must(refreshFailure, "A refresh is refused, with this code"),
  times: may(times, "How many requests it spoils, 1 by default"),
  skip: may(count(), "How many requests it lets pass before"),
});

const fileFault: Shape<Fault | RefusedRefresh> = {
  name: "a fault",
  check(value, path, problems) {
    const isShort = isObject(value) && Object.hasOwn(value, "refreshFails");
    (isShort ? refusedRefresh : fault).check(value, path, problems);
  },
  schema: (definitions) => ({
    anyOf: [refusedRefresh.schema(definitions), fault.schema(definitions)],
  }),
};

const scenarioFile: Shape<ScenarioFile> = object<ScenarioFile>({
  $schema: may(text, "Where this schema is, for editors"),
  now: may(instant, "The instant at which the simulator's time stands still"),
  seed: may(text, "Part of every id and token; random by default"),
  signedIn: may(onOff, "Whether there is a sign-in at first; there is by default"),
  account: may(account, "Who signs in"),
  tokens: may(tokens, "What the issuer's tokens look like"),
  device: may(device, "How the device flow goes"),
  browser: may(browser, "How the browser flow goes"),
  refresh: may(refresh, "How a refresh goes"),
  models: may(list(model), "The account's models; the service's own list by default"),
  rules: may(rules, "How strict the backend is"),
  limits: may(limits, "How much of the allowance is used"),
  apiKeys: may(list(text), "The keys that the public API takes, sk-simulator by default"),
  turns: may(list(fileTurn), "The turns of the model, in order"),
  reply: may(text, "What the model says when no turn is left"),
  faults: may(list(fileFault), "What goes wrong, on any route"),
  expect: may(list(expectation), "The requests that must come"),
  expectOrder: may(oneOf("strict", "any"), "Whether they must come in their order; strict is"),
});

/**
 * Makes a scenario of the JSON of a scenario file.
 *
 * @param json The parsed JSON. A turn may be written in short: the name of its function with what
 * that takes first, and the options beside it.
 * @returns The scenario, for {@linkcode createSimulator}.
 * @throws CodexError `invalid_usage` that names the place of each mistake as a JSON pointer.
 *
 * @example An answer to a certain prompt, a limit for the next, and what is expected
 * ```ts
 * import { createSimulator, scenarioFromJson } from "@x/codex/testing";
 *
 * const scenario = scenarioFromJson(JSON.parse(`{
 *   "turns": [
 *     { "reply": "It is four.", "when": "2 + 2" },
 *     { "usageLimit": { "resetsIn": 600 } }
 *   ],
 *   "expect": [{ "model": "gpt-5.5", "times": 2 }]
 * }`));
 * await using simulator = createSimulator(scenario);
 * // After the client has run, nothing is wrong:
 * console.log(simulator.problems);
 * ```
 */
export function scenarioFromJson(json: unknown): Scenario {
  const { $schema: _, turns, faults, ...rest } = checked(scenarioFile, json, "scenario");
  return {
    ...rest,
    ...(turns === undefined ? {} : { turns: turns.map(turnOf) }),
    ...(faults === undefined ? {} : { faults: faults.map(faultOf) }),
  };
}

/** The same for turns alone. */
export function turnsFromJson(json: unknown): readonly Turn[] {
  return checked(list(fileTurn), json, "list of turns").map(turnOf);
}

/** The same for faults alone. */
export function faultsFromJson(json: unknown): readonly Fault[] {
  return checked(list(fileFault), json, "list of faults").map(faultOf);
}

function checked<T>(shape: Shape<T>, json: unknown, what: string): T {
  const deep = tooDeep(json, MOST_LEVELS);
  if (deep !== undefined) {
    throw unusable(what, [{ path: deep, message: `is nested deeper than ${MOST_LEVELS} levels` }]);
  }
  if (!conforms(shape, json)) throw unusable(what, problemsOf(shape, json));
  return json;
}

/** The first place that is nested too deep. */
function tooDeep(value: unknown, left: number): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (left === 0) return "";
  for (const [name, inner] of Object.entries(value)) {
    const place = tooDeep(inner, left - 1);
    if (place !== undefined) return `/${pointerPart(name)}${place}`;
  }
  return undefined;
}

/** The JSON Schema of scenario files. */
export function scenarioSchema(): JsonSchema {
  const definitions: Definitions = {};
  const schema = scenarioFile.schema(definitions);
  const sorted = Object.entries(definitions).sort(([one], [other]) => one < other ? -1 : 1);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A scenario of codex simulator, version 1",
    description: "What the simulator does and expects; every member is optional.",
    ...schema,
    $defs: Object.fromEntries(sorted),
  };
}

function faultOf(given: Fault | RefusedRefresh): Fault {
  if (!("refreshFails" in given)) return given;
  const { refreshFails: code, ...options } = given;
  return refreshFails(code, options);
}

function unusable(what: string, problems: readonly ShapeProblem[]): CodexError {
  const told = problems.slice(0, MOST_TOLD).map(({ path, message }) =>
    path === "" ? `it ${message}` : `"${path}" ${message}`
  );
  const more = problems.length - told.length;
  return new CodexError(
    "invalid_usage",
    `The ${what} cannot be used: ${told.join("; ")}${more > 0 ? `; and ${more} more` : ""}`,
    { hint: "Its schema is schema/scenario.v1.json" },
  );
}
