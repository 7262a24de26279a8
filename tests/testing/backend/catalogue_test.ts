import assert from "node:assert/strict";
import { catalogueOf, isAtLeast } from "../../../src/testing/backend/catalogue.ts";
import { BUNDLED_MODELS } from "../../../src/protocol/bundled_models.ts";

Deno.test("isAtLeast() compares by numbers, and takes no text for a version", () => {
  for (
    const [version, wanted, expected] of [
      ["0.169.0", "0.153.0", true],
      ["0.153.0", "0.153.0", true],
      ["0.99.0", "0.153.0", false],
      ["1.0", "0.153.0", true],
      ["0.153", "0.153.0", true],
      ["0.153.0-beta", "0.153.0", true],
      ["", "0.0.0", false],
      ["v1", "0.0.0", false],
    ] as const
  ) {
    assert.equal(isAtLeast(version, wanted), expected, `${version} ${wanted}`);
  }
});

Deno.test("catalogueOf() says the same of each model as the list that the client carries", () => {
  const own = catalogueOf();
  assert.deepEqual(own.map(({ slug }) => slug), BUNDLED_MODELS.map(({ slug }) => slug));
  for (const [index, bundled] of BUNDLED_MODELS.entries()) {
    const { wire } = own[index] ?? {};
    const efforts = bundled.supported_reasoning_levels.map(({ effort }) => effort);
    assert.deepEqual(
      [wire?.["supported_reasoning_levels"]].flat().map((level) => Object(level).effort),
      efforts,
    );
    for (
      const member of [
        "display_name",
        "priority",
        "visibility",
        "default_reasoning_level",
        "multi_agent_reasoning_effort",
        "context_window",
        "input_modalities",
        "support_verbosity",
        "apply_patch_tool_type",
        "use_responses_lite",
      ] as const
    ) {
      assert.deepEqual(wire?.[member], bundled[member], `${bundled.slug}.${member}`);
    }
    const tiers = [wire?.["service_tiers"]].flat().map((tier) => Object(tier).id);
    assert.deepEqual(tiers, bundled.service_tiers?.map(({ id }) => id));
  }
});

Deno.test("catalogueOf() lists ultra and never takes it", () => {
  for (const { efforts, slug } of catalogueOf()) assert.ok(!efforts.includes("ultra"), slug);
});
