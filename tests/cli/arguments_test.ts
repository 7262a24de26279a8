import assert from "node:assert/strict";
import fc from "fast-check";
import {
  commandFirst,
  hasNoCommand,
  optionWithoutValue,
  profileIn,
  wantsJson,
  wantsVersion,
} from "../../src/cli/arguments.ts";

const words = (text: string) => text === "" ? [] : text.split(" ");

const MOVED: readonly (readonly [typed: string, read: string])[] = [
  ["--json status", "status --json"],
  ["-q run hi", "run -q hi"],
  ["--quiet run hi", "run --quiet hi"],
  ["-v models", "models -v"],
  ["--verbose models --all", "models --verbose --all"],
  ["-qv run hi", "run -qv hi"],
  ["--profile work status", "status --profile work"],
  ["--profile=work status", "status --profile=work"],
  ["--auth-file a.json status", "status --auth-file a.json"],
  ["--auth-file=a.json status", "status --auth-file=a.json"],
  ["--color never run hi", "run --color never hi"],
  ["--color=always run hi", "run --color=always hi"],
  ["--json=true status", "status --json=true"],
  ["--profile work --json -q status --x", "status --profile work --json -q --x"],
  ["--profile status status", "status --profile status"],
  ["--profile --json status", "status --profile --json"],
  ["--json unknown", "unknown --json"],
  ["-q run -- --json", "run -q -- --json"],
];

for (const [typed, read] of MOVED) {
  Deno.test(`commandFirst() reads \`${typed}\` as \`${read}\``, () => {
    assert.deepEqual(commandFirst(words(typed)), words(read));
  });
}

const LEFT = [
  "",
  "status",
  "status --json",
  "run hi --profile work",
  "--profile",
  "--profile work",
  "--json",
  "--bogus status",
  "--json --bogus status",
  "--bogus=1 status",
  "--profiles work status",
  "--model gpt run",
  "-x status",
  "-qx status",
  "-- status",
  "--json -- status",
  "- status",
];

for (const typed of LEFT) {
  Deno.test(`commandFirst() leaves \`${typed}\` as it is`, () => {
    assert.deepEqual(commandFirst(words(typed)), words(typed));
  });
}

for (
  const typed of ["--json --help", "--profile work -h", "help", "-q help help", "--help --json"]
) {
  Deno.test(`commandFirst() reads \`${typed}\` as a wish for help`, () => {
    assert.match(commandFirst(words(typed))[0] ?? "", /^(-h|--help)$/);
  });
}

for (
  const typed of [
    "help run",
    "--help run",
    "-h run hi",
    "--json help -q run",
    "help --color never run",
  ]
) {
  Deno.test(`commandFirst() reads \`${typed}\` as a wish for the help of a command`, () => {
    assert.deepEqual(commandFirst(words(typed)), ["run", "--help"]);
  });
}

Deno.test("hasNoCommand() finds -- where the command should be, and nowhere else", () => {
  for (const typed of ["--", "-- run hi", "--json -- run", "--profile work --"]) {
    assert.ok(hasNoCommand(words(typed)), typed);
  }
  for (const typed of ["", "run -- hi", "-q run --", "--profile -- run", "help --"]) {
    assert.ok(!hasNoCommand(words(typed)), typed);
  }
});

Deno.test("commandFirst() changes nothing in the arguments that it was given", () => {
  const args = Object.freeze(["--json", "status"]);
  commandFirst(args);
  assert.deepEqual(args, ["--json", "status"]);
});

Deno.test("commandFirst() does no more than to move one argument to the front", () => {
  const arg = fc.oneof(
    fc.constantFrom("--json", "-q", "--profile", "--profile=x", "--color", "run", "--", "-", ""),
    fc.string(),
  );
  fc.assert(fc.property(fc.array(arg), (args) => {
    fc.pre(!["-h", "--help", "help"].some((wish) => args.includes(wish)));
    const read = JSON.stringify(commandFirst(args));
    const moves = args.map((one, at) => [one, ...args.slice(0, at), ...args.slice(at + 1)]);
    assert.ok([args, ...moves].some((move) => JSON.stringify(move) === read));
  }));
});

Deno.test("wantsJson() finds --json on both sides of the command, in each of its spellings", () => {
  for (
    const args of ["--json", "--json run x", "run x --json", "run --json=true", "run --json=1"]
  ) {
    assert.equal(wantsJson(words(args)), true, args);
  }
  for (const args of ["", "run x", "run -- --json", "run --jsonl", "run --json=false", "-json"]) {
    assert.equal(wantsJson(words(args)), false, args);
  }
  assert.equal(wantsJson(["run", "say --json"]), false);
});

Deno.test("wantsVersion() finds --version before `--` alone", () => {
  for (const args of ["--version", "run --version", "--json --version"]) {
    assert.equal(wantsVersion(words(args)), true, args);
  }
  for (const args of ["", "version", "run -- --version", "run --versions"]) {
    assert.equal(wantsVersion(words(args)), false, args);
  }
});

Deno.test("optionWithoutValue() finds an option that ends with its equals sign", () => {
  for (const arg of ["--model=", "-m=", "--stdin-timeout=", "--profile="]) {
    assert.equal(optionWithoutValue(["run", "hi", arg]), arg);
  }
  for (
    const arg of ["--model=x", "--model", "=", "-=", "--=", "a=", "--model= ", "x --model=", "1+1="]
  ) {
    assert.equal(optionWithoutValue(["run", arg]), undefined, arg);
  }
  assert.equal(optionWithoutValue(["run", "--", "--model="]), undefined);
});

const noEnv = () => undefined;
const workEnv = (name: string) => name === "CODEX_PROFILE" ? "from-env" : undefined;

Deno.test("profileIn() finds the profile on both sides of the command", () => {
  for (
    const args of [
      "--profile work run",
      "run --profile work",
      "run --profile=work",
      "--profile=work",
    ]
  ) {
    assert.equal(profileIn(words(args), workEnv), "work", args);
  }
});

Deno.test("profileIn() takes CODEX_PROFILE, else the default one", () => {
  for (const args of ["", "run", "run -- --profile work", "run --profiles=x", "run --profile"]) {
    assert.equal(profileIn(words(args), workEnv), "from-env", args);
    assert.equal(profileIn(words(args), noEnv), "default", args);
  }
});
