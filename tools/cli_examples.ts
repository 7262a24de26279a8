/** An example for each option, as somebody would type it: what `docs/cli.md` shows and a test parses. */

/** The options that every command has. */
export const GLOBAL_EXAMPLES: Readonly<Record<string, string>> = {
  json: "codex status --json | jq -r .email",
  profile: "codex --profile work run 'hello'",
  authFile: "codex --auth-file ./auth.json status",
  quiet: "codex run -q 'hello' 2>>errors.log",
  verbose: "codex run -v 'hello'",
  color: "codex usage --color never",
};

/** The options of commands that can use a sign-in of another kind. */
const SOURCE_EXAMPLES: Readonly<Record<string, string>> = {
  auth: "codex COMMAND --auth codex-cli",
  rotateTo: 'CODEX_AUTH_JSON="$SECRET" codex COMMAND --rotate-to renewed.json',
};

/** The options of each command beside those, by their names in the source. */
export const EXAMPLES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  login: {
    browser: "codex login --browser",
    headless: "codex login --headless",
    withApiKey: "codex login --with-api-key < key.txt",
    noBrowser: "codex login --browser --no-browser",
    timeout: "codex login --headless --timeout 5m",
    workspace: "codex login --workspace 01234567-89ab-cdef-0123-456789abcdef",
  },
  logout: {
    revoke: "codex logout --revoke",
    all: "codex logout --all",
  },
  status: {
    check: "codex status --check || codex login",
    all: "codex status --all",
  },
  refresh: {
    force: "codex refresh --force",
    ...forCommand("refresh"),
  },
  models: {
    all: "codex models --all",
    refresh: "codex models --refresh",
    ...forCommand("models"),
  },
  usage: forCommand("usage"),
  doctor: forCommand("doctor"),
  completions: {
    list: "codex completions --list models",
    name: "codex completions zsh --name codex-deno",
  },
  simulator: {
    port: "codex simulator --port 8123",
    scenario: "codex simulator --scenario limit.json -- ./my-script.sh",
    tls: "codex simulator --tls -- codex run 'hello'",
    interactive: "codex simulator --interactive",
  },
  run: {
    model: "codex run -m gpt-6.1-sol 'hello'",
    effort: "codex run -e low 'is this spam? yes or no' < mail.txt",
    image: "codex run -i before.png -i after.png 'what has changed?'",
    file: "codex run -f README.md -f CHANGELOG.md 'what is missing in the readme?'",
    instructions: "codex run --instructions @reviewer.md 'review this' < change.diff",
    noTools: "codex run --no-tools 'translate to French' < page.txt",
    sandbox: "codex run -s read-only 'why does this test fail?' < test.log",
    addDir: "codex run --add-dir ../shared 'use the new logger in both projects'",
    network: "codex run --network 'update the dependencies'",
    cd: "codex run -C ./website 'fix the tests'",
    askForApproval: "codex run -a never 'fix the tests'",
    diff: "codex run --diff 'fix the tests' 2> changes.diff",
    noProjectDoc: "codex run --no-project-doc 'what is this project?'",
    search: "codex run --search 'what is the newest version of Deno?'",
    outputLastMessage: "codex run -o answer.md 'hello'",
    extract: "codex run -x 'a shell script that renames *.jpeg to *.jpg' > rename.sh",
    outputSchema: "codex run --output-schema person.json 'who wrote this?' < letter.txt",
    repair: "codex run --output-schema person.json --repair 2 'who wrote this?' < letter.txt",
    maxSteps: "codex run --max-steps 3 --search 'what happened today?'",
    maxTokens: "codex run --max-tokens 2000 'tell me a story'",
    timeout: "codex run --timeout 90s 'hello' || echo \"status $?\"",
    onLimit: "codex run --on-limit wait 'hello'",
    maxWait: "codex run --on-limit wait --max-wait 6h 'hello'",
    session: "codex run --session talk.json 'and in Spanish?'",
    noStdin: 'while read -r name; do codex run --no-stdin "greet $name"; done < names.txt',
    stdinTimeout: "make 2>&1 | codex run --stdin-timeout 10m 'why does it fail?'",
    maxStdin: "codex run --max-stdin 1M 'summarize' < book.txt",
    ...forCommand("run"),
  },
};

function forCommand(name: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(SOURCE_EXAMPLES).map(([flag, line]) => [flag, line.replace("COMMAND", name)]),
  );
}

/**
 * The arguments of `codex` in a line of a shell: its words up to a pipe, a redirection or the next
 * command.
 *
 * @param line As it is typed.
 */
export function argumentsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/'[^']*'|"[^"]*"|\|\||2>|[|<>;]|[^\s'"|<>;]+/g)) {
    words.push(word.replace(/^(['"])(.*)\1$/s, "$2"));
  }
  const start = words.indexOf("codex") + 1;
  const rest = words.slice(start);
  const end = rest.findIndex((word) => /^(\|\|?|<|>|2>|;)$/.test(word));
  return end < 0 ? rest : rest.slice(0, end);
}
