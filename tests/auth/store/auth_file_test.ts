import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isProfileName,
  profilesIn,
  providerKey,
  readCredentials,
  readEntry,
  writeEntry,
} from "../../../src/auth/store/auth_file.ts";
import { membersOf } from "../../../src/auth/store/json_members.ts";
import type { Credentials } from "../../../src/base/credentials.ts";
import { isCodexError } from "../../../src/base/errors.ts";
import { fileText, signIn } from "./support.ts";

function read(text: string, key: string = "openai"): Credentials | undefined {
  const entry = readEntry(text, key);
  assert.ok(entry.usable);
  return entry.credentials;
}

Deno.test("isProfileName() takes letters, digits, dots, underscores and hyphens, up to 64", () => {
  for (const name of ["a", "work", "A.b_c-9", "x".repeat(64)]) assert.ok(isProfileName(name), name);
  for (const name of ["", "a b", "a/b", "a@b", "ä", "a\n", "x".repeat(65)]) {
    assert.ok(!isProfileName(name), name);
  }
});

Deno.test("providerKey() is openai for the default profile and openai@NAME for others", () => {
  assert.equal(providerKey(), "openai");
  assert.equal(providerKey("default"), "openai");
  assert.equal(providerKey("work"), "openai@work");
  assert.throws(() => providerKey("a b"), (error) => isCodexError(error, "invalid_usage"));
});

Deno.test("profilesIn() lists our entries in the order of the file", () => {
  const text =
    '{"openai@b":{},"anthropic":{},"openai":{},"openai@a":{},"openai@":{},"openai@a":1,"openai@default":2}';
  assert.deepEqual(profilesIn(text), ["b", "default", "a"]);
  assert.deepEqual(profilesIn("nothing"), []);
});

Deno.test("readEntry() reads a file as opencode writes it", () => {
  const text = `{
  "anthropic": { "type": "api", "key": "other" },
  "openai": {
    "type": "oauth",
    "refresh": "rt_1",
    "access": "access",
    "expires": 1800000000000,
    "accountId": "acct-1",
    "enterpriseUrl": "https://enterprise.example"
  }
}`;
  assert.deepEqual(read(text), {
    type: "oauth",
    refresh: "rt_1",
    access: "access",
    expires: 1800000000000,
    accountId: "acct-1",
    enterpriseUrl: "https://enterprise.example",
  });
});

Deno.test("readEntry() takes a blank file for one without entries", () => {
  for (const text of ["", " \n", "\uFEFF", "{}"]) assert.equal(read(text), undefined);
});

Deno.test("readEntry() finds a file unusable that is no JSON object", () => {
  for (const text of ["[]", "null", '{"openai":', "# notes", '{"a":1}x', "\0\0\0"]) {
    const entry = readEntry(text, "openai");
    assert.ok(!entry.usable, text);
    assert.match(entry.why, /no JSON object/);
  }
});

Deno.test("readEntry() finds a file unusable whose entry is no sign-in known here", () => {
  for (
    const value of [
      '"token"',
      "null",
      "[]",
      "{}",
      '{"type":"wellknown","key":"k","token":"t"}',
      '{"type":"oauth","refresh":"rt","access":"a"}',
      '{"type":"oauth","refresh":"rt","access":"a","expires":"1"}',
      '{"type":"oauth","refresh":"rt","access":"a","expires":1e999}',
      '{"type":"oauth","refresh":null,"access":"a","expires":1}',
      '{"type":"api"}',
      '{"type":"api","key":7}',
    ]
  ) {
    const entry = readEntry(`{"openai":${value}}`, "openai");
    assert.ok(!entry.usable, value);
    assert.match(entry.why, /"openai"/);
    assert.ok(readEntry(`{"openai":${value}}`, "openai@work").usable, "another profile's is fine");
  }
});

Deno.test("readEntry() takes the last of two entries, as JSON.parse does", () => {
  const text = '{"openai":{"type":"api","key":"old"},"open\\u0061i":{"type":"api","key":"new"}}';
  assert.deepEqual(read(text), { type: "api", key: "new" });
});

