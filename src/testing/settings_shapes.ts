/** The shapes of everything in a scenario but its turns: account, sign-in, rules, limits, faults. */
import { isObject } from "../base/json.ts";
import {
  anything,
  base64,
  bodyFits,
  connection,
  count,
  duration,
  headerPatterns,
  headers,
  nothing,
  number,
  onOff,
  pattern,
  route,
  status,
  text,
  times,
} from "./basic_shapes.ts";
import type { ModelEntry } from "./backend/catalogue.ts";
import type { Expectation, Times } from "./expectation.ts";
import type { Fault } from "./faults.ts";
import type {
  AccountSettings,
  BrowserSettings,
  DeviceSettings,
  LimitSettings,
  RefreshSettings,
  RuleSettings,
  TokenSettings,
  WindowSettings,
  Workspace,
} from "./scenario.ts";
import {
  either,
  list,
  may,
  must,
  named,
  object,
  oneOf,
  ruled,
  type Shape,
  type ShapeProblem,
} from "./shape.ts";

/** Who signs in. */
export const account: Shape<AccountSettings> = object<AccountSettings>({
  email: may(text, "The e-mail address, ada@example.com by default"),
  userId: may(text, "The user's id"),
  plan: may(text, "The plan of the only workspace, plus by default"),
  id: may(text, "The id of the only workspace"),
  workspaces: may(
    list(object<Workspace>({
      id: must(text, "Its id, which requests name in chatgpt-account-id"),
      plan: must(text, "Its plan, such as plus, pro or business"),
      title: may(text, "What a person reads"),
    })),
    "Several workspaces; the first is signed in to",
  ),
});

/** What the tokens look like. */
export const tokens: Shape<TokenSettings> = object<TokenSettings>({
  lifetimeSeconds: may(number, "How long an access token lives, 864000 by default"),
  opaqueAccess: may(onOff, "Makes access tokens that are no JWT"),
  omitClaims: may(list(text), "Claims to leave out, such as exp or chatgpt_account_id"),
  omitFields: may(list(text), "Members of the code exchange's answer to leave out"),
});

/** The device flow. */
export const device: Shape<DeviceSettings> = object<DeviceSettings>({
  approveAfter: may(
    either(count(1), oneOf("page")),
    "At which poll the code is granted, 2 by default; page waits for the device page",
  ),
  outcome: may(oneOf("approve", "deny", "expire"), "What comes then"),
  pendingStatus: may(
    either(oneOf(403, 404), oneOf("alternate")),
    "The status while nothing is decided",
  ),
  interval: may(
    either(text, number, nothing),
    'Seconds between two polls, "1" by default; a number as no service sends it, or null for none',
  ),
  expiresIn: may(
    either(number, nothing),
    "How long a code lives, in seconds, 900 by default; null leaves the instant out",
  ),
  disabled: may(
    either(onOff, oneOf("account")),
    "true answers 404; account gives a code that is never granted",
  ),
  slowDown: may(onOff, "Answers a poll that comes too soon with slow_down"),
});

/** The browser flow. */
export const browser: Shape<BrowserSettings> = object<BrowserSettings>({
  outcome: may(
    oneOf("approve", "deny", "wrong-state", "no-state", "no-code", "page", "never"),
    "What the authorize page does; page waits for a click in a real browser",
  ),
  error: may(text, "The error that deny sends, access_denied by default"),
  description: may(text, "What deny says about it"),
  anyPort: may(onOff, "Lets the browser come back to any loopback port"),
  apiKey: may(text, "Makes the exchange for an API key succeed with this key"),
});

/** A refresh. */
export const refresh: Shape<RefreshSettings> = object<RefreshSettings>({
  rotate: may(onOff, "Whether a refresh gives a new refresh token; it does by default"),
  detectReuse: may(onOff, "Whether a spent refresh token is refused; it is by default"),
  graceSeconds: may(number, "For how many seconds a spent refresh token is still taken"),
  revokeFamily: may(onOff, "Whether a refused reuse ends the whole sign-in"),
  omitFields: may(list(text), "Members of the answer to leave out, such as id_token"),
  switchTo: may(text, "Another workspace that the new tokens are for"),
});

