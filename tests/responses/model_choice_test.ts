import assert from "node:assert/strict";
import type { Authorization } from "../../src/auth/session.ts";
import type { Model } from "../../src/models/model.ts";
import { chooseModel, unavailable } from "../../src/responses/model_choice.ts";
import type { StreamOptions } from "../../src/responses/options.ts";
import { API_KEY, CHATGPT, codexErrorOf, FakeCatalogue, model } from "./fakes.ts";

const { signal } = new AbortController();

function choose(options: StreamOptions, models: readonly Model[], others: {
  authorization?: Authorization;
  hasImage?: boolean;
} = {}) {
  const catalogue = new FakeCatalogue(...models);
  const context = { authorization: CHATGPT, catalogue, hasImage: false, signal };
  return chooseModel(options, { ...context, ...others });
}

const MODELS = [
  model("gpt-hidden", 0, { listed: false }),
  model("gpt-6-sol", 1, {
    efforts: ["low", "max", "ultra"],
    defaultEffort: "low",
    effortForUltra: "xhigh",
  }),
  model("gpt-6-luna", 2, { inputs: ["text"], verbosity: false, efforts: [] }),
];

Deno.test("chooseModel() takes the first listed model, with its own effort", async () => {
  const { slug, effort } = await choose({}, MODELS);
  assert.deepEqual([slug, effort], ["gpt-6-sol", "low"]);
});

Deno.test("chooseModel() takes a hidden model when it is named", async () => {
  assert.equal((await choose({ model: "gpt-hidden" }, MODELS)).slug, "gpt-hidden");
});

Deno.test("chooseModel() sends what the catalogue says for ultra", async () => {
  assert.equal((await choose({ effort: "ultra" }, MODELS)).effort, "xhigh");
  assert.equal((await choose({ effort: "max" }, MODELS)).effort, "max");
});

Deno.test("chooseModel() refuses what the model's own list does not have, and names what it has", async () => {
  const effort = await codexErrorOf(choose({ effort: "high" }, MODELS));
  assert.equal(effort.code, "invalid_usage");
  assert.equal(effort.hint, "Use low, max or ultra");
  const luna = { model: "gpt-6-luna" };
  assert.equal((await choose({ ...luna, effort: "high" }, MODELS)).effort, "high");
  const wordy = await codexErrorOf(choose({ ...luna, verbosity: "low" }, MODELS));
  assert.match(wordy.message, /verbosity/);
  const image = await codexErrorOf(choose(luna, MODELS, { hasImage: true }));
  assert.match(image.message, /images/);
});

Deno.test("chooseModel() refuses an unknown model with the nearest names", async () => {
  const error = await codexErrorOf(choose({ model: "gpt-6-lunar" }, MODELS));
  assert.equal(error.code, "model_unavailable");
  assert.equal(error.hint, "Use gpt-6-luna or gpt-6-sol");
});

Deno.test("chooseModel() lets the server decide where the list is not the account's", async () => {
  const bundled = MODELS.map((one): Model => ({ ...one, source: "bundled" }));
  assert.deepEqual(
    await choose({ model: "gpt-7", effort: "ultra" }, bundled).then(({ slug, effort }) => [
      slug,
      effort,
    ]),
    ["gpt-7", "max"],
  );
  assert.equal((await choose({ effort: "high" }, bundled)).effort, "high");
});

Deno.test("chooseModel() has nothing to choose from an empty list", async () => {
  const error = await codexErrorOf(choose({}, [model("hidden", 1, { listed: false })]));
  assert.equal(error.code, "model_unavailable");
});

Deno.test("chooseModel() wants a key's model named, and then looks nothing up", async () => {
  const error = await codexErrorOf(choose({}, MODELS, { authorization: API_KEY }));
  assert.equal(error.code, "invalid_usage");
  assert.match(error.hint ?? "", /gpt-6-sol/);
  const catalogue = new FakeCatalogue();
  const context = { authorization: API_KEY, catalogue, hasImage: true, signal };
  const { slug, effort } = await chooseModel({ model: "gpt-4o" }, context);
  assert.deepEqual([slug, effort, catalogue.lists], ["gpt-4o", undefined, 0]);
});

Deno.test("unavailable() names at most five models, never the refused one", () => {
  const many = Array.from({ length: 9 }, (_, index) => model(`gpt-${index}`, index));
  const { hint = "" } = unavailable("gpt-3", many);
  assert.equal(hint.match(/gpt-\d/g)?.length, 5);
  assert.ok(!hint.includes("gpt-3"));
  assert.equal(unavailable("x", []).hint, "See what the account may use with: codex models");
});
