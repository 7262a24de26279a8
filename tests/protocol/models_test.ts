import assert from "node:assert/strict";
import fc from "fast-check";
import { BUNDLED_MODELS } from "../../src/protocol/bundled_models.ts";
import { readModel, readModels } from "../../src/protocol/models.ts";

const FULL = {
  slug: "gpt-6-sol",
  display_name: "GPT-6-Sol",
  priority: 3,
  visibility: "list",
  supported_reasoning_levels: [{ effort: "low" }, { effort: "high" }],
  default_reasoning_level: "low",
  multi_agent_reasoning_effort: "xhigh",
  context_window: 272_000,
  input_modalities: ["text", "image"],
  support_verbosity: true,
  apply_patch_tool_type: "freeform",
  service_tiers: [{ id: "priority" }],
  use_responses_lite: true,
};

Deno.test("readModel() reads every member that is used, and leaves the others out", () => {
  assert.deepEqual(readModel({ ...FULL, shell_type: "shell_command", extra: 1 }), FULL);
});

Deno.test("readModel() needs a slug alone", () => {
  assert.deepEqual(readModel({ slug: "m" }), {
    slug: "m",
    display_name: "m",
    priority: Number.MAX_SAFE_INTEGER,
    visibility: "list",
    supported_reasoning_levels: [],
    service_tiers: [],
  });
  for (const slug of [undefined, null, "", 5, [], {}]) {
    assert.equal(readModel({ ...FULL, slug }), undefined);
    assert.equal(readModel(slug), undefined);
  }
});

Deno.test("readModel() replaces a member of another kind by its default", () => {
  const members = Object.keys(FULL).filter((key) => key !== "slug");
  for (const key of members) {
    for (const bad of [null, { x: 1 }, Symbol()]) {
      assert.deepEqual(readModel({ slug: "m", [key]: bad }), readModel({ slug: "m" }), key);
    }
  }
});

Deno.test("readModel() keeps what is usable of a list", () => {
  const model = readModel({
    slug: "m",
    supported_reasoning_levels: [{ effort: "low" }, "high", null, { effort: 5 }, {}],
    service_tiers: [{ id: "priority" }, { id: 1 }, "flex"],
    input_modalities: ["text", 5, null, "audio"],
  });
  assert.deepEqual(model?.supported_reasoning_levels, [{ effort: "low" }]);
  assert.deepEqual(model?.service_tiers, [{ id: "priority" }]);
  assert.deepEqual(model?.input_modalities, ["text", "audio"]);
});

Deno.test("readModels() leaves a bad entry out and keeps the rest, in the service's order", () => {
  const list = readModels({ models: [{ slug: "b" }, null, {}, "x", { slug: "a" }] });
  assert.deepEqual(list?.map(({ slug }) => slug), ["b", "a"]);
  assert.deepEqual(readModels({ models: [] }), []);
});

Deno.test("readModels() tells an empty list from what is none", () => {
  for (const body of [undefined, null, "", [], {}, { models: {} }, { models: "x" }, [FULL]]) {
    assert.equal(readModels(body), undefined);
  }
});

Deno.test("readModels() never throws, and gives models only", () => {
  const entry = fc.anything({ withNullPrototype: true });
  fc.assert(fc.property(fc.oneof(entry, fc.record({ models: fc.array(entry) })), (body) => {
    for (const { slug, priority } of readModels(body) ?? []) {
      assert.ok(slug.length > 0);
      assert.ok(Number.isFinite(priority));
    }
  }));
});

Deno.test("BUNDLED_MODELS comes by priority, each once, with its default effort among its efforts", () => {
  const priorities = BUNDLED_MODELS.map(({ priority }) => priority);
  assert.deepEqual(priorities, [...priorities].sort((a, b) => a - b));
  assert.equal(new Set(BUNDLED_MODELS.map(({ slug }) => slug)).size, BUNDLED_MODELS.length);
  for (const model of BUNDLED_MODELS) {
    const efforts = model.supported_reasoning_levels.map(({ effort }) => effort);
    assert.ok(efforts.includes(model.default_reasoning_level ?? ""), model.slug);
    assert.deepEqual(readModel(model), model);
  }
  assert.equal(BUNDLED_MODELS.find(({ visibility }) => visibility === "list")?.slug, "gpt-6.1-sol");
});