/** A model. */
export const model: Shape<ModelEntry> = object<{ readonly slug: string }>({
  slug: must(text, "What a request names; any other member of the entry may stand beside it"),
}, true);

/** How strict the backend is. */
export const rules: Shape<RuleSettings> = object<RuleSettings>({
  newestTokenOnly: may(onOff, "Accepts only the newest access token of a sign-in"),
  accountHeader: may(oneOf("required", "optional"), "Whether chatgpt-account-id must be there"),
  instructions: may(
    oneOf("required", "optional"),
    "Whether the classic shape needs instructions; it does by default",
  ),
  wantsLite: may(list(text), "Models that answer 404 to a request in the classic shape; * is all"),
  wantsIdentity: may(list(text), "Models that answer 404 to every program but the official one"),
  wantsNewer: may(list(text), "Models that ask for a newer version"),
  maxBodyBytes: may(count(), "The largest body in bytes; larger ones get 413"),
});

const window: Shape<WindowSettings> = named("Window", () =>
  object<WindowSettings>({
    usedPercent: may(number, "How much of it is used, in whole percent"),
    windowMinutes: may(number, "How long it is, in minutes"),
    resetsIn: may(number, "Seconds until it begins anew"),
  }));

/** The allowance. */
export const limits: Shape<LimitSettings> = object<LimitSettings>({
  primary: may(either(window, nothing), "The short window: 5 hours"),
  secondary: may(either(window, nothing), "The long window: 7 days"),
  credits: may(
    object<NonNullable<LimitSettings["credits"]>>({
      balance: may(text, "How much is left"),
      unlimited: may(onOff, "Whether there is no end"),
    }),
    "Bought credits",
  ),
});

/** What goes wrong on a route. */
export const fault: Shape<Fault> = ruled(
  object<Fault>({
    route: must(either(route, oneOf("any")), "Where; any means on every route"),
    times: may(times, "How many requests it spoils, 1 by default"),
    skip: may(count(), "How many requests it lets pass before"),
    status: may(status, "Answers with this status"),
    body: may(anything, "The body: a text as it is, anything else as JSON"),
    base64: may(base64, "The body as base64, where it is no text"),
    headers: may(headers, "Headers of the answer"),
    delayMs: may(duration, "Waits so long first"),
    cutAfterBytes: may(count(), "Breaks the connection after so many bytes of the body"),
    stallAfterBytes: may(count(), "Sends nothing more after so many bytes of the body"),
    bytesPerWrite: may(count(1), "Sends the body so many bytes at a time"),
    writeEveryMs: may(duration, "The pause between two such writes"),
    connection: may(connection, "Drops the connection, or leaves it without an answer"),
    effect: may(onOff, "Lets the request take effect before its answer is spoilt"),
  }),
  bodyFits("status", "body", "base64"),
);

function timesFit(value: unknown): ShapeProblem | undefined {
  if (!isObject(value)) return undefined;
  const { atLeast, atMost } = value;
  if (typeof atLeast !== "number" || typeof atMost !== "number" || atLeast <= atMost) {
    return undefined;
  }
  return { path: "/atMost", message: `must not be less than "atLeast", ${atLeast}` };
}

/** A request that is expected. */
export const expectation: Shape<Expectation> = object<Expectation>({
  route: may(route, "What it is for, responses by default"),
  times: may(
    either(
      count(),
      ruled(
        object<Times>({
          atLeast: may(count(), "The least, 0 by default"),
          atMost: may(count(), "The most; any number by default"),
        }),
        timesFit,
      ),
    ),
    "How many must come, 1 by default; 0 means that none may",
  ),
  model: may(text, "The model that it names"),
  effort: may(either(text, nothing), "The effort that it names; null means none"),
  prompt: may(pattern, "The last user text"),
  headers: may(headerPatterns, "Headers; null means that there is none"),
  body: may(anything, "Members of the body: objects may hold more than is named here"),
});
