import assert from "node:assert/strict";
import { findHidden, secretFoldersIn, usualSecrets } from "../../../src/agent/sandbox/hidden.ts";
import { isWithin } from "../../../src/agent/sandbox/paths.ts";
import { SandboxError } from "../../../src/agent/sandbox/sandbox.ts";
import { TempDir } from "../../support/temp_dir.ts";

/** What is hidden, below a folder, where nothing is emptied. */
function hiddenIn(
  dir: TempDir,
  environment: Record<string, string>,
  roots: readonly string[] = ["work"],
  hidden: readonly string[] = [],
) {
  const inside = (path: string) => path.slice(dir.path.length + 1);
  const { folders, files } = findHidden(environment, dir.path, {
    roots: roots.map((root) => dir.join(root)),
    emptied: [],
    hidden: hidden.map((path) => dir.join(path)),
  });
  return { folders: folders.map(inside).sort(), files: files.map(inside).sort() };
}

Deno.test("usualSecrets() follows the variables that move such places", () => {
  const paths = usualSecrets({
    HOME: "/home/u/",
    XDG_DATA_HOME: "/data",
    CODEX_HOME: "/elsewhere/codex",
    KUBECONFIG: "/k/one:/k/two:relative",
  });
  const expected = [
    ..."/home/u/.ssh /home/u/.codex /home/u/.netrc /home/u/.config/gh".split(" "),
    ..."/home/u/.local/share/codex /data/codex /data/opencode".split(" "),
    ..."/elsewhere/codex /k/one /k/two".split(" "),
    ..."/home/u/.claude /home/u/.claude.json /home/u/.gemini /home/u/.m2/settings.xml".split(" "),
    ..."/home/u/.mozilla /home/u/.bash_history /home/u/.config/github-copilot".split(" "),
    ..."/home/u/.local/share/fish/fish_history /home/u/.config/rclone".split(" "),
  ];
  for (const path of expected) assert.ok(paths.includes(path), path);
  assert.ok(!paths.some((path) => path.includes("relative")));
  // What tools need beside their secrets.
  for (const path of ["/home/u/.m2", "/home/u/.cargo", "/home/u/.config", "/home/u/.gem"]) {
    assert.ok(!paths.includes(path), path);
  }
  assert.deepEqual(usualSecrets({}), []);
});

Deno.test("findHidden() hides what exists, folders as such and files as files", async () => {
  await using dir = await TempDir.make();
  await dir.write("home/.ssh/id", "");
  await dir.write("home/.netrc", "");
  await dir.write("work/secret/key", "");
  await dir.write("work/token", "");
  assert.deepEqual(
    hiddenIn(dir, { HOME: dir.join("home") }, ["work"], ["work/secret", "work/token"]),
    {
      folders: ["home/.ssh", "work/secret"],
      files: ["home/.netrc", "work/token"],
    },
  );
});

/** A file of each place, as it lies in a home folder. */
const SECRET_FILES = [
  ...".copilot/config.json .qwen/oauth_creds.json .factory/auth.json .windsurf/x".split(" "),
  ...".config/cursor/auth.json .config/Cursor/x .config/Code/x .config/goose/secrets.yaml".split(
    " ",
  ),
  ...".local/share/amp/secrets.json .local/share/crush/crush.json".split(" "),
  ...".config/io.datasette.llm/keys.json .config/pip/pip.conf .pip/pip.conf".split(" "),
  ...".bunfig.toml .yarnrc .gradle/gradle.properties .nuget/NuGet/NuGet.Config".split(" "),
  ...".config/NuGet/NuGet.Config .composer/auth.json .config/composer/auth.json".split(" "),
  ...".local/share/uv/credentials/x .cache/huggingface/token .huggingface/token".split(" "),
  ...".fly/config.yml .railway/config.json .pulumi/credentials.json .supabase/x".split(" "),
  ...".kaggle/kaggle.json .cloudflared/cert.pem .databrickscfg .snowsql/config".split(" "),
  ...".dbt/profiles.yml .terraformrc .rclone.conf .sentryclirc .config/doctl/x".split(" "),
  ...".config/hcloud/cli.toml .config/heroku/x .config/stripe/config.toml".split(" "),
  ...".config/netlify/config.json .config/.wrangler/x .config/ngrok/ngrok.yml".split(" "),
  ...".local/share/com.vercel.cli/auth.json .config/BraveSoftware/x".split(" "),
  ...".config/microsoft-edge/x .config/vivaldi/x .thunderbird/x .msmtprc .fetchmailrc".split(" "),
  ...".mutt/muttrc .config/1Password/x .local/share/kwalletd/x .config/age/key.txt".split(" "),
  ...".mylogin.cnf .smbcredentials .psql_history .mysql_history .node_repl_history".split(" "),
  ...".sqlite_history .rediscli_history .lesshst moved/cargo/credentials.toml".split(" "),
  ..."moved/pgpass moved/boto moved/history moved/pip.conf moved/composer/auth.json".split(" "),
  ..."moved/gradle/gradle.properties moved/hf/token moved/terraform moved/age".split(" "),
];
/** What tools need that lies beside them. */
const PUBLIC_FILES = [
  ...".nuget/packages/x .gradle/caches/x .composer/cache/x .cache/huggingface/hub/x".split(" "),
  ...".cache/pip/x .local/share/uv/tools/x .cargo/registry/x .m2/repository/x .npm/x".split(" "),
  ..."moved/cargo/registry/x moved/gradle/caches/x moved/hf/hub/x .config/fish/config.fish".split(
    " ",
  ),
];

