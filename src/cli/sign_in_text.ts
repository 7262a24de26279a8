/** A sign-in in words: what is asked for, who has come, and who is there. */
import type { Account } from "../auth/account.ts";
import { PRODUCTION } from "../protocol/endpoints.ts";
import { formatDuration, formatWhen } from "./time.ts";

/** Plans with little or no allowance; the server decides. */
const SMALL_PLANS: ReadonlySet<string> = new Set(["free", "free_workspace", "guest"]);

/** A browser sign-in that waits, as far as a person needs to know. */
export interface AddressToOpen {
  /** The address. */
  readonly url: string;
  /** The port that the browser comes back to. */
  readonly port: number;
  /** Ports that were wanted first. */
  readonly busy: readonly number[];
  /** How long it is waited for, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether a browser was started here. */
  readonly opened: boolean;
  /** Whether the address that the browser ends on can be pasted. */
  readonly paste: boolean;
  /** Whether the browser is likely to be elsewhere. */
  readonly remote: boolean;
  /** Whether this terminal came over SSH, so that a port can be forwarded. */
  readonly ssh: boolean;
}

/** What is said about a browser sign-in that waits. */
export function describeAddress(wait: AddressToOpen): readonly string[] {
  const { url, port, busy, opened, timeoutMs } = wait;
  return [
    ...(busy.length === 0 ? [] : [
      `Port ${busy.join(", ")} is taken, perhaps by another sign-in that waits: using ${port}.`,
      "",
    ]),
    opened
      ? "Sign in with the browser that opens. If none does, open this address:"
      : "Open this address in a browser, and sign in:",
    "",
    `  ${url}`,
    "",
    ...elsewhere(wait),
    `Waiting ${formatDuration(timeoutMs)} for you (Ctrl-C to stop).`,
  ];
}

/** What to do when the browser is on another machine. */
function elsewhere({ port, paste, remote, ssh }: AddressToOpen): readonly string[] {
  const instead = paste
    ? remote
      ? [
        "Is the browser on another machine? It ends on an address that it cannot open:",
        "paste that address here.",
      ]
      : ["Is the browser on another machine? Paste here the address that it ends on."]
    : ["Is the browser on another machine? Use: codex login --headless"];
  if (!ssh) return instead;
  return [
    ...instead,
    "Or let it come back by itself: run this where the browser is, then sign in.",
    "",
    `  ssh -L ${port}:127.0.0.1:${port} HOST`,
    "",
  ];
}

/** A code of a headless sign-in, as far as a person needs to know. */
export interface CodeToType {
  /** The page to open. */
  readonly url: string;
  /** The code to type there. */
  readonly code: string;
}

/** What is said about a headless sign-in that waits. */
export function describeCode({ url, code }: CodeToType): readonly string[] {
  return [
    "Open this page on any device, and sign in:",
    "",
    `  ${url}`,
    "",
    "Then type this code there:",
    "",
    `  ${code}`,
    "",
    "Only go on if you started this yourself: nobody else needs this code.",
    "If the page takes no codes, switch them on in ChatGPT (Settings, Security),",
    "or sign in with: codex login --browser",
    "",
  ];
}

/** What is said when somebody has signed in. */
export function describeSignIn(account: Account): readonly string[] {
  const lines = [`Signed in${who(account)}.`];
  const note = noteOnPlan(account.plan);
  if (note !== undefined) lines.push(note);
  const { accountId, workspaces = [] } = account;
  if (workspaces.length > 1) {
    lines.push(`You are a member of several workspaces: ${namesOf(workspaces)}.`);
    if (accountId !== undefined) lines.push(`This sign-in is for the account ${accountId}.`);
    lines.push(
      "For another, sign in again and choose it on the page. To be sure which account",
      "it is: codex login --workspace ACCOUNT",
    );
  }
  return lines;
}

/** What is said about a plan that may not be enough. */
export function noteOnPlan(plan: string | undefined): string | undefined {
  return plan !== undefined && SMALL_PLANS.has(plan)
    ? `The plan "${plan}" has little or no allowance for this; the service decides.`
    : undefined;
}

/** What `codex status` prints. */
export function describeStatus(account: Account, now: number): readonly (readonly string[])[] {
  const { method, email, accountId, plan, issuer, workspaces = [] } = account;
  const rows: (readonly string[])[] = [["Signed in", describeMethod(account)]];
  if (email !== undefined) rows.push(["Person", email]);
  if (accountId !== undefined) rows.push(["Account", accountId]);
  if (workspaces.length > 1) rows.push(["Workspaces", namesOf(workspaces)]);
  if (plan !== undefined) rows.push(["Plan", plan]);
  if (issuer !== undefined && issuer !== PRODUCTION.issuer) rows.push(["Issuer", issuer]);
  if (method === "chatgpt") rows.push(["Access token", describeToken(account, now)]);
  return rows;
}

/** The same in three cells of a table: who, with which plan, until when. */
export function summarize(account: Account, now: number): readonly string[] {
  const { method, email, accountId, plan = "" } = account;
  return method === "api-key"
    ? ["an API key", "", ""]
    : [email ?? accountId ?? "ChatGPT", plan, describeToken(account, now)];
}

function describeMethod({ method }: Account): string {
  return method === "api-key" ? "with an API key" : "with ChatGPT";
}

function describeToken({ state, expiresAt, reason }: Account, now: number): string {
  const end = expiresAt === undefined
    ? "at an unknown time"
    : formatWhen(Date.parse(expiresAt), now);
  switch (state) {
    case "valid":
      return goodUntil(expiresAt, now);
    case "renews":
      return "renews at next use";
    case "expired":
      return `ended ${end}`;
    case "over":
      return `cannot be renewed (${reason ?? "refused"}): sign in again`;
  }
}

/** How long an access token is good. */
export function goodUntil(expiresAt: string | undefined, now: number): string {
  return expiresAt === undefined
    ? "good for an unknown time"
    : `good until ${formatWhen(Date.parse(expiresAt), now)}`;
}

function namesOf(workspaces: NonNullable<Account["workspaces"]>): string {
  return workspaces.map(({ id, title }) => (title === undefined ? id : `${title} (${id})`))
    .join(", ");
}

function who({ method, email, accountId, plan }: Account): string {
  if (method === "api-key") return " with an API key";
  const name = email ?? accountId;
  return `${name === undefined ? "" : ` as ${name}`}${plan === undefined ? "" : `, plan ${plan}`}`;
}
