import assert from "node:assert/strict";
import { createSimulator, type Scenario, type Simulator } from "../../../testing.ts";
import { admission, ask, BACKEND } from "../client.ts";

interface Entry {
  readonly slug: string;
  readonly [member: string]: unknown;
}

async function models(
  simulator: Simulator,
  version: string | undefined = "0.169.0",
): Promise<readonly Entry[]> {
  const query = version === undefined ? "" : `?client_version=${version}`;
  const url = `${BACKEND}/codex/models${query}`;
  const response = await simulator.fetch(url, { headers: admission(simulator) });
  assert.equal(response.status, 200);
  return (await response.json()).models;
}

async function slugs(scenario: Scenario, version?: string): Promise<readonly string[]> {
  await using simulator = createSimulator(scenario);
  return (await models(simulator, version)).map(({ slug }) => slug);
}

/** What the official client 0.169.0 demands of every entry, or it drops the whole list. */
const DEMANDED: Readonly<Record<string, (value: unknown) => boolean>> = {
  slug: (value) => typeof value === "string",
  display_name: (value) => typeof value === "string",
  supported_reasoning_levels: (value) =>
    Array.isArray(value) &&
    value.every(({ effort, description }) => typeof effort === typeof description),
  shell_type: (value) =>
    ["default", "local", "unified_exec", "disabled", "shell_command"].includes(String(value)),
  visibility: (value) => ["list", "hide", "none"].includes(String(value)),
  supported_in_api: (value) => typeof value === "boolean",
  priority: Number.isInteger,
  support_verbosity: (value) => typeof value === "boolean",
  truncation_policy: (value) =>
    ["tokens", "bytes"].includes(Object(value).mode) && Number.isInteger(Object(value).limit),
  experimental_supported_tools: Array.isArray,
  base_instructions: (value) => typeof value === "string",
};

Deno.test("every model has what the official client demands", async () => {
  await using simulator = createSimulator();
  const list = await models(simulator);
  assert.equal(list.length, 12);
  for (const entry of list) {
    for (const [member, isGood] of Object.entries(DEMANDED)) {
      assert.ok(isGood(entry[member]), `${entry.slug}.${member}`);
    }
    for (const member of ["efforts", "extra_efforts", "plans_excluded"]) {
      assert.equal(member in entry, false, `${member} is the simulator's own word`);
    }
  }
});

Deno.test("the list has hidden and lite models, and one that takes the classic shape only", async () => {
  await using simulator = createSimulator();
  const list = await models(simulator);
  assert.deepEqual(list.filter(({ visibility }) => visibility === "hide").map(({ slug }) => slug), [
    "gpt-daybreak-blue-latest",
    "gpt-daybreak-red-latest",
    "codex-auto-review",
  ]);
  const classic = list.filter((entry) => entry["use_responses_lite"] === false);
  assert.deepEqual(classic.map(({ slug }) => slug), ["gpt-5.5"]);
});

Deno.test("a client version is shown the models that it is new enough for", async () => {
  assert.deepEqual(await slugs({}, "0.1.0"), []);
  assert.deepEqual(await slugs({}, "latest"), []);
  assert.deepEqual(await slugs({}, ""), []);
  assert.deepEqual(await slugs({}, "0.124.0"), ["gpt-5.5", "codex-auto-review"]);
  assert.ok(!(await slugs({}, "0.154.9")).includes("gpt-6-sol"));
  assert.ok((await slugs({}, "0.155.0")).includes("gpt-6-sol"));
  assert.ok((await slugs({}, "1.0.0")).includes("gpt-6-sol"));
  await using simulator = createSimulator();
  assert.deepEqual(await models(simulator, ""), []);
});

Deno.test("a plan is shown the models that it includes", async () => {
  assert.ok(!(await slugs({ account: { plan: "free" } })).includes("codex-auto-review"));
  assert.deepEqual(await slugs({ account: { plan: "law" } }), ["gpt-6.1-sol", "gpt-6.1-terra"]);
});

