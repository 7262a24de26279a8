import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_DATE_MS, readClaims, readIdentity } from "../../src/auth/claims.ts";
import exchanges from "../fixtures/auth/code_exchange.json" with { type: "json" };
import { token, tokenOf } from "./sign_ins.ts";

const AUTH = "https://api.openai.com/auth";
const PROFILE = "https://api.openai.com/profile";

const NOTHING = {
  accountId: undefined,
  plan: undefined,
  email: undefined,
  workspaces: [],
  expiresAt: undefined,
};

/** The tokens of the recorded exchange. */
function recorded(): { readonly id_token: string; readonly access_token: string } {
  const row = exchanges.find((row) => row.case === "tok_min");
  assert.ok(row);
  return JSON.parse(row.body);
}

Deno.test("readClaims() reads an id token as it was recorded", () => {
  assert.deepEqual(readClaims(recorded().id_token), {
    accountId: "acct-sim-0001",
    plan: "plus",
    email: "sim@example.test",
    workspaces: [{ id: "org-sim", title: "Personal" }],
    expiresAt: 1795164653000,
  });
});

Deno.test("readClaims() reads an access token as it was recorded", () => {
  assert.deepEqual(readClaims(recorded().access_token), {
    accountId: "acct-sim-0001",
    plan: "plus",
    email: "sim@example.test",
    workspaces: [{ id: "org-sim", title: "Personal" }],
    expiresAt: 1796025053000,
  });
});

Deno.test("readClaims() takes the account id from the top where the claim has none", () => {
  assert.equal(readClaims(token({ chatgpt_account_id: "top" })).accountId, "top");
  assert.equal(
    readClaims(token({ chatgpt_account_id: "top", [AUTH]: { chatgpt_account_id: "in" } }))
      .accountId,
    "in",
  );
  assert.equal(
    readClaims(token({ chatgpt_account_id: "top", [AUTH]: { chatgpt_account_id: "" } }))
      .accountId,
    "top",
  );
});

Deno.test("readClaims() takes the address from the top, else from the profile", () => {
  const both = { email: "a@example.test", [PROFILE]: { email: "b@example.test" } };
  assert.equal(readClaims(token(both)).email, "a@example.test");
  assert.equal(
    readClaims(token({ [PROFILE]: { email: "b@example.test" } })).email,
    "b@example.test",
  );
  assert.equal(readClaims(token({ ...both, email: null })).email, "b@example.test");
});

Deno.test("readClaims() gives the plan in lower case, also one that nobody knows", () => {
  assert.equal(readClaims(token({ [AUTH]: { chatgpt_plan_type: "Pro" } })).plan, "pro");
  assert.equal(readClaims(token({ [AUTH]: { chatgpt_plan_type: "Quantum_9" } })).plan, "quantum_9");
});

Deno.test("readClaims() lists only organizations with an id", () => {
  const organizations = [
    { id: "org-1", title: "One" },
    { id: "org-2" },
    { id: "org-3", title: 3 },
    { title: "No id" },
    { id: "" },
    { id: 4 },
    null,
    "org-5",
    [],
  ];
  assert.deepEqual(readClaims(token({ [AUTH]: { organizations } })).workspaces, [
    { id: "org-1", title: "One" },
    { id: "org-2", title: undefined },
    { id: "org-3", title: undefined },
  ]);
});

const OPAQUE: readonly (string | undefined)[] = [
  undefined,
  "",
  "opaque",
  "at-personal-access-token",
  "a.b",
  "..",
  "a..c",
  "a.b.c",
  "a.b.c.d.e",
  `a.${"=".repeat(50)}.c`,
  "eyJhbGciOiJub25lIn0.bm90IGpzb24.x",
  tokenOf('"a string"'),
  tokenOf("[1,2]"),
  tokenOf("null"),
  tokenOf("7"),
  tokenOf('{"exp":'),
  tokenOf("\ufeff{}"),
];

Deno.test("readClaims() says nothing about what is no token", () => {
  for (const opaque of OPAQUE) assert.deepEqual(readClaims(opaque), NOTHING, String(opaque));
});

const WRONG: readonly unknown[] = [null, true, 5, "", [], ["x"], {}, { a: 1 }];

