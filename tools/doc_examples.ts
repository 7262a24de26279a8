/**
 * The documentation's examples, run as they stand. They name the real service, and reach a
 * simulator on this machine: through a proxy that plays its hosts, with a certificate of our own
 * and a sign-in where the command keeps its own. No other host can be reached.
 */
import { startConnectProxy } from "../src/testing/connect_proxy.ts";
import { makeCertificates } from "../src/testing/tls.ts";
import { createSimulator } from "../testing.ts";
import { denoOutput, type Output, ROOT } from "./process.ts";

/** The hosts that are played. */
const HOSTS = ["auth.openai.com", "chatgpt.com"];

/** Where examples are; what does not exist is left out. */
const PLACES = ["README.md", "docs", "mod.ts", "testing.ts", "tools.ts", "src"];

/** Where the command looks for its sign-in, from HOME. */
const AUTH_FOLDER = ".local/share/codex";

/** Packages are those of the lock file, and they are at hand. */
const RESOLVE = ["--lock=deno.lock", "--frozen", "--cached-only", "--no-prompt"];

/** What the examples may do. */
const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  `--allow-net=${["127.0.0.1", ...HOSTS].join(",")}`,
];

/**
 * Runs the examples.
 *
 * @param env The environment, with a HOME that nobody else uses.
 * @param flags Flags for `deno test`.
 */
export async function runExamples(
  env: Readonly<Record<string, string>>,
  flags: readonly string[],
): Promise<Output> {
  await using simulator = createSimulator();
  const { ca, cert, key } = await makeCertificates(HOSTS);
  const { issuer } = await simulator.listen({ tls: { cert, key } });
  await using proxy = startConnectProxy({ hosts: HOSTS, target: Number(issuer.port) });
  const authority = `${env["HOME"]}/ca.pem`;
  await Deno.writeTextFile(authority, ca);
  const folder = `${env["HOME"]}/${AUTH_FOLDER}`;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const signIn = JSON.stringify({ openai: simulator.signIn() });
  await Deno.writeTextFile(`${folder}/auth.json`, signIn, { mode: 0o600 });
  return await withExampleConfig(async (config) =>
    await denoOutput(
      [
        "test",
        "--doc",
        "--config",
        config,
        ...RESOLVE,
        ...flags,
        ...PERMISSIONS,
        ...await places(),
      ],
      { env: { ...env, HTTPS_PROXY: proxy.url, NO_PROXY: "127.0.0.1", DENO_CERT: authority } },
    )
  );
}

async function places(): Promise<string[]> {
  const found: string[] = [];
  for (const place of PLACES) {
    if (await Deno.stat(new URL(place, ROOT)).then(() => true, () => false)) found.push(place);
  }
  return found;
}

/**
 * Works with the project's configuration, but for what cannot hold here: Deno imports every symbol
 * of a documented file into each of its examples, and most of them go unused. The file lies in the
 * project's folder, since elsewhere Deno asks the registry for what the lock file says.
 */
async function withExampleConfig<T>(work: (config: string) => Promise<T>): Promise<T> {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const { noUnusedLocals: _, ...compilerOptions } = config.compilerOptions;
  const file = new URL(".examples.deno.json", ROOT);
  await Deno.writeTextFile(file, JSON.stringify({ ...config, compilerOptions }));
  try {
    return await work(file.pathname);
  } finally {
    await Deno.remove(file);
  }
}
