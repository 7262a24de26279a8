/**
 * A simulator that listens, with what a program needs to work against it: addresses, a sign-in in
 * a file of its own, the authority of its certificate. The files go with it.
 */
import { providerKey } from "../../auth/store/auth_file.ts";
import { CodexError } from "../../base/errors.ts";
import type { Env } from "../../base/platform.ts";
import { SIGN_IN_VARIABLES } from "../../client/store_choice.ts";
import type { Simulator } from "../../testing/simulator.ts";
import type { SimulatorAddresses } from "../../testing/simulator_options.ts";
import { makeCertificates } from "../../testing/tls.ts";

/** Names that lead to loopback and nowhere else. */
const HOSTS = ["127.0.0.1", "localhost"];

/** What a program needs. */
export interface Desk extends AsyncDisposable {
  /** Where the simulator listens. */
  readonly addresses: SimulatorAddresses;
  /** The environment that a program needs, over the one that it has. */
  readonly env: Readonly<Record<string, string>>;
}

/** How to open one. */
export interface DeskOptions {
  /** The port; 0 is a free one. */
  readonly port: number;
  /** Whether to speak TLS. */
  readonly tls: boolean;
  /** The profile that the sign-in is for, beside the one without a name. */
  readonly profile: string;
  /** Whether there is a sign-in. */
  readonly signedIn: boolean;
  /** The API key that the simulator takes, if any. */
  readonly apiKey: string | undefined;
  /** The environment that it will stand over. */
  readonly outer: Env;
}

/**
 * Lets a simulator listen.
 *
 * @throws CodexError `invalid_usage` for a port that cannot be had.
 */
export async function openDesk(simulator: Simulator, options: DeskOptions): Promise<Desk> {
  const { port, profile, signedIn, apiKey, outer } = options;
  // Asked first: an impossible name must not leave a folder behind.
  const keys = new Set([providerKey(), providerKey(profile)]);
  const certificates = options.tls ? await makeCertificates(HOSTS) : undefined;
  const addresses = await listening(simulator, port, certificates);
  // Deno makes it for its owner alone (0700).
  const folder = await madeFolder(outer);
  try {
    const authFile = `${folder}/auth.json`;
    if (signedIn) {
      const signIns = [...keys].map((key) => [key, simulator.signIn(addresses)]);
      await writeFile(authFile, JSON.stringify(Object.fromEntries(signIns)));
    }
    const authority = `${folder}/ca.pem`;
    if (certificates !== undefined) await writeFile(authority, certificates.ca);
    return {
      addresses,
      env: {
        ...addresses.env,
        ...withoutProxy(outer),
        CODEX_AUTH_FILE: authFile,
        ...(apiKey === undefined ? {} : { CODEX_API_KEY: apiKey }),
        ...withoutSignIn(outer),
        ...(certificates === undefined ? {} : trusting(authority, outer)),
      },
      [Symbol.asyncDispose]: () => removed(folder),
    };
  } catch (error) {
    await removed(folder);
    throw error;
  }
}

/** Takes a folder away with all that is in it; a program may have done so itself. */
async function removed(folder: string): Promise<void> {
  try {
    await Deno.remove(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function madeFolder(outer: Env): Promise<string> {
  try {
    return await Deno.makeTempDir({ prefix: "codex-simulator-" });
  } catch (cause) {
    const place = outer("TMPDIR");
    const where = place ? `in TMPDIR, "${place}"` : "for temporary files";
    throw new CodexError("invalid_usage", `Cannot make a folder ${where}`, {
      cause,
      hint: "Set TMPDIR to a folder that can be written to",
    });
  }
}

/** What the programs of several languages call a file of authorities. */
function trusting(path: string, outer: Env): Record<string, string> {
  // These come before `SSL_CERT_FILE` where they are set, in curl and in Python's requests.
  const others = ["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"].filter((name) => outer(name));
  return {
    CODEX_CA_CERTIFICATE: path,
    SSL_CERT_FILE: path,
    DENO_CERT: path,
    NODE_EXTRA_CA_CERTS: path,
    ...Object.fromEntries(others.map((name) => [name, path])),
    // Older versions of curl look at this folder alone; empty counts as none.
    ...(outer("SSL_CERT_DIR") ? { SSL_CERT_DIR: "" } : {}),
  };
}

/** Loopback goes past a proxy, and what else did goes past it still, by either name. */
function withoutProxy(outer: Env): Record<string, string> {
  const small = outer("no_proxy");
  const before = [outer("NO_PROXY"), small].flatMap((names = "") => names.split(","))
    .map((name) => name.trim());
  const all = [...new Set([...before, "127.0.0.1"])].filter(Boolean).join(",");
  // Where both are set, many programs read the small one alone.
  return small === undefined ? { NO_PROXY: all } : { NO_PROXY: all, no_proxy: all };
}

/** A sign-in of the environment would come before the one in the file; empty counts as none. */
function withoutSignIn(outer: Env): Record<string, string> {
  const set = SIGN_IN_VARIABLES.filter((name) => outer(name));
  return Object.fromEntries(set.map((name) => [name, ""]));
}

async function listening(
  simulator: Simulator,
  port: number,
  tls: { readonly cert: string; readonly key: string } | undefined,
): Promise<SimulatorAddresses> {
  try {
    return await simulator.listen({ port, ...(tls === undefined ? {} : { tls }) });
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    if (name !== "AddrInUse" && name !== "PermissionDenied") throw cause;
    throw new CodexError(
      "invalid_usage",
      name === "AddrInUse"
        ? `Port ${port} is taken by another program`
        : `Port ${port} is not for ordinary programs`,
      { cause, hint: "Give another --port, or leave it out to get a free one" },
    );
  }
}

async function writeFile(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text, { mode: 0o600, createNew: true });
}
