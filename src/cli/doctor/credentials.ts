/** The credential part of `codex doctor`: where the sign-in is, whether it is safe there, what comes next. */
import { type Account, describeAccount } from "../../auth/account.ts";
import { checkDestination } from "../../auth/destination.ts";
import { expiredForGood, notSignedIn, signInOver } from "../../auth/errors.ts";
import type { Credentials } from "../../base/credentials.ts";
import type { Place } from "../../client/place.ts";
import { SIGN_IN_VARIABLES } from "../../client/store_choice.ts";
import { goodUntil } from "../sign_in_text.ts";
import { formatWhen } from "../time.ts";
import { checkFile, checkKeeping } from "./auth_file.ts";
import { failed, type Finding, note, ok, problem } from "./finding.ts";

/** API keys that are not used unless asked for. */
const KEY_VARIABLES: readonly string[] = ["CODEX_API_KEY", "OPENAI_API_KEY"];

/** What to look at, and how. */
export interface CredentialsToCheck extends Place {
  /** What the store had to say since this was last asked. */
  readonly takeWarnings: () => readonly string[];
  /** Ends the checks. */
  readonly signal: AbortSignal;
}

/** Looks at the place of the sign-in, and at the sign-in. Nothing is sent, renewed or changed. */
export async function checkCredentials(check: CredentialsToCheck): Promise<readonly Finding[]> {
  const { path } = check;
  const where = path === undefined ? [sourceOf(check)] : await checkFile(path);
  let credentials: Credentials | undefined;
  try {
    credentials = await check.store.read();
    if (credentials === undefined) throw notSignedIn();
    checkDestination(credentials, check.addresses);
  } catch (error) {
    return [...where, ...told(check), failed("sign-in", error)];
  }
  if (credentials.type === "api") {
    return [
      ...where,
      ...told(check),
      ok("sign-in", "an API key, which is billed and sent as it is"),
    ];
  }
  const { store, clock } = check;
  const unused = KEY_VARIABLES.filter((name) => check.env(name) !== undefined)
    .map((name) => ok("billing", `${name} is set, and not used without --auth api-key`));
  const renewable = store.renewable ?? true;
  const keeping = renewable ? await checkKeeping(store, clock, check.signal) : undefined;
  const account = await describeAccount(credentials, clock.now(), renewable);
  return [
    ...where,
    ...told(check),
    ...(keeping === undefined ? [] : [keeping.finding]),
    ...unused,
    whatComesNext(account, check, {
      isRenewed: renewable && credentials.refresh !== "",
      canKeep: keeping?.works ?? false,
    }),
  ];
}

function sourceOf({ store, env }: Place): Finding {
  switch (store.origin) {
    case "environment": {
      const name = SIGN_IN_VARIABLES.find((variable) => env(variable) !== undefined);
      const kept = store.renewable === false ? "not renewed" : "renewed to the file of --rotate-to";
      return note("source", `the environment (${name ?? "an API key"}), ${kept}`);
    }
    case "codex-cli":
      return note("source", "the official tool's file, only read and never renewed here");
    default:
      return ok("source", "a store of the caller");
  }
}

/** What the store has warned of, such as a file that was open to others. */
function told({ takeWarnings }: CredentialsToCheck): readonly Finding[] {
  return takeWarnings().map((warning) => note("file", warning));
}

/** What is known of the renewal of a sign-in. */
interface Renewal {
  /** Whether it is renewed at all. */
  readonly isRenewed: boolean;
  /** Whether a renewed one could be kept. */
  readonly canKeep: boolean;
}

/** What the next command would do with a ChatGPT sign-in. */
function whatComesNext(
  account: Account,
  { store, clock }: Place,
  { isRenewed, canKeep }: Renewal,
): Finding {
  const { state, expiresAt, reason = "refused" } = account;
  const ends = expiresAt === undefined ? NaN : Date.parse(expiresAt);
  const isLive = ends > clock.now();
  const when = Number.isNaN(ends) ? "at an unknown time" : formatWhen(ends, clock.now());
  const about = "sign-in";
  switch (state) {
    case "valid":
      return ok(
        about,
        `the access token is ${goodUntil(expiresAt, clock.now())} and ${
          isRenewed ? "renewed shortly before" : "not renewed then"
        }`,
      );
    case "renews": {
      const token = `the access token ${isLive ? "ends" : "ended"} ${when}`;
      return canKeep
        ? ok(about, `${token}; the next use renews it`)
        : note(about, `${token}, and cannot be renewed before the problem above is mended`);
    }
    case "expired":
      return problem(about, expiredForGood(store));
    case "over":
      return problem(about, signInOver(reason, store.origin));
  }
}
