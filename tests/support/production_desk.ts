/**
 * The command at the production addresses, which a proxy and a private authority lead to a
 * simulator: for sign-ins that are sent nowhere else.
 */
import { startConnectProxy } from "../../src/testing/connect_proxy.ts";
import { makeCertificates } from "../../src/testing/tls.ts";
import { createSimulator, type Scenario, type Simulator } from "../../testing.ts";
import { type CliOptions, type CliResult, runCli } from "./run_cli.ts";
import { TempDir } from "./temp_dir.ts";

const HOSTS = ["auth.openai.com", "chatgpt.com", "api.openai.com"];

/** `await using desk = await openProductionDesk()`. Nobody is signed in. */
export interface ProductionDesk extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly home: TempDir;
  /** What leads a program there. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the command there, to its end. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
}

/**
 * Opens a desk.
 *
 * @param scenario What the simulator is told.
 */
export async function openProductionDesk(scenario: Scenario = {}): Promise<ProductionDesk> {
  const home = await TempDir.make();
  const simulator = createSimulator(scenario);
  const { ca, cert, key } = await makeCertificates(HOSTS);
  const { issuer } = await simulator.listen({ tls: { cert, key } });
  const proxy = startConnectProxy({ hosts: HOSTS, target: Number(issuer.port) });
  const env = { HTTPS_PROXY: proxy.url, DENO_CERT: await home.write("ca.pem", ca) };
  return {
    simulator,
    home,
    env,
    run: (args, options = {}) =>
      runCli(args, { home: home.path, ...options, env: { ...env, ...options.env } }),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}
