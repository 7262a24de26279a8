import assert from "node:assert/strict";
import { modelFromWire } from "../../src/models/model.ts";
import { BUNDLED_MODELS } from "../../src/protocol/bundled_models.ts";
import { readModel, type WireModel } from "../../src/protocol/models.ts";

function wire(entry: Record<string, unknown>): WireModel {
  const model = readModel({ slug: "m", ...entry });
  if (model === undefined) throw new Error("the entry is no model");
  return model;
}

Deno.test("modelFromWire() names everything that the service says", () => {
  const model = modelFromWire(
    wire({
      slug: "gpt-6-sol",
      display_name: "GPT-6-Sol",
      priority: 3,
      visibility: "list",
      supported_reasoning_levels: [{ effort: "low" }, { effort: "high" }],
      default_reasoning_level: "low",
      multi_agent_reasoning_effort: "xhigh",
      context_window: 272_000,
      input_modalities: ["text"],
      support_verbosity: true,
      apply_patch_tool_type: "freeform",
      service_tiers: [{ id: "priority" }, { id: "flex" }],
    }),
    "account",
    "2027-01-15T08:00:00.000Z",
  );
  assert.deepEqual(model, {
    slug: "gpt-6-sol",
    displayName: "GPT-6-Sol",
    priority: 3,
    listed: true,
    contextWindow: 272_000,
    efforts: ["low", "high"],
    defaultEffort: "low",
    effortForUltra: "xhigh",
    inputs: ["text"],
    verbosity: true,
    tiers: ["priority", "flex"],
    freeformPatch: true,
    source: "account",
    asOf: "2027-01-15T08:00:00.000Z",
  });
});

Deno.test("modelFromWire() fills in what the service leaves out", () => {
  assert.deepEqual(modelFromWire(wire({}), "bundled"), {
    slug: "m",
    displayName: "m",
    priority: Number.MAX_SAFE_INTEGER,
    listed: true,
    contextWindow: undefined,
    efforts: [],
    defaultEffort: undefined,
    effortForUltra: "max",
    // Absent means both (seen in the official client).
    inputs: ["text", "image"],
    verbosity: false,
    tiers: [],
    freeformPatch: false,
    source: "bundled",
    asOf: undefined,
  });
});

for (const [visibility, listed] of [["list", true], ["hide", false], ["none", false]] as const) {
  Deno.test(`modelFromWire() takes the visibility "${visibility}" for ${listed ? "listed" : "not listed"}`, () => {
    assert.equal(modelFromWire(wire({ visibility }), "account").listed, listed);
  });
}

Deno.test("modelFromWire() tells a model without any input from one that says nothing of it", () => {
  assert.deepEqual(modelFromWire(wire({ input_modalities: [] }), "account").inputs, []);
});

Deno.test("modelFromWire() gives plain data", () => {
  for (const entry of BUNDLED_MODELS) {
    const model = modelFromWire(entry, "bundled");
    assert.deepEqual(structuredClone(model), model);
    assert.notEqual(model.effortForUltra, "ultra");
  }
});
