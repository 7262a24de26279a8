import assert from "node:assert/strict";
import type { Account } from "../../src/auth/account.ts";
import {
  type AddressToOpen,
  describeAddress,
  describeCode,
  describeSignIn,
  describeStatus,
  noteOnPlan,
  summarize,
} from "../../src/cli/sign_in_text.ts";
import { PRODUCTION } from "../../src/protocol/endpoints.ts";

const NOW = new Date(2027, 0, 15, 8, 0).getTime();

const ACCOUNT: Account = {
  method: "chatgpt",
  state: "valid",
  accountId: "acc-1",
  plan: "plus",
  email: "ada@example.test",
  expiresAt: new Date(2027, 0, 15, 9, 30).toISOString(),
  issuer: PRODUCTION.issuer,
};

const API_KEY: Account = { method: "api-key", state: "valid" };

const WORKSPACES = [{ id: "org-1", title: "Home" }, { id: "org-2", title: undefined }];

Deno.test("describeSignIn() says who is signed in, with which plan", () => {
  assert.deepEqual(describeSignIn(ACCOUNT), ["Signed in as ada@example.test, plan plus."]);
});

Deno.test("describeSignIn() makes do with what is known", () => {
  const { email: _, ...noEmail } = ACCOUNT;
  assert.deepEqual(describeSignIn(noEmail), ["Signed in as acc-1, plan plus."]);
  assert.deepEqual(describeSignIn({ method: "chatgpt", state: "valid" }), ["Signed in."]);
  assert.deepEqual(describeSignIn(API_KEY), ["Signed in with an API key."]);
});

for (const plan of ["free", "free_workspace", "guest"]) {
  Deno.test(`describeSignIn() says that the plan ${plan} has little or no allowance`, () => {
    const [first, second, ...more] = describeSignIn({ ...ACCOUNT, plan });
    assert.equal(first, `Signed in as ada@example.test, plan ${plan}.`);
    assert.match(second ?? "", new RegExp(`"${plan}" has little or no allowance`));
    assert.match(second ?? "", /the service decides/);
    assert.deepEqual(more, []);
    assert.equal(noteOnPlan(plan), second);
  });
}

Deno.test("noteOnPlan() says nothing of a plan that has an allowance, or that is unknown", () => {
  for (const plan of ["plus", "pro", "team", "business", "go", "edu", "", undefined]) {
    assert.equal(noteOnPlan(plan), undefined);
  }
});

Deno.test("describeSignIn() names the workspaces of an account with more than one", () => {
  const text = describeSignIn({ ...ACCOUNT, workspaces: WORKSPACES }).join("\n");
  assert.ok(text.includes("Home (org-1), org-2"));
  assert.ok(text.includes("acc-1"));
  assert.ok(/\bcodex login\b.*--workspace\b/.test(text));
  assert.equal(describeSignIn({ ...ACCOUNT, workspaces: WORKSPACES.slice(0, 1) }).length, 1);
});

Deno.test("describeStatus() says who, how, which plan and until when", () => {
  assert.deepEqual(describeStatus(ACCOUNT, NOW), [
    ["Signed in", "with ChatGPT"],
    ["Person", "ada@example.test"],
    ["Account", "acc-1"],
    ["Plan", "plus"],
    ["Access token", "good until 2027-01-15 09:30 (in 1 h 30 min)"],
  ]);
});

Deno.test("describeStatus() of an API key says no more than that", () => {
  assert.deepEqual(describeStatus(API_KEY, NOW), [["Signed in", "with an API key"]]);
});

/** What a row of the status says. */
function row(account: Account, label: string): string | undefined {
  return describeStatus(account, NOW).find(([name]) => name === label)?.[1];
}

Deno.test("describeStatus() names an issuer that is not the usual one", () => {
  assert.equal(row(ACCOUNT, "Issuer"), undefined);
  const elsewhere = { ...ACCOUNT, issuer: "http://127.0.0.1:8080" };
  assert.equal(row(elsewhere, "Issuer"), "http://127.0.0.1:8080");
});

Deno.test("describeStatus() names the workspaces where there are several", () => {
  assert.equal(row({ ...ACCOUNT, workspaces: WORKSPACES }, "Workspaces"), "Home (org-1), org-2");
  assert.equal(row({ ...ACCOUNT, workspaces: WORKSPACES.slice(0, 1) }, "Workspaces"), undefined);
});

