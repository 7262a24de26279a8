/** The network part of `codex doctor`: addresses, proxy, certificates, reach and the clock. */
import { timeLimit } from "../../base/clock.ts";
import { CodexError } from "../../base/errors.ts";
import { hostOf, networkError } from "../../base/http.ts";
import type { Env } from "../../base/platform.ts";
import { type AuthorityFile, authorityFile, readAuthorities } from "../../base/platform_fetch.ts";
import { redact } from "../../base/redact.ts";
import type { Context } from "../../client/context.ts";
import { type Addresses, PRODUCTION } from "../../protocol/endpoints.ts";
import { formatDuration } from "../time.ts";
import { failed, type Finding, note, ok } from "./finding.ts";

/** A clock that is this far off makes tokens look good or old when they are not: near a refresh's margin. */
const MAX_SKEW_MS = 240_000;
const TIMEOUT_MS = 10_000;

/** Variables that change how requests are made, and who they say they are from. */
const OVERRIDES: readonly string[] = ["CODEX_ORIGINATOR", "CODEX_CLIENT_VERSION"];
/** The proxy variables that Deno honours (2.9.6), each also in small letters. */
const PROXIES: readonly string[] = ["HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY"];

/** Looks at what the environment changes; nothing is sent. */
export async function checkEnvironment(
  env: Env,
  addresses: Addresses,
): Promise<readonly Finding[]> {
  const either = (name: string) => env(name) ?? env(name.toLowerCase());
  const noProxy = either("NO_PROXY");
  return [
    ...(["issuer", "baseUrl", "apiBaseUrl"] as const)
      .filter((member) => addresses[member] !== PRODUCTION[member])
      .map((member) => note("address", `${member} is ${addresses[member]}`)),
    ...OVERRIDES.flatMap((name) => {
      const value = env(name);
      return value === undefined ? [] : [note("override", `${name} is ${redact(value)}`)];
    }),
    ...PROXIES.flatMap((name) => {
      const value = either(name);
      return value === undefined ? [] : [checkProxy(name, value)];
    }),
    ...(noProxy === undefined ? [] : [checkNoProxy(noProxy)]),
    ...await checkAuthorities(env),
  ];
}

/** The files with more certificates: one of ours, and the one that Deno adds by itself. */
async function checkAuthorities(env: Env): Promise<readonly Finding[]> {
  const used = authorityFile(env);
  const path = env("DENO_CERT");
  return [
    ...(used === undefined ? [] : [await checkAuthority(used)]),
    ...(used?.variable === "CODEX_CA_CERTIFICATE" && env("SSL_CERT_FILE") !== undefined
      ? [note("authority", "SSL_CERT_FILE has no effect: CODEX_CA_CERTIFICATE counts instead")]
      : []),
    ...(path === undefined ? [] : [await checkAuthority({ variable: "DENO_CERT", path })]),
  ];
}

async function checkAuthority(file: AuthorityFile): Promise<Finding> {
  try {
    await readAuthorities(file);
    return ok("authority", `${file.variable} adds the certificates of ${file.path}`);
  } catch (error) {
    return failed("authority", error);
  }
}

/** The proxy's user and password, if it has any, are nobody's business. */
function checkProxy(name: string, value: string): Finding {
  const host = URL.parse(value.includes("://") ? value : `http://${value}`)?.host;
  return host
    ? note("proxy", `${name} leads through ${host}`)
    : note("proxy", `${name} holds no address that can be read`, `Unset ${name}, or correct it`);
}

function checkNoProxy(value: string): Finding {
  return /(^|,)\s*\*\s*(,|$)/.test(value)
    ? note("proxy", '"*" in NO_PROXY has no effect', "Unset HTTPS_PROXY for this command instead")
    : ok("proxy", `NO_PROXY leaves out ${redact(value)}`);
}

/** Asks the issuer and the backend for their time; neither is told who asks. */
export async function checkReach(
  context: Context,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { addresses } = context;
  const origins = new Set([addresses.issuer, addresses.baseUrl].map((url) => new URL(url).origin));
  const answers = await Promise.all([...origins].map((origin) => ask(origin, context, signal)));
  const skews = answers.flatMap(({ skew }) => (skew === undefined ? [] : [skew]));
  // The server that agrees most: an error page may come from a cache.
  const [skew] = skews.sort((one, other) => Math.abs(one) - Math.abs(other));
  return [
    ...answers.map(({ finding }) => finding),
    ...(skew === undefined ? [] : [checkClock(skew)]),
  ];
}

/** What came of asking a server. */
interface ServerAnswer {
  readonly finding: Finding;
  /** How far this machine's clock is ahead of the server's, in milliseconds. */
  readonly skew?: number;
}

async function ask(
  origin: string,
  { fetch, clock, identity }: Context,
  signal: AbortSignal,
): Promise<ServerAnswer> {
  const host = hostOf(origin);
  using limit = timeLimit(clock, TIMEOUT_MS, () => tooSlow(host), signal);
  const asked = clock.now();
  let response: Response;
  try {
    // Whatever it answers, a redirect too, shows that it is there and what time it has.
    response = await fetch(`${origin}/`, {
      method: "HEAD",
      headers: identity,
      redirect: "manual",
      signal: limit.signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    const reason = limit.signal.aborted ? limit.signal.reason : networkError(error, host);
    return { finding: failed("reach", reason) };
  }
  await response.body?.cancel();
  const answered = clock.now();
  const finding = ok("reach", `${host} answers in ${Math.round(answered - asked)} ms`);
  const theirs = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(theirs) ? { finding } : { finding, skew: (asked + answered) / 2 - theirs };
}

function tooSlow(host: string): CodexError {
  return new CodexError("network", `No answer from ${host} within ${TIMEOUT_MS / 1000} s`, {
    hint: "Check the connection, then try again",
  });
}

function checkClock(skew: number): Finding {
  if (Math.abs(skew) <= MAX_SKEW_MS) return ok("clock", "agrees with the server's");
  const far = formatDuration(Math.abs(skew));
  return skew > 0
    ? note("clock", `${far} ahead of the server's: tokens are renewed too often`, SET_CLOCK)
    : note("clock", `${far} behind the server's: tokens look good that have expired`, SET_CLOCK);
}

const SET_CLOCK = "Set this machine's clock";