Deno.test("readCredentials() reads the mark of a refused sign-in and ignores a broken one", () => {
  const mark = {
    code: "refresh_token_reused",
    at: "2027-01-15T08:00:00Z",
    for: "0123456789abcdef",
  };
  assert.deepEqual(readCredentials({ ...signIn(), reauth: mark }), { ...signIn(), reauth: mark });
  assert.deepEqual(readCredentials({ ...signIn(), reauth: { code: 1 } }), signIn());
  assert.deepEqual(readCredentials({ ...signIn(), enterpriseUrl: null, more: 1 }), signIn());
});

Deno.test("writeEntry() makes a new file of two-space JSON with a newline", () => {
  assert.equal(writeEntry("", "openai", signIn()), fileText(signIn()));
  assert.equal(JSON.stringify(JSON.parse(fileText(signIn())), null, 2) + "\n", fileText(signIn()));
});

Deno.test("writeEntry() adds an entry behind the others and takes it out again", () => {
  const others = '{\n  "zeta": {"n": 12345678901234567890},\n  "1": 0\n}\n';
  const added = writeEntry(others, "openai", signIn());
  assert.ok(
    added.startsWith('{\n  "zeta": {"n": 12345678901234567890},\n  "1": 0,\n  "openai": {'),
  );
  assert.equal(writeEntry(added, "openai", undefined), others);
});

Deno.test("writeEntry() leaves an emptied file an empty object", () => {
  assert.equal(writeEntry(fileText(signIn()), "openai", undefined), "{}\n");
  assert.equal(writeEntry("", "openai", undefined), "");
});

Deno.test("writeEntry() keeps what it does not know of our own entry", () => {
  const text =
    '{"openai":{"x":1.0,"type":"oauth","refresh":"rt_1","access":"access-token-of-a-test",' +
    '"y":{"accountId":2},"expires":1,"accountId":null}}';
  const { accountId: _, ...plain } = signIn();
  assert.equal(
    writeEntry(text, "openai", { ...plain, refresh: "rt_2" }),
    text.replace("rt_1", "rt_2"),
  );
});

Deno.test("writeEntry() changes a sign-in to an API key and leaves nothing secret of it", () => {
  const text = writeEntry(fileText(signIn()), "openai", { type: "api", key: "sk-example" });
  assert.deepEqual(JSON.parse(text), { openai: { type: "api", key: "sk-example" } });
});

Deno.test("writeEntry() keeps the words of a value that stays the same", () => {
  const text = '{"openai":{"type":"oauth","refresh":"\\u0072t_1","access":"a","expires":1.0e0}}';
  const next: Credentials = { type: "oauth", refresh: "rt_1", access: "b", expires: 1 };
  assert.equal(writeEntry(text, "openai", next), text.replace('"a","', '"b","'));
});

Deno.test("writeEntry() sets and lifts the mark", () => {
  const reauth = {
    code: "refresh_token_expired",
    at: "2027-01-15T08:00:00Z",
    for: "0123456789abcdef",
  };
  const marked = writeEntry(fileText(signIn()), "openai", { ...signIn(), reauth });
  assert.deepEqual(read(marked), { ...signIn(), reauth });
  assert.equal(writeEntry(marked, "openai", signIn()), fileText(signIn()));
});

// Texts rather than values: how others write is part of what must not change.
const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
const literal = fc.oneof(
  fc.constantFrom("null", "true", "-0", "1E400", "0.10", "12345678901234567890.5", '"\\ud83d"'),
  fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
  fc.double().map((number) => JSON.stringify(number)),
);
const key = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "1",
    "0",
    "constructor",
    "openai/",
    "openai@",
    "",
    "anthropic",
    "type",
  ),
  fc.string(),
).filter((name) => name !== "openai" && name !== "openai@work");
const keyText = key.chain((name) => {
  const written = JSON.stringify(name);
  const escaped = `"${
    [...name].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
  }"`;
  return fc.constantFrom(written, /^[ -~]*$/.test(name) ? escaped : written);
});

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    literal,
    fc.tuple(space, fc.array(fc.tuple(tie("value"), space), { maxLength: 3 }))
      .map(([first, items]) => `[${first}${items.map((item) => item.join("")).join(",")}]`),
    fc.array(fc.tuple(space, keyText, space, space, tie("value"), space), { maxLength: 3 })
      .map((members) => objectText(members)),
  ),
}));

