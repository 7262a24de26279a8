/** `codex run` as it is typed: by far the most options, so in a file of its own. */
import { buildCommand, type Command } from "@stricli/core";
import { parseCount } from "./count.ts";
import {
  type AppContext,
  body,
  type FlagTable,
  GLOBAL_ALIASES,
  GLOBAL_FLAGS,
  kebab,
  onOff,
  path,
  pathOrDash,
  paths,
  pathsOrDash,
  SOURCE_FLAGS,
  text,
  value,
} from "./define.ts";
import type { RunFlags } from "./run/flags.ts";
import { parseSize } from "./size.ts";
import { parseDuration } from "./time.ts";
import type { TakesValue } from "./typed_options.ts";

/** What `codex run` takes. */
const RUN_FLAGS: FlagTable<RunFlags> = {
  model: text("SLUG", "The model (CODEX_MODEL, else the account's first)"),
  effort: text("LEVEL", "How hard to think, from the model's own list (CODEX_EFFORT)"),
  image: pathsOrDash(
    "FILE",
    "An image (20M): PNG, JPEG, WebP or GIF; - is stdin; give it again for more",
  ),
  file: pathsOrDash(
    "FILE",
    "A text file (32M), sent with its name; - is stdin; give it again for more",
  ),
  instructions: text("TEXT|@FILE", "In place of our own short ones"),
  noTools: onOff("No tools, no AGENTS.md, the smallest prompt"),
  sandbox: {
    kind: "enum",
    values: ["read-only", "workspace-write", "danger-full-access"],
    optional: true,
    brief: "What commands may change (CODEX_RUN_SANDBOX, else the folder in a Git work tree of " +
      "yours, and nothing elsewhere)",
  },
  addDir: paths("DIR", "A further folder that they may change; give it again for more"),
  network: onOff("Let commands use the network"),
  cd: path("DIR", "The folder to work in (the current one)"),
  askForApproval: {
    kind: "enum",
    values: ["on-request", "never"],
    optional: true,
    brief: "Whether the model may ask you, on a terminal, to leave the sandbox (on-request)",
  },
  diff: onOff("Show on stderr what changed, at the end"),
  noProjectDoc: onOff("Without the project's AGENTS.md"),
  search: onOff("Let the service search the web"),
  outputLastMessage: pathOrDash("FILE", "Write the answer there too, as a whole or not at all"),
  extract: onOff("Only the fenced code of the answer; status 7 when there is none"),
  outputSchema: path("FILE", "JSON Schema that the answer must match; status 7 when it does not"),
  repair: value("N", "Ask again so often, with what was wrong (0)", (text) => parseCount(text, 0)),
  maxSteps: value("N", "The most model calls; status 8 beyond (50)", (text) => parseCount(text)),
  maxTokens: value(
    "N",
    "The most output tokens, counted here; status 8 beyond",
    (text) => parseCount(text),
  ),
  timeout: value("D", "Give up after this long, with status 124; 0 at once", parseDuration),
  onLimit: {
    kind: "enum",
    values: ["wait", "fail"],
    optional: true,
    brief: "Wait for a used-up allowance to reset, or end with status 4 (fail)",
  },
  maxWait: value(
    "D",
    "The longest wait for limits; one that takes longer is not begun",
    parseDuration,
  ),
  session: path("FILE", "Go on with the conversation in FILE, and keep it there"),
  noStdin: onOff("Leave stdin alone; use it inside `while read`"),
  stdinTimeout: value(
    "D",
    "How long to wait for stdin to begin (CODEX_STDIN_TIMEOUT, 60s; 0 waits for ever)",
    parseDuration,
  ),
  maxStdin: value("SIZE", "The most that stdin may hold (32M)", parseSize),
  ...SOURCE_FLAGS,
  ...GLOBAL_FLAGS,
};

/** The letters of its options. */
const RUN_ALIASES = {
  ...GLOBAL_ALIASES,
  m: "model",
  e: "effort",
  i: "image",
  f: "file",
  o: "outputLastMessage",
  x: "extract",
  s: "sandbox",
  C: "cd",
  a: "askForApproval",
} as const;

/** Tells which of its options take a value; the table is made at the first question. */
export function runTakesValue(): TakesValue {
  let made: ReadonlyMap<string, boolean> | undefined;
  return (option) => (made ??= takingValues()).get(option);
}

function takingValues(): ReadonlyMap<string, boolean> {
  const takes = ({ kind }: { readonly kind: string }) => kind !== "boolean";
  const all = new Map<string, boolean>();
  for (const [name, flag] of Object.entries(RUN_FLAGS)) {
    for (const spelling of [name, kebab(name)]) all.set(`--${spelling}`, takes(flag));
  }
  for (const [letter, name] of Object.entries(RUN_ALIASES)) {
    all.set(`-${letter}`, takes(RUN_FLAGS[name]));
  }
  return all;
}

const DESCRIPTION = `Runs one task. What is piped in becomes a part of its own behind the prompt:

  git diff | codex run "write the commit message"
  codex run - < prompt.txt > answer.txt

Inside \`while read\`, give --no-stdin or </dev/null, else the loop's lines are read here.`;

/** Makes the command. */
export function runDefinition(): Command<AppContext> {
  return buildCommand<RunFlags, [prompt?: string], AppContext>({
    loader: body(async () => (await import("./commands/run.ts")).run),
    parameters: {
      flags: RUN_FLAGS,
      aliases: RUN_ALIASES,
      positional: {
        kind: "tuple",
        parameters: [{
          parse: String,
          optional: true,
          placeholder: "PROMPT",
          brief: "What to do; - or nothing reads it from stdin",
        }],
      },
    },
    docs: {
      brief: "One task, to the end: the answer on stdout, nothing else",
      customUsage: ["[OPTIONS] [PROMPT]", "[OPTIONS] - < prompt.txt"],
      fullDescription: DESCRIPTION,
    },
  });
}
