/** The platform's `fetch`, with the certificate authority that the environment names. */
import { CodexError } from "./errors.ts";
import type { Fetch } from "./http.ts";
import type { Env } from "./platform.ts";

/** The variables that name a file with certificates, in order; `DENO_CERT` works by itself. */
const CA_VARIABLES = ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"] as const;

/** The largest bundle that is read, in bytes; a device has no end at all. */
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;

/**
 * The `fetch` for production use. Proxy variables are the platform's own business; a custom
 * certificate authority is added to the usual ones. Nothing is read before the first request.
 *
 * @param env Reads the environment.
 * @returns A `fetch` whose first call fails with `invalid_usage` when the named file is no good.
 */
export function platformFetch(env: Env): Fetch {
  let ready: Promise<Fetch> | undefined;
  return async (input, init) => {
    ready ??= open(env);
    const fetchWithCa = await ready;
    return await fetchWithCa(input, init);
  };
}

/** A file with certificates, and what names it. */
export interface AuthorityFile {
  /** The variable. */
  readonly variable: string;
  /** The file. */
  readonly path: string;
}

/** The file whose certificates are added to the usual ones: one alone, the first that is named. */
export function authorityFile(env: Env): AuthorityFile | undefined {
  for (const variable of CA_VARIABLES) {
    const path = env(variable);
    if (path !== undefined) return { variable, path };
  }
  return undefined;
}

async function open(env: Env): Promise<Fetch> {
  const file = authorityFile(env);
  if (file === undefined || !("Deno" in globalThis)) return fetch;
  const client = clientWith(await readAuthorities(file), file);
  // The extra member is Deno's own, so it is not part of the standard's type.
  return (input, init) => fetch(input, { ...init, client } as RequestInit);
}

/**
 * Reads a file with certificates.
 *
 * @returns Its text, in which there is a PEM certificate.
 * @throws CodexError `invalid_usage` naming the variable.
 */
export async function readAuthorities({ variable, path }: AuthorityFile): Promise<string> {
  const refuse = (why: string, cause?: unknown) => refusal(variable, why, path, cause);
  let text: string;
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile || size > MAX_BUNDLE_BYTES) throw refuse("is no bundle of certificates");
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof CodexError) throw error;
    const denied = error instanceof Error && error.name === "NotCapable";
    throw refuse(denied ? "may not be read without --allow-read" : "cannot be read", error);
  }
  // Deno takes any other text for an empty bundle without a word.
  if (!text.includes("-----BEGIN CERTIFICATE-----")) throw refuse("holds no PEM certificate");
  return text;
}

function clientWith(text: string, file: AuthorityFile): Deno.HttpClient {
  try {
    return Deno.createHttpClient({ caCerts: [text] });
  } catch (error) {
    if (worksWithoutIt()) {
      throw refusal(file.variable, "holds a certificate that cannot be read", file.path, error);
    }
    throw refusal("DENO_CERT", "cannot be used", undefined, error);
  }
}

/** Every client adds the file of `DENO_CERT` too; where that one is no good, none can be made. */
function worksWithoutIt(): boolean {
  try {
    Deno.createHttpClient({}).close();
    return true;
  } catch {
    return false;
  }
}

function refusal(variable: string, why: string, path?: string, cause?: unknown): CodexError {
  const place = path === undefined ? "" : `: ${path}`;
  return new CodexError("invalid_usage", `The file named by ${variable} ${why}${place}`, {
    cause,
    hint: `Give a file with PEM certificates, or unset ${variable}`,
  });
}
