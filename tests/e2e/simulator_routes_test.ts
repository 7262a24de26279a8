/**
 * What a scenario file can do beside answers and sign-ins: rules of the backend, the lists of
 * models, the allowance, API keys, signing out; and what becomes of each call, with what it asked.
 */
import assert from "node:assert/strict";
import type { RateLimits } from "../../mod.ts";
import { nameOf, type Outcome, SAID, ScenarioDesk } from "./simulator_desk.ts";

const always = (fault: string): string => `{"faults":[{${fault},"times":"always"}]}`;

/** A scenario, the model that is asked, what comes of it, and what was asked for it. */
type RuleRow = readonly [scenario: string, model: string, outcome: Outcome, asked: string];

const LITE = "gpt-6-sol";
const CLASSIC = "gpt-5.5";

const RULES: readonly RuleRow[] = [
  // The token that the client has is not the newest any more: one renewal, as for any 401.
  [`{"rules":{"newestTokenOnly":true}}`, CLASSIC, SAID, "models, responses"],
  [
    `{"rules":{"newestTokenOnly":true},"turns":[{"unauthorized":{}}]}`,
    CLASSIC,
    SAID,
    "models, responses*2, refresh",
  ],
  [`{"rules":{"accountHeader":"required"}}`, CLASSIC, SAID, "models, responses"],
  [`{"rules":{"accountHeader":"optional"}}`, CLASSIC, SAID, "models, responses"],
  [`{"rules":{"instructions":"required"}}`, CLASSIC, SAID, "models, responses"],
  [`{"rules":{"instructions":"optional"}}`, CLASSIC, SAID, "models, responses"],
  // The classic shape first, then the other one, once.
  [`{"rules":{"wantsLite":["*"]}}`, LITE, SAID, "models, responses*2"],
  [`{"rules":{"wantsLite":["*"]}}`, CLASSIC, SAID, "models, responses"],
  [`{"rules":{"wantsLite":["gpt-6-sol"]}}`, LITE, SAID, "models, responses*2"],
  [`{"rules":{"wantsIdentity":["gpt-6-sol"]}}`, LITE, "model_unavailable", "models, responses*2"],
  [`{"rules":{"wantsNewer":["gpt-6-sol"]}}`, LITE, "model_unavailable", "models, responses*2"],
  [`{"rules":{"wantsNewer":["gpt-6-sol"]}}`, CLASSIC, SAID, "models, responses"],
  [`{"rules":{"maxBodyBytes":100}}`, CLASSIC, "input_too_large", "models, responses"],
  [`{"models":[{"slug":"mine"}]}`, "mine", SAID, "models, responses"],
  [`{"models":[{"slug":"mine"}]}`, CLASSIC, "model_unavailable", "models"],
  // A list that says nothing is none, so the bundled one counts; the service still says no.
  [`{"models":[]}`, CLASSIC, "model_unavailable", "models, responses"],
  // No account is checked before a turn, so nothing can go wrong there.
  [always(`"route":"accounts-check","status":503`), CLASSIC, SAID, "models, responses"],
  [always(`"route":"whoami","connection":"hang"`), CLASSIC, SAID, "models, responses"],
  [always(`"route":"websocket","connection":"reset"`), CLASSIC, SAID, "models, responses"],
  // One try for the list, which can be done without, and five for the answer.
  [always(`"route":"any","status":503`), CLASSIC, "overloaded", "models, responses*5"],
  [always(`"route":"any","connection":"refused"`), CLASSIC, "network", "models, responses*5"],
];

for (const [scenario, model, outcome, asked] of RULES) {
  Deno.test(`stream() asking ${model} with ${scenario} ends as ${nameOf(outcome)}`, async () => {
    await using desk = new ScenarioDesk(scenario);
    const call = desk.client.stream("Hi", { model });
    assert.deepEqual(await desk.outcome(call.final().then(({ text }) => ({ text }))), outcome);
    assert.equal(desk.asked, asked);
  });
}

/** A scenario, where the list comes from, and what was asked for it. */
type ModelsRow = readonly [scenario: string, outcome: Outcome<string>, asked?: string];

const MODELS: readonly ModelsRow[] = [
  [`{}`, "12 account"],
  [`{"models":[{"slug":"mine"}]}`, "1 account"],
  [`{"models":[]}`, "12 bundled"],
  [always(`"route":"models","delayMs":600`), "12 account"],
  [always(`"route":"models","bytesPerWrite":512`), "12 account"],
  ...[
    `"status":403`,
    `"status":404`,
    `"status":429`,
    `"status":503`,
    `"body":{}`,
    `"body":"<html>"`,
    `"base64":"//79"`,
    `"connection":"reset"`,
    `"connection":"refused"`,
    `"connection":"dns"`,
    `"connection":"certificate"`,
    `"connection":"hang"`,
    `"cutAfterBytes":20`,
    `"stallAfterBytes":20`,
  ].map((fault): ModelsRow => [always(`"route":"models",${fault}`), "12 bundled"]),
  [`{"faults":[{"route":"models","status":401}]}`, "12 account", "models*2, refresh"],
  [always(`"route":"models","status":401`), "sign_in_rejected", "models*2, refresh"],
];

