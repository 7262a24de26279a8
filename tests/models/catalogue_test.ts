import assert from "node:assert/strict";
import { defaultModel } from "../../src/models/catalogue.ts";
import { modelFromWire } from "../../src/models/model.ts";
import { BUNDLED_MODELS } from "../../src/protocol/bundled_models.ts";

const model = (slug: string, visibility: string) =>
  modelFromWire(
    { slug, display_name: slug, priority: 1, visibility, supported_reasoning_levels: [] },
    "account",
  );

Deno.test("defaultModel() takes the first that is listed", () => {
  const models = [model("a", "hide"), model("b", "none"), model("c", "list"), model("d", "list")];
  assert.equal(defaultModel(models)?.slug, "c");
});

Deno.test("defaultModel() takes none of those that are hidden", () => {
  assert.equal(defaultModel([model("a", "hide"), model("b", "none")]), undefined);
  assert.equal(defaultModel([]), undefined);
});

Deno.test("defaultModel() of the bundled list is the one that the official client takes", () => {
  const bundled = BUNDLED_MODELS.map((entry) => modelFromWire(entry, "bundled"));
  assert.equal(defaultModel(bundled)?.slug, "gpt-6.1-sol");
});