Deno.test("readClaims() counts members of a wrong kind as absent", () => {
  for (const wrong of WRONG) {
    const claims = {
      email: wrong,
      [AUTH]: {
        chatgpt_account_id: wrong,
        chatgpt_plan_type: wrong,
        organizations: wrong === null ? null : { 0: wrong },
      },
      [PROFILE]: { email: wrong },
    };
    assert.deepEqual(readClaims(token(claims)), NOTHING, JSON.stringify(wrong));
    if (wrong !== 5) assert.equal(readClaims(token({ exp: wrong })).expiresAt, undefined);
    if (typeof wrong !== "object") {
      assert.deepEqual(readClaims(token({ [AUTH]: wrong, [PROFILE]: wrong })), NOTHING);
    }
  }
});

Deno.test("readClaims() takes no expiry that is no instant", () => {
  for (const exp of ["1e306", "-1e306", "8640000000001", "1e400", '"1800000000"', "null"]) {
    assert.equal(readClaims(tokenOf(`{"exp":${exp}}`)).expiresAt, undefined, exp);
  }
  assert.equal(readClaims(tokenOf('{"exp":8640000000000}')).expiresAt, MAX_DATE_MS);
  assert.equal(readClaims(tokenOf('{"exp":-5}')).expiresAt, -5000);
  assert.equal(readClaims(tokenOf('{"exp":0}')).expiresAt, 0);
});

Deno.test("readClaims() is not taken in by members that name a prototype", () => {
  const inherited = `{"${AUTH}":{"chatgpt_account_id":"evil"},"email":"evil@example.test","exp":1}`;
  assert.deepEqual(readClaims(tokenOf(`{"__proto__":${inherited}}`)), NOTHING);
  assert.deepEqual(readClaims(tokenOf(`{"constructor":{"prototype":${inherited}}}`)), NOTHING);
  assert.deepEqual(
    readClaims(tokenOf(`{"${AUTH}":{"__proto__":{"chatgpt_plan_type":"x"}}}`)),
    NOTHING,
  );
  assert.equal(Object.hasOwn(Object.prototype, "email"), false);
});

Deno.test("readClaims() bears a payload that is large or deep", () => {
  const large = readClaims(token({ padding: "x".repeat(1_000_000), email: "a@example.test" }));
  assert.equal(large.email, "a@example.test");
  const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
  assert.equal(readClaims(tokenOf(`{"deep":${deep},"exp":5}`)).expiresAt, 5000);
});

Deno.test("readClaims() never throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json().map(tokenOf)), (text) => {
    const { expiresAt } = readClaims(text);
    assert.ok(expiresAt === undefined || Math.abs(expiresAt) <= MAX_DATE_MS);
  }));
});

Deno.test("readIdentity() falls back on the access token member by member", () => {
  const id = token({ exp: 1, [AUTH]: { chatgpt_plan_type: "team" } });
  const access = token({
    exp: 2,
    email: "a@example.test",
    [AUTH]: { chatgpt_account_id: "acct", chatgpt_plan_type: "free", organizations: [{ id: "o" }] },
  });
  assert.deepEqual(readIdentity(id, access), {
    accountId: "acct",
    plan: "team",
    email: "a@example.test",
    workspaces: [{ id: "o", title: undefined }],
    expiresAt: 2000,
  });
});

Deno.test("readIdentity() takes the expiry from the access token alone", () => {
  assert.equal(readIdentity(token({ exp: 1 }), "opaque").expiresAt, undefined);
  assert.equal(readIdentity(undefined, token({ exp: 2 })).expiresAt, 2000);
  assert.equal(readIdentity("nope", token({ exp: 2 })).expiresAt, 2000);
});

Deno.test("readIdentity() prefers the id token's account, plan, address and organizations", () => {
  const claims = (name: string) =>
    token({
      email: `${name}@example.test`,
      [AUTH]: {
        chatgpt_account_id: name,
        chatgpt_plan_type: name,
        organizations: [{ id: name, title: name }],
      },
    });
  assert.deepEqual(readIdentity(claims("id"), claims("access")), {
    accountId: "id",
    plan: "id",
    email: "id@example.test",
    workspaces: [{ id: "id", title: "id" }],
    expiresAt: undefined,
  });
});
