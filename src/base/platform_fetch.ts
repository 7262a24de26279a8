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

async function open(env: Env): Promise<Fetch> {
  const variable = CA_VARIABLES.find((name) => env(name) !== undefined);
  const path = variable === undefined ? undefined : env(variable);
  if (variable === undefined || path === undefined || !("Deno" in globalThis)) return fetch;
  const client = await clientWith(path, variable);
  // The extra member is Deno's own, so it is not part of the standard's type.
  return (input, init) => fetch(input, { ...init, client } as RequestInit);
}

async function clientWith(path: string, variable: string): Promise<Deno.HttpClient> {
  const refuse = (why: string, cause?: unknown): CodexError =>
    new CodexError("invalid_usage", `The file named by ${variable} ${why}: ${path}`, {
      cause,
      hint: `Give a file with PEM certificates, or unset ${variable}`,
    });
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
  try {
    return Deno.createHttpClient({ caCerts: [text] });
  } catch (error) {
    throw refuse("holds a certificate that cannot be read", error);
  }
}
