/**
 * The official client at its production addresses, which a proxy and a private authority lead to
 * the simulator. Whatever it asks of other hosts is refused and noted; nothing leaves the machine.
 */
import { type ConnectProxy, startConnectProxy } from "../../src/testing/connect_proxy.ts";
import { makeCertificates } from "../../src/testing/tls.ts";
import { createSimulator, type Scenario, type Simulator } from "../../testing.ts";
import { TempDir } from "../support/temp_dir.ts";

/** The hosts that the simulator plays. */
const HOSTS = ["auth.openai.com", "chatgpt.com", "api.openai.com"];

/** How long a command may take. */
const LIMIT_MS = 40_000;

/** How a command ended. */
export interface Ended {
  /** Its status; 137 when it was ended because it took too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What keeps it from asking for more than a turn needs, as in most of the recordings. */
const QUIET = `check_for_update_on_startup = false
[analytics]
enabled = false
[features]
plugins = false
apps = false
`;

/** How a desk differs from one that is signed in and quiet. */
export interface OfficialOptions {
  readonly scenario?: Scenario;
  /** Signed in with a token that lives so long; not at all with `null`. */
  readonly lifetimeSeconds?: number | null;
  /** Whether it may ask beside the way, as it does by default. */
  readonly talkative?: boolean;
}

/** The client with a home of its own, and the simulator that it talks to. */
export class OfficialDesk implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly dir: TempDir;
  readonly proxy: ConnectProxy;
  readonly #program: string;

  private constructor(program: string, simulator: Simulator, dir: TempDir, proxy: ConnectProxy) {
    this.#program = program;
    this.simulator = simulator;
    this.dir = dir;
    this.proxy = proxy;
  }

  /** Opens one: `await using desk = await OfficialDesk.open(program)`. */
  static async open(program: string, options: OfficialOptions = {}): Promise<OfficialDesk> {
    const dir = await TempDir.make();
    const simulator = createSimulator(options.scenario);
    const { ca, cert, key } = await makeCertificates(HOSTS);
    const { issuer } = await simulator.listen({ tls: { cert, key } });
    const proxy = startConnectProxy({ hosts: HOSTS, target: Number(issuer.port) });
    await dir.write("ca.pem", ca);
    await dir.write("codex/config.toml", options.talkative === true ? "" : QUIET);
    // The client makes no helper programs in a home below its temporary folder.
    for (const folder of ["home", "tmp", "work"]) await Deno.mkdir(dir.join(folder));
    const { lifetimeSeconds: life } = options;
    if (life !== null) {
      const sign = simulator.signIn(life === undefined ? {} : { lifetimeSeconds: life });
      const tokens = {
        id_token: sign.access,
        access_token: sign.access,
        refresh_token: sign.refresh,
        account_id: sign.accountId,
      };
      const auth = { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens };
      const file = { ...auth, last_refresh: new Date().toISOString() };
      await dir.write("codex/auth.json", JSON.stringify(file), 0o600);
    }
    return new OfficialDesk(program, simulator, dir, proxy);
  }

  /** Starts it; what it writes to stderr so far is handed out for whoever waits for an address. */
  start(
    args: readonly string[],
  ): { readonly ended: Promise<Ended>; readonly stderr: () => string } {
    const child = new Deno.Command(this.#program, {
      args: [...args],
      cwd: this.dir.join("work"),
      clearEnv: true,
      env: {
        HOME: this.dir.join("home"),
        CODEX_HOME: this.dir.join("codex"),
        TMPDIR: this.dir.join("tmp"),
        PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
        TERM: "dumb",
        TZ: "UTC",
        BROWSER: "true",
        HTTPS_PROXY: this.proxy.url,
        HTTP_PROXY: this.proxy.url,
        CODEX_CA_CERTIFICATE: this.dir.join("ca.pem"),
      },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let stderr = "";
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of child.stderr) stderr += decoder.decode(chunk, { stream: true });
    })();
    const ended = (async () => {
      const timer = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
      const stdout = await new Response(child.stdout).text();
      await reading;
      const { code } = await child.status;
      clearTimeout(timer);
      return { code, stdout, stderr };
    })();
    return { ended, stderr: () => stderr };
  }

  /** Runs it to its end. */
  async run(args: readonly string[]): Promise<Ended> {
    return await this.start(args).ended;
  }

  /** What it keeps of the sign-in; `undefined` when there is none. */
  async auth(): Promise<Record<string, unknown> | undefined> {
    try {
      return JSON.parse(await this.dir.read("codex/auth.json"));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.simulator[Symbol.asyncDispose]();
    await this.dir[Symbol.asyncDispose]();
  }
}
