/** `codex status`. */
import { type Account, describeAccount } from "../../auth/account.ts";
import { checkDestination } from "../../auth/destination.ts";
import { expiredForGood, notSignedIn, signInOver } from "../../auth/errors.ts";
import type { Credentials } from "../../base/credentials.ts";
import { CodexError, exitCodeFor, isCodexError } from "../../base/errors.ts";
import type { Place } from "../../client/place.ts";
import type { Cli, GlobalFlags } from "../cli.ts";
import { openPlace } from "../place.ts";
import { type AllFlag, commandFor, profilesOf } from "../profiles.ts";
import { describeStatus, summarize } from "../sign_in_text.ts";
import { table } from "../table.ts";

/** The options of `codex status`. */
export interface StatusFlags extends AllFlag {
  /** Asks the service whether it takes the sign-in. */
  readonly check?: boolean;
}

/** What was found out about a profile. */
interface Found {
  readonly profile: string;
  /** Absent when nobody is signed in, or it cannot be read. */
  readonly account?: Account;
  /** What came of asking the service, where it was asked. */
  readonly answer?: Answer;
  /** Why the next request would fail. */
  readonly problem?: unknown;
}

/** What came of asking the service. */
interface Answer {
  /** Absent when the service has not said. */
  readonly accepted?: boolean;
  /** In words. */
  readonly text: string;
  /** Why it is not accepted, or not known. */
  readonly problem?: unknown;
}

/** The status of whatever a new sign-in mends. */
const SIGN_IN_STATUS = 3;

/** Says who is signed in; asks the service only when told to. */
export async function status(cli: Cli, flags: StatusFlags & GlobalFlags): Promise<void> {
  const found: Found[] = [];
  for (const each of await profilesOf(cli, flags)) found.push(await look(cli, each, flags));
  if (found.length === 0) throw notSignedIn();
  const now = cli.clock.now();
  await cli.stdout.write(
    flags.json
      ? found.filter(isThere).map(asJson).join("")
      : flags.all
      ? table(found.map((one) => asRow(one, now)))
      : found.map((one) => asText(one, now)).join(""),
  );
  const problem = flags.all ? commonProblem(found) : found[0]?.problem;
  if (problem !== undefined) throw problem;
}

async function look(cli: Cli, flags: GlobalFlags, { check, all }: StatusFlags): Promise<Found> {
  const place = openPlace(cli, flags);
  const { store, profile } = place;
  try {
    if (await store.read() === undefined) return { profile, problem: notSignedIn() };
    const answer = check ? await ask(cli, flags) : undefined;
    // Asking may have renewed it, or found out that it is over.
    const credentials = await store.read();
    if (credentials === undefined) return { profile, problem: notSignedIn() };
    const account = await describeAccount(credentials, cli.clock.now(), store.renewable ?? true);
    const problem = hindrance(credentials, account, place) ?? answer?.problem;
    return { profile, account, ...(answer === undefined ? {} : { answer }), problem };
  } catch (error) {
    // Among several, one that cannot be read does not hide the others.
    if (!all || cli.signal.aborted) throw error;
    return { profile, problem: error };
  }
}

/** Why the next request would fail, as far as is known without asking anybody. */
function hindrance(
  credentials: Credentials,
  { state, reason = "refused" }: Account,
  { store, addresses }: Place,
): unknown {
  try {
    checkDestination(credentials, addresses);
  } catch (error) {
    return error;
  }
  if (state === "over") return signInOver(reason, store.origin);
  return state === "expired" ? expiredForGood(store) : undefined;
}

/** Makes the cheapest request that needs the sign-in. */
async function ask(cli: Cli, flags: GlobalFlags): Promise<Answer> {
  // Without a check nothing is sent, and what sends is not loaded.
  const { openContext } = await import("../context.ts");
  const { signal } = cli;
  try {
    await openContext(cli, flags).catalogue.list({ refresh: true, fallback: false, signal });
    return { accepted: true, text: "accepts it" };
  } catch (problem) {
    signal.throwIfAborted();
    // Refused here already, since it belongs elsewhere: the service has said nothing.
    const notAsked = isCodexError(problem, "sign_in_rejected") && problem.status === undefined;
    if (notAsked) return { text: "was not asked", problem };
    return exitCodeFor(problem) === SIGN_IN_STATUS
      ? { accepted: false, text: "does not accept it", problem }
      : { text: "could not be asked", problem };
  }
}

function isThere({ account, problem }: Found): boolean {
  return account !== undefined || !isCodexError(problem, "not_signed_in");
}

function asJson({ profile, account, answer, problem }: Found): string {
  const record = {
    type: "account",
    profile,
    ...account,
    ...(answer?.accepted === undefined ? {} : { accepted: answer.accepted }),
    ...(account === undefined && isCodexError(problem) ? { error: problem.toJSON() } : {}),
  };
  return `${JSON.stringify(record)}\n`;
}

function asText({ account, answer }: Found, now: number): string {
  if (account === undefined) return "";
  const rows = describeStatus(account, now);
  return table(answer === undefined ? rows : [...rows, ["Service", answer.text]]);
}

function asRow({ profile, account, answer }: Found, now: number): readonly string[] {
  if (account === undefined) return [profile, "cannot be read"];
  return [profile, ...summarize(account, now), ...(answer === undefined ? [] : [answer.text])];
}

/** One failure for several profiles: what it is about, and what mends the first of them. */
function commonProblem(found: readonly Found[]): unknown {
  const bad = found.filter(({ problem }) => problem !== undefined);
  const worst = bad.find(({ problem }) => exitCodeFor(problem) === SIGN_IN_STATUS) ?? bad[0];
  if (worst === undefined || !isCodexError(worst.problem)) return worst?.problem;
  const { profile, problem } = worst;
  return new CodexError(
    problem.code,
    bad.length === 1
      ? `${profile}: ${problem.message}`
      : `${bad.length} of ${found.length} sign-ins cannot be used: ` +
        bad.map((one) => one.profile).join(", "),
    {
      hint: problem.hint?.replaceAll("codex login", `${commandFor(profile)} login`),
      retryable: problem.retryable,
      status: problem.status,
    },
  );
}
