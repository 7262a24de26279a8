/** What a simulator takes beside its scenario, held against what it may be. */
import { CodexError } from "../base/errors.ts";
import { isObject } from "../base/json.ts";
import {
  ADDRESS,
  ANYTHING,
  checkOptions,
  FUNCTION,
  type Needed,
  NUMBER,
  refused,
  TEXT,
} from "./argument_check.ts";
import type { SimulatorClock } from "./clock.ts";
import type { ExpectationProblem } from "./expectation.ts";
import type { ListenOptions } from "./listener.ts";
import type { RecordedRequest } from "./recorded.ts";
import { ROUTE_NAMES } from "./routes.ts";

/** Where a simulator listens. */
export interface SimulatorAddresses {
  /** The issuer. */
  readonly issuer: URL;
  /** The model backend for ChatGPT sign-ins. */
  readonly baseUrl: URL;
  /** The public API for keys. */
  readonly apiBaseUrl: URL;
  /** The environment that points a program there, proxies left out of it. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a ready-made sign-in differs from the default one. */
export interface SignInOptions {
  /** The issuer to note as its own; the production one by default. */
  readonly issuer?: string | URL;
  /** The base URL to note as its own; the production one by default. */
  readonly baseUrl?: string | URL;
  /** Seconds that its access token lives; a negative number makes it expired already. */
  readonly lifetimeSeconds?: number;
  /** The id of the workspace, the first by default. */
  readonly accountId?: string;
}

/** What a simulator takes beside its scenario, and no file can hold. */
export interface SimulatorOptions {
  /** Time of the caller's own, in place of the simulator's. */
  readonly clock?: SimulatorClock;
  /** Told of each request once it is answered or dropped; a stream may still be on its way. */
  readonly onRequest?: (request: RecordedRequest) => void;
  /** Told of each request that is not what the scenario expects, as it comes. */
  readonly onProblem?: (problem: ExpectationProblem) => void;
}

const OPTIONS: Readonly<Record<keyof SimulatorOptions, Needed>> = {
  clock: [
    "a clock with now(), after() and advance()",
    (value) => isObject(value) && ["now", "after", "advance"].every((name) => name in value),
  ],
  onRequest: FUNCTION,
  onProblem: FUNCTION,
};

const LISTEN_OPTIONS: Readonly<Record<keyof ListenOptions, Needed>> = {
  port: [
    "a port from 0 to 65535",
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  ],
  tls: [
    "{ cert, key } as PEM text",
    (value) =>
      isObject(value) && typeof value["cert"] === "string" && typeof value["key"] === "string",
  ],
};

/** What `listen()` gives is good as it is. */
const SIGN_IN_OPTIONS: Readonly<Record<keyof SignInOptions | keyof SimulatorAddresses, Needed>> = {
  issuer: ADDRESS,
  baseUrl: ADDRESS,
  lifetimeSeconds: NUMBER,
  accountId: TEXT,
  apiBaseUrl: ANYTHING,
  env: ANYTHING,
};

/** Checks the second argument of `createSimulator()`. */
export function checkMade(options: unknown): void {
  checkOptions(options, OPTIONS, "createSimulator()");
}

/** Checks the options of `listen()`. */
export function checkListen(options: unknown): void {
  checkOptions(options, LISTEN_OPTIONS, "listen()");
}

/** Checks the options of `signIn()`. */
export function checkSignIn(options: unknown): void {
  checkOptions(options, SIGN_IN_OPTIONS, "signIn()");
}

/** Refuses a route that there is not: nothing could ever be asked of it. */
export function checkRoute(route: unknown): void {
  if (ROUTE_NAMES.some((name) => name === route)) return;
  throw refused(`"${route}" is none of the simulator's routes`, ROUTE_NAMES);
}

/** It would answer from a past that its test has left behind. */
export function disposed(): CodexError {
  return new CodexError("invalid_usage", "The simulator was disposed of", {
    hint: "Dispose of it when nothing asks it any more",
  });
}