type MemberParts = readonly [
  before: string,
  key: string,
  afterKey: string,
  beforeValue: string,
  value: string,
  after: string,
];

function objectText(members: readonly MemberParts[]): string {
  return `{${members.map(([a, k, b, c, v, d]) => `${a}${k}${b}:${c}${v}${d}`).join(",")}}`;
}

const member: fc.Arbitrary<MemberParts> = fc.tuple(space, keyText, space, space, value, space);
const ownUnknown = fc.array(fc.tuple(fc.stringMatching(/^x[a-z]{1,3}$/), value), { maxLength: 3 });

const credentials: fc.Arbitrary<Credentials> = fc.oneof(
  fc.record({
    type: fc.constant("oauth" as const),
    refresh: fc.string(),
    access: fc.string(),
    expires: fc.integer(),
  }, { noNullPrototype: true }),
  fc.tuple(fc.string(), fc.string()).map(([accountId, issuer]) => ({
    ...signIn(),
    accountId,
    issuer,
  })),
  fc.string().map((text) => ({ type: "api" as const, key: text })),
);

const step = fc.tuple(
  fc.constantFrom("openai", "openai@work"),
  fc.option(credentials, { nil: undefined }),
);

function foreign(text: string): [key: string, value: string][] {
  return (membersOf(text) ?? [])
    .filter(({ key }) => key !== "openai" && key !== "openai@work")
    .map(({ start, valueStart, end }) => [
      text.slice(start, valueStart).replace(/[ \t\r\n]*:[ \t\r\n]*$/, ""),
      text.slice(valueStart, end),
    ]);
}

function unknownOfOwn(text: string): [key: string, value: string][] {
  const own = membersOf(text)?.findLast((found) => found.key === "openai");
  const entry = own ? text.slice(own.valueStart, own.end) : "{}";
  return (membersOf(entry) ?? [])
    .filter((found) => found.key.startsWith("x"))
    .map((found) => [found.key, entry.slice(found.valueStart, found.end)]);
}

Deno.test("writeEntry() changes nothing that is not ours, whatever the file and the updates", () => {
  fc.assert(
    fc.property(
      fc.array(member, { maxLength: 5 }),
      fc.option(fc.tuple(fc.nat(5), ownUnknown), { nil: undefined }),
      fc.tuple(fc.constantFrom("", "\uFEFF"), space, space),
      fc.array(step, { minLength: 1, maxLength: 6 }),
      (members, own, [mark, before, after], steps) => {
        const all = [...members];
        const extra = own?.[1].map(([name, text]) => `"${name}": ${text}`) ?? [];
        const entry = `{${
          [...extra, '"type":"oauth","refresh":"r","access":"a","expires":1'].join(",")
        }}`;
        if (own) all.splice(Math.min(own[0], all.length), 0, [" ", '"openai"', "", " ", entry, ""]);
        let text = `${mark}${before}${objectText(all)}${after}`;
        const others: [string, string][] = members.map((parts) => [parts[1], parts[4]]);
        assert.deepEqual(foreign(text), others, "the scan agrees with how the text was made");
        let unknown = own?.[1] ?? [];
        for (const [key, next] of steps) {
          text = writeEntry(text, key, next);
          if (key === "openai" && next === undefined) unknown = [];
          assert.deepEqual(read(text, key), next);
          assert.deepEqual(foreign(text), others);
          assert.deepEqual(unknownOfOwn(text), unknown);
          assert.ok(text.startsWith(`${mark}${before}{`) && text.endsWith(`}${after}`));
          JSON.parse(text.slice(mark.length));
        }
      },
    ),
    { numRuns: 150 },
  );
});