for (const [scenario, outcome, asked = "models"] of MODELS) {
  Deno.test(`models() with ${scenario} ends as ${nameOf(outcome)}`, async () => {
    await using desk = new ScenarioDesk(scenario);
    const list = desk.client.models().then((models) => `${models.length} ${models[0]?.source}`);
    assert.equal(await desk.outcome(list), outcome);
    assert.equal(desk.asked, asked);
    assert.equal(desk.warnings.length, outcome === "12 bundled" ? 1 : 0);
  });
}

/** A scenario, what is told of the first window, and what was asked for it. */
type LimitsRow = readonly [
  scenario: string,
  outcome: Outcome<Partial<RateLimits> | undefined>,
  asked?: string,
];

const LIMITS: readonly LimitsRow[] = [
  [
    `{"limits":{"primary":{"usedPercent":100,"windowMinutes":60,"resetsIn":600},"secondary":null}}`,
    {
      plan: "plus",
      primary: { usedPercent: 100, windowSeconds: 3600, resetsAt: "2027-01-15T08:10:00.000Z" },
    },
  ],
  [
    `{"limits":{"primary":null,"secondary":null,"credits":{"balance":"5"}}}`,
    { plan: "plus", credits: { balance: "5", unlimited: false } },
  ],
  [
    `{"limits":{"primary":null,"secondary":null,"credits":{"unlimited":true}}}`,
    { plan: "plus", credits: { unlimited: true } },
  ],
  [always(`"route":"usage","status":401`), "sign_in_rejected", "usage*2, refresh"],
  [always(`"route":"usage","status":403`), "invalid_request"],
  [always(`"route":"usage","status":403,"body":"<html>"`), "network"],
  [always(`"route":"usage","status":429`), "rate_limit"],
  [always(`"route":"usage","status":503`), "overloaded"],
  [always(`"route":"usage","body":{}`), "overloaded"],
  [always(`"route":"usage","body":"<html>"`), "overloaded"],
  [always(`"route":"usage","base64":"//79"`), "overloaded"],
  [always(`"route":"usage","connection":"reset"`), "network"],
  [always(`"route":"usage","connection":"hang"`), "network"],
  [always(`"route":"usage","cutAfterBytes":20`), "network"],
  [always(`"route":"usage","stallAfterBytes":20`), "network"],
];

for (const [scenario, outcome, asked = "usage"] of LIMITS) {
  Deno.test(`limits() with ${scenario} ends as ${nameOf(outcome)}`, async () => {
    await using desk = new ScenarioDesk(scenario);
    assert.deepEqual(await desk.outcome(desk.client.limits()), outcome);
    assert.equal(desk.asked, asked);
  });
}

/** What goes wrong at the revocation, and whether the server confirmed it all the same. */
const REVOCATIONS: readonly (readonly [fault: string, revoked: boolean])[] = [
  [`"delayMs":600`, true],
  [`"body":{}`, true],
  [`"status":401`, false],
  [`"status":429`, false],
  [`"status":503`, false],
  [`"connection":"reset"`, false],
  [`"connection":"refused"`, false],
  [`"connection":"hang"`, false],
  [`"cutAfterBytes":1`, false],
  [`"stallAfterBytes":1`, false],
];

for (const [fault, revoked] of REVOCATIONS) {
  Deno.test(`logout({ revoke }) where the server does ${fault} is told ${revoked}, and forgets`, async () => {
    await using desk = new ScenarioDesk(always(`"route":"revoke",${fault}`));
    const ended = await desk.outcome(desk.client.logout({ revoke: true }));
    assert.deepEqual(ended, { removed: true, revoked });
    assert.equal(desk.asked, "revoke");
    assert.equal(await desk.simulator.store.read(), undefined);
  });
}

/** A scenario, the key that is stored, and what comes of a question with it. */
const KEYS: readonly (readonly [scenario: string, key: string, outcome: Outcome])[] = [
  [`{}`, "sk-simulator", SAID],
  [`{"apiKeys":["sk-one","sk-two"]}`, "sk-two", SAID],
  [`{"apiKeys":["sk-one"]}`, "sk-simulator", "sign_in_rejected"],
  [`{"apiKeys":[]}`, "sk-simulator", "sign_in_rejected"],
  [always(`"route":"api-responses","status":503`), "sk-simulator", "overloaded"],
  [
    always(`"route":"api-responses","status":429,"body":{"error":{"code":"insufficient_quota"}}`),
    "sk-simulator",
    "usage_limit",
  ],
];

for (const [scenario, key, outcome] of KEYS) {
  Deno.test(`stream() with the API key ${key} and ${scenario} ends as ${nameOf(outcome)}`, async () => {
    await using desk = new ScenarioDesk(scenario, { signedIn: false });
    await desk.client.login({ method: "api-key", key });
    const call = desk.client.stream("Hi", { model: CLASSIC });
    assert.deepEqual(await desk.outcome(call.final().then(({ text }) => ({ text }))), outcome);
    assert.ok(desk.simulator.requests.every(({ route }) => route.startsWith("api-")), desk.asked);
  });
}