Deno.test("the scenario names the models, each over the defaults", async () => {
  await using simulator = createSimulator({
    models: [{ slug: "sim-1", efforts: ["low"], priority: 3, use_responses_lite: true }],
  });
  const [entry] = await models(simulator);
  assert.equal(entry?.slug, "sim-1");
  assert.equal(entry["display_name"], "sim-1");
  assert.equal(entry["priority"], 3);
  assert.deepEqual(entry["supported_reasoning_levels"], [{ effort: "low", description: "low" }]);
  for (const [member, isGood] of Object.entries(DEMANDED)) assert.ok(isGood(entry[member]), member);
});

Deno.test("the list's etag stays, is that of every answer, and changes with the list", async () => {
  const etagOf = async (scenario: Scenario) => {
    await using simulator = createSimulator(scenario);
    const url = `${BACKEND}/codex/models?client_version=0.169.0`;
    const listed = await simulator.fetch(url, { headers: admission(simulator) });
    const answered = await ask(simulator);
    const etag = listed.headers.get("etag");
    assert.match(etag ?? "", /^"[^"]+"$/);
    assert.equal(answered.headers.get("x-models-etag"), etag);
    await listed.body?.cancel();
    await answered.body?.cancel();
    return etag;
  };
  const same = await etagOf({});
  assert.equal(await etagOf({}), same);
  assert.notEqual(await etagOf({ account: { plan: "free" } }), same);
  const models = [{ slug: "gpt-5.5", efforts: ["medium"] }];
  assert.notEqual(await etagOf({ models }), same);
});

Deno.test("usage tells the allowance in whole numbers only", async () => {
  await using simulator = createSimulator({
    now: "2027-01-15T08:00:00Z",
    account: { plan: "pro" },
    limits: {
      primary: { usedPercent: 37, resetsIn: 1200 },
      secondary: null,
      credits: { balance: "12.50" },
    },
  });
  const url = `${BACKEND}/wham/usage`;
  const body = await (await simulator.fetch(url, { headers: admission(simulator) })).json();
  assert.equal(body.plan_type, "pro");
  assert.deepEqual(body.rate_limit, {
    allowed: true,
    limit_reached: false,
    primary_window: {
      used_percent: 37,
      limit_window_seconds: 18_000,
      reset_after_seconds: 1200,
      reset_at: Date.parse("2027-01-15T08:20:00Z") / 1000,
    },
    secondary_window: null,
  });
  assert.deepEqual(body.credits, { has_credits: true, unlimited: false, balance: "12.50" });
});

Deno.test("usage says when the allowance is used up", async () => {
  await using simulator = createSimulator({ limits: { primary: { usedPercent: 100 } } });
  const url = `${BACKEND}/wham/usage`;
  const body = await (await simulator.fetch(url, { headers: admission(simulator) })).json();
  assert.equal(body.rate_limit.allowed, false);
  assert.equal(body.rate_limit.limit_reached, true);
  assert.deepEqual(body.rate_limit_reached_type, { type: "rate_limit_reached" });
});

Deno.test("accounts/check lists every workspace without a constraint", async () => {
  await using simulator = createSimulator({
    account: { workspaces: [{ id: "a", plan: "plus" }, { id: "b", plan: "team", title: "B" }] },
  });
  const url = `${BACKEND}/wham/accounts/check`;
  const body = await (await simulator.fetch(url, { headers: admission(simulator) })).json();
  assert.deepEqual(body.account_ordering, ["a", "b"]);
  assert.equal(body.default_account_id, "a");
  for (const account of body.accounts) {
    assert.equal(account.workspace_backend_origin, "NO_CONSTRAINT");
    assert.equal(account.account_routing_override, "NO_CONSTRAINT");
  }
});

Deno.test("nothing is listed without a sign-in", async () => {
  await using simulator = createSimulator();
  for (const path of ["codex/models?client_version=0.169.0", "wham/usage", "wham/accounts/check"]) {
    assert.equal((await simulator.fetch(`${BACKEND}/${path}`)).status, 401);
  }
});

Deno.test("the backend serves no chat completions", async () => {
  await using simulator = createSimulator();
  const response = await simulator.fetch(`${BACKEND}/codex/chat/completions`, { method: "POST" });
  assert.equal(response.status, 403);
});
