/** A simulator that listens, and a home that is signed in to it: what most runs of the command need. */
import { createSimulator, type Scenario, type Simulator } from "../../testing.ts";
import { type CliOptions, type CliResult, runCli, type RunningCli, startCli } from "./run_cli.ts";
import { TempDir } from "./temp_dir.ts";

/** Where the command keeps its sign-in below a home. */
export const AUTH_FILE = ".local/share/codex/auth.json";

/** `await using desk = await openDesk()`. */
export interface Desk extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly home: TempDir;
  readonly env: Readonly<Record<string, string>>;
  /** Runs the command there, to its end. */
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Starts the command there. */
  start(args: readonly string[], options?: CliOptions): Promise<RunningCli>;
}

/**
 * Opens a desk.
 *
 * @param scenario What the simulator is told.
 * @param lifetimeSeconds How long the access token lives.
 */
export async function openDesk(scenario: Scenario = {}, lifetimeSeconds?: number): Promise<Desk> {
  const home = await TempDir.make();
  const simulator = createSimulator(scenario);
  const { env, issuer, baseUrl } = await simulator.listen();
  const life = lifetimeSeconds === undefined ? {} : { lifetimeSeconds };
  const openai = simulator.signIn({ issuer, baseUrl, ...life });
  await home.write(AUTH_FILE, JSON.stringify({ openai }), 0o600);
  const at = (options: CliOptions = {}): CliOptions => ({
    home: home.path,
    ...options,
    env: { ...env, ...options.env },
  });
  return {
    simulator,
    home,
    env,
    run: (args, options) => runCli(args, at(options)),
    start: (args, options) => startCli(args, at(options)),
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}
