/** A scenario with its defaults filled in. */
import type {
  BrowserSettings,
  DeviceSettings,
  LimitSettings,
  RefreshSettings,
  RuleSettings,
  Scenario,
  TokenSettings,
  WindowSettings,
  Workspace,
} from "./scenario.ts";
import { defined } from "./turn_builders.ts";

/** A scenario with nothing left open. */
export interface Settings {
  /** Whose account it is. */
  readonly email: string;
  /** The user's id. */
  readonly userId: string;
  /** The workspaces, the first being the one signed in to. */
  readonly workspaces: readonly [Workspace, ...Workspace[]];
  /** What the tokens look like. */
  readonly tokens: Required<TokenSettings>;
  /** How the device flow goes. */
  readonly device: Required<DeviceSettings>;
  /** How the browser flow goes. */
  readonly browser: BrowserSettings & Required<Pick<BrowserSettings, "outcome" | "anyPort">>;
  /** How a refresh goes. */
  readonly refresh: RefreshSettings & Required<Omit<RefreshSettings, "switchTo">>;
  /** How strict the backend is. */
  readonly rules: Required<RuleSettings>;
  /** How much of the allowance is used. */
  readonly limits: {
    readonly primary: Required<WindowSettings> | null;
    readonly secondary: Required<WindowSettings> | null;
    readonly credits: LimitSettings["credits"] | undefined;
  };
  /** The keys that the public API takes. */
  readonly apiKeys: readonly string[];
}

/** Fills in the defaults. */
export function settle(scenario: Scenario): Settings {
  const account = scenario.account ?? {};
  const { limits } = scenario;
  const [first, ...others] = account.workspaces ?? [];
  return {
    email: account.email ?? "ada@example.com",
    userId: account.userId ?? "user-simulator-0001",
    workspaces: [
      first ?? { id: account.id ?? "acct-simulator-0001", plan: account.plan ?? "plus" },
      ...others,
    ],
    tokens: {
      lifetimeSeconds: 864_000,
      opaqueAccess: false,
      omitClaims: [],
      omitFields: [],
      ...defined(scenario.tokens ?? {}),
    },
    device: {
      approveAfter: 2,
      outcome: "approve",
      pendingStatus: 403,
      interval: "1",
      expiresIn: 900,
      disabled: false,
      slowDown: false,
      ...defined(scenario.device ?? {}),
    },
    browser: { outcome: "approve", anyPort: false, ...defined(scenario.browser ?? {}) },
    refresh: {
      rotate: true,
      detectReuse: true,
      graceSeconds: 0,
      revokeFamily: false,
      omitFields: [],
      ...defined(scenario.refresh ?? {}),
    },
    rules: {
      newestTokenOnly: false,
      accountHeader: "required",
      instructions: "required",
      wantsLite: [],
      wantsIdentity: [],
      wantsNewer: [],
      maxBodyBytes: Infinity,
      ...defined(scenario.rules ?? {}),
    },
    limits: {
      primary: windowOf(limits?.primary, 12, 300),
      secondary: windowOf(limits?.secondary, 34, 10_080),
      credits: limits?.credits,
    },
    apiKeys: scenario.apiKeys ?? ["sk-simulator"],
  };
}

function windowOf(
  given: WindowSettings | null | undefined,
  usedPercent: number,
  windowMinutes: number,
): Required<WindowSettings> | null {
  if (given === null) return null;
  const minutes = given?.windowMinutes ?? windowMinutes;
  return { usedPercent, windowMinutes: minutes, resetsIn: minutes * 30, ...defined(given ?? {}) };
}