Deno.test("findHidden() hides the secrets of each tool, and not what it has downloaded", async () => {
  await using dir = await TempDir.make();
  for (const file of [...SECRET_FILES, ...PUBLIC_FILES]) await dir.write(`home/${file}`, "");
  const moved = (path: string) => dir.join("home/moved", path);
  const { folders, files } = hiddenIn(dir, {
    HOME: dir.join("home"),
    CARGO_HOME: moved("cargo"),
    PGPASSFILE: moved("pgpass"),
    BOTO_CONFIG: moved("boto"),
    HISTFILE: moved("history"),
    PIP_CONFIG_FILE: moved("pip.conf"),
    COMPOSER_HOME: moved("composer"),
    GRADLE_USER_HOME: moved("gradle"),
    HF_HOME: moved("hf"),
    TF_CLI_CONFIG_FILE: moved("terraform"),
    SOPS_AGE_KEY_FILE: moved("age"),
  });
  const isHidden = (file: string) =>
    [...folders, ...files].some((path) => isWithin(`home/${file}`, path));
  assert.deepEqual(SECRET_FILES.filter((file) => !isHidden(file)), []);
  assert.deepEqual(PUBLIC_FILES.filter(isHidden), []);
});

Deno.test("findHidden() hides the folder of the sign-in that is named, relative too", async () => {
  await using dir = await TempDir.make();
  await dir.write("work/private/auth.json", "");
  const named = { CODEX_AUTH_FILE: "work/private/auth.json" };
  assert.deepEqual(hiddenIn(dir, named).folders, ["work/private"]);
});

Deno.test("findHidden() hides what a link leads to", async () => {
  await using dir = await TempDir.make();
  await dir.write("vault/id", "");
  await dir.write("home/file", "");
  await Deno.symlink("../vault", dir.join("home/.ssh"));
  assert.deepEqual(hiddenIn(dir, { HOME: dir.join("home") }).folders, ["vault"]);
});

Deno.test("findHidden() leaves out what another one covers, but not what a root brings back", async () => {
  await using dir = await TempDir.make();
  await dir.write("home/.codex/worktrees/x/secret/key", "");
  await dir.write("home/.codex/other/key", "");
  const environment = { HOME: dir.join("home") };
  const root = "home/.codex/worktrees/x";
  assert.deepEqual(
    hiddenIn(dir, environment, [root], [`${root}/secret`, "home/.codex/other"]).folders,
    ["home/.codex", "home/.codex/worktrees/x/secret"],
  );
});

Deno.test("findHidden() refuses to hide what commands cannot do without", async () => {
  await using dir = await TempDir.make();
  await dir.write("work/auth.json", "");
  await dir.write("home/auth.json", "");
  const hide = (environment: Record<string, string>, hidden: readonly string[] = []) => () =>
    hiddenIn(dir, environment, ["work"], hidden);
  assert.throws(hide({ CODEX_AUTH_FILE: dir.join("work/auth.json") }), SandboxError);
  assert.throws(
    hide({ HOME: dir.join("home"), CODEX_AUTH_FILE: dir.join("home/auth.json") }),
    /of its own, such as/,
  );
  assert.throws(hide({ CODEX_AUTH_FILE: "/etc/codex.json" }), SandboxError);
  assert.throws(hide({}, ["work"]), SandboxError);
});

Deno.test("findHidden() passes over what commands do not see anyway", async () => {
  await using dir = await TempDir.make();
  await dir.write("home/.ssh/id", "");
  const { folders } = findHidden({ HOME: dir.join("home") }, "/", {
    roots: [dir.join("work")],
    emptied: [dir.path],
    hidden: [],
  });
  assert.deepEqual(folders, []);
});

Deno.test("secretFoldersIn() names the folders of secrets that commands could make", async () => {
  await using dir = await TempDir.make();
  await dir.write("work/home/file", "");
  await Deno.symlink("work/home", dir.join("link"));
  const environment = { HOME: dir.join("link") };
  const found = secretFoldersIn(environment, [dir.join("work")]);
  assert.ok(found.includes(dir.join("work/home/.ssh")));
  // Neither files, which programs write anew, nor what has no folder to be in.
  assert.ok(!found.some((path) => /npmrc|\.config/.test(path)), `${found}`);
  assert.deepEqual(secretFoldersIn(environment, [dir.join("other")]), []);
  assert.deepEqual(secretFoldersIn(environment, []), []);
});
