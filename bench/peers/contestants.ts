/** Who is measured: each with the words that start it, and all that it needs to run. */
import {
  installProgram,
  OFFICIAL,
  officialProgram,
  OPENCODE,
  opencodeProgram,
} from "../../tools/npm_program.ts";
import { measuredEnv } from "../environment.ts";
import type { Server } from "./measure.ts";

/** Who is measured. */
export interface Contestant {
  readonly name: string;
  /** The program and its arguments; the prompt comes behind them. */
  readonly command: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly cwd: string;
}

/** Where the programs are. */
export interface Places {
  /** The project's folder. */
  readonly root: string;
  /** The entry of the bundled command. */
  readonly bundle: string;
  /** Where the others are installed; a temporary folder when absent. */
  readonly cache: string | undefined;
}

/** Names that limits are stated for. */
export const BARE = "bare Deno `fetch`";
export const BUNDLE = "`codex run`, bundled";
export const EXEC = "official `codex exec`, side traffic off";

const DENO = ["run", "-q", "--no-prompt", "--cached-only", "-A"];

/** What keeps the official client from asking for more than a turn needs. */
const QUIET = `check_for_update_on_startup = false
[analytics]
enabled = false
[features]
plugins = false
apps = false
`;

/**
 * Gives each a home of its own below a folder, installed and signed in.
 *
 * @param folder Where to.
 * @param server What they all talk to.
 * @param places Where the programs are.
 */
export async function contestants(
  folder: string,
  server: Server,
  { root, bundle, cache }: Places,
): Promise<readonly Contestant[]> {
  const official = await officialProgram(await installProgram(OFFICIAL, cache));
  const opencode = await opencodeProgram(await installProgram(OPENCODE, cache));
  return [
    await bare(folder, server, root),
    await ours(folder, server, BUNDLE, bundle),
    await ours(folder, server, "`codex run`, from source", `${root}cli.ts`),
    await exec(folder, server, EXEC, official, QUIET),
    await exec(folder, server, "official `codex exec`, as installed", official, ""),
    await openCode(folder, server, opencode),
  ];
}

async function homeOf(folder: string, name: string): Promise<string> {
  const home = `${folder}/${name.replaceAll(/\W+/g, "_")}`;
  // The official client wants no home below its temporary folder.
  for (const part of ["folder", "tmp"]) await Deno.mkdir(`${home}/${part}`, { recursive: true });
  return home;
}

/** The environment that all have: nothing of this machine's user, and no way out. */
function baseEnv(home: string): Record<string, string> {
  return {
    ...measuredEnv(home),
    TMPDIR: `${home}/tmp`,
    // A port that nobody listens on: whatever is asked elsewhere fails at once.
    HTTPS_PROXY: "http://127.0.0.1:9",
    NO_PROXY: "127.0.0.1",
  };
}

async function bare(folder: string, server: Server, root: string): Promise<Contestant> {
  const home = await homeOf(folder, BARE);
  const { access, accountId } = server.credentials;
  return {
    name: BARE,
    command: [Deno.execPath(), ...DENO, "--no-config", `${root}bench/peers/bare_fetch.ts`],
    env: {
      ...baseEnv(home),
      BARE_URL: `${server.baseUrl}/responses`,
      BARE_ACCESS: access,
      BARE_ACCOUNT: accountId,
    },
    cwd: `${home}/folder`,
  };
}

async function ours(
  folder: string,
  server: Server,
  name: string,
  entry: string,
): Promise<Contestant> {
  const home = await homeOf(folder, name);
  const file = `${home}/auth.json`;
  await Deno.writeTextFile(file, JSON.stringify({ openai: server.credentials }), { mode: 0o600 });
  return {
    name,
    command: [Deno.execPath(), ...DENO, entry, "run", "--model", "gpt-5.5"],
    env: { ...baseEnv(home), ...server.env, CODEX_AUTH_FILE: file },
    cwd: `${home}/folder`,
  };
}

async function exec(
  folder: string,
  server: Server,
  name: string,
  program: string,
  config: string,
): Promise<Contestant> {
  const home = await homeOf(folder, name);
  const codex = `${home}/codex`;
  await Deno.mkdir(codex);
  // A provider of its own, as the built-in one insists on TLS: this costs it less than that would.
  const provider = `model_provider = "sim"
chatgpt_base_url = "${server.baseUrl.replace(/codex$/, "")}"
${config}[model_providers.sim]
name = "sim"
base_url = "${server.baseUrl}"
wire_api = "responses"
requires_openai_auth = true
`;
  await Deno.writeTextFile(`${codex}/config.toml`, provider);
  const { access, refresh, accountId } = server.credentials;
  const tokens = {
    id_token: access,
    access_token: access,
    refresh_token: refresh,
    account_id: accountId,
  };
  const auth = { auth_mode: "chatgpt", OPENAI_API_KEY: null, tokens };
  const file = { ...auth, last_refresh: new Date().toISOString() };
  await Deno.writeTextFile(`${codex}/auth.json`, JSON.stringify(file), { mode: 0o600 });
  return {
    name,
    command: [program, "exec", "--skip-git-repo-check", "-m", "gpt-5.5"],
    env: { ...baseEnv(home), CODEX_HOME: codex },
    cwd: `${home}/folder`,
  };
}

async function openCode(folder: string, server: Server, program: string): Promise<Contestant> {
  const name = "`opencode run`";
  const home = await homeOf(folder, name);
  // With an API key, as it knows no other address for a ChatGPT sign-in than the real one.
  const options = { baseURL: server.apiBaseUrl, apiKey: "sk-simulator" };
  const model = "openai/gpt-5.5";
  const config = {
    provider: { openai: { options } },
    model,
    small_model: model,
    share: "disabled",
  };
  return {
    name,
    command: [program, "run"],
    env: {
      ...baseEnv(home),
      OPENCODE_CONFIG_CONTENT: JSON.stringify(config),
      OPENCODE_DISABLE_MODELS_FETCH: "1",
      OPENCODE_DISABLE_AUTOUPDATE: "1",
    },
    cwd: `${home}/folder`,
  };
}