const TOKENS: readonly (readonly [state: Partial<Account>, text: string])[] = [
  [{ state: "renews" }, "renews at next use"],
  [
    { state: "over", reason: "refresh_token_reused" },
    "cannot be renewed (refresh_token_reused): sign in again",
  ],
  [{ state: "over" }, "cannot be renewed (refused): sign in again"],
  [
    { state: "expired", expiresAt: new Date(2027, 0, 15, 7, 0).toISOString() },
    "ended 2027-01-15 07:00 (1 h ago)",
  ],
];

for (const [state, text] of TOKENS) {
  const name = JSON.stringify(state);
  Deno.test(`describeStatus() says of an access token "${text}" in the state ${name}`, () => {
    assert.equal(row({ ...ACCOUNT, ...state }, "Access token"), text);
  });
}

Deno.test("describeStatus() says so when it is not known how long the token is good", () => {
  const { expiresAt: _, ...unknown } = ACCOUNT;
  assert.equal(row(unknown, "Access token"), "good for an unknown time");
});

Deno.test("summarize() gives three cells for every kind of sign-in", () => {
  assert.deepEqual(summarize(API_KEY, NOW), ["an API key", "", ""]);
  assert.deepEqual(summarize({ ...ACCOUNT, state: "renews" }, NOW), [
    "ada@example.test",
    "plus",
    "renews at next use",
  ]);
  const { email: _, plan: __, ...bare } = ACCOUNT;
  assert.deepEqual(summarize({ ...bare, state: "renews" }, NOW).slice(0, 2), ["acc-1", ""]);
});

Deno.test("describeCode() shows the page and the code on lines of their own, and warns", () => {
  const lines = describeCode({ url: "https://a.test/codex/device", code: "ABCD-12345" });
  assert.ok(lines.includes("  https://a.test/codex/device"));
  assert.ok(lines.includes("  ABCD-12345"));
  assert.match(lines.join("\n"), /nobody else needs this code/);
});

const WAIT: AddressToOpen = {
  url: "https://a.test/oauth/authorize?x=1",
  port: 1455,
  busy: [],
  timeoutMs: 600_000,
  opened: true,
  paste: true,
  remote: false,
  ssh: false,
};

const told = (change: Partial<AddressToOpen>) => describeAddress({ ...WAIT, ...change }).join("\n");

Deno.test("describeAddress() shows the address on a line of its own, and how long it waits", () => {
  assert.ok(describeAddress(WAIT).includes("  https://a.test/oauth/authorize?x=1"));
  assert.match(told({}), /Waiting 10 min/);
});

Deno.test("describeAddress() says which port was taken", () => {
  assert.doesNotMatch(told({}), /taken/);
  assert.match(told({ busy: [1455], port: 1457 }), /1455 is taken.*using 1457/);
});

Deno.test("describeAddress() does not claim that a browser opens where none was started", () => {
  assert.match(told({ opened: true }), /browser that opens/);
  assert.doesNotMatch(told({ opened: false }), /opens\b/);
});

Deno.test("describeAddress() offers pasting only where something can be pasted", () => {
  assert.match(told({ paste: true }), /[Pp]aste/);
  assert.match(told({ paste: true, remote: true }), /paste/);
  assert.doesNotMatch(told({ paste: false }), /paste/i);
  assert.match(told({ paste: false }), /codex login --headless/);
});

Deno.test("describeAddress() says over SSH how the port is forwarded", () => {
  assert.match(told({ remote: true, ssh: true }), /ssh -L 1455:127\.0\.0\.1:1455/);
  assert.doesNotMatch(told({ remote: true, ssh: false }), /ssh/);
});

Deno.test("describeAddress() and describeCode() fit a terminal of 80 columns, the address aside", () => {
  const lines = [true, false].flatMap((paste) =>
    [true, false].flatMap((remote) =>
      [true, false].flatMap((opened) =>
        describeAddress({ ...WAIT, paste, remote, opened, ssh: remote, busy: [1455], port: 1457 })
      )
    )
  );
  const account = { ...ACCOUNT, workspaces: WORKSPACES };
  const all = [...lines, ...describeCode({ url: "", code: "" }), ...describeSignIn(account)];
  assert.deepEqual(all.filter((line) => line.length > 79), []);
});
