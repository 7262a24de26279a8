import assert from "node:assert/strict";
import {
  layoutOf,
  membersOf,
  memberText,
  nested,
  parseText,
  withMember,
  withoutMember,
} from "../../../src/auth/store/json_members.ts";

function slices(text: string): [key: string, value: string][] {
  return (membersOf(text) ?? []).map((m) => [m.key, text.slice(m.valueStart, m.end)]);
}

Deno.test("membersOf() gives the members in the order of the text", () => {
  const text = '{"b": 1, "10": [1, {"x": "]"}], "2": "a,}", "__proto__": {"y": null}, "b": true}';
  assert.deepEqual(slices(text), [
    ["b", "1"],
    ["10", '[1, {"x": "]"}]'],
    ["2", '"a,}"'],
    ["__proto__", '{"y": null}'],
    ["b", "true"],
  ]);
});

Deno.test("membersOf() decodes keys and leaves values as they are written", () => {
  const text = String.raw`{"op\u0065n\"ai":1.50e+400,"\\":"\ud800 \" \\"}`;
  assert.deepEqual(slices(text), [
    ['open"ai', "1.50e+400"],
    ["\\", String.raw`"\ud800 \" \\"`],
  ]);
});

Deno.test("membersOf() takes an empty object, blanks and a byte order mark", () => {
  assert.deepEqual(membersOf("{}"), []);
  assert.deepEqual(membersOf(" \n{\t}\r\n"), []);
  assert.deepEqual(slices('\uFEFF { "a" : 1 } '), [["a", "1"]]);
});

Deno.test("membersOf() refuses what is not one JSON object", () => {
  for (
    const text of ["", "null", "[]", '"{}"', "{", "{}{}", '{"a":1,}', "{'a':1}", "{a:1}", "// {}"]
  ) {
    assert.equal(membersOf(text), undefined, text);
  }
});

Deno.test("membersOf() takes a value that is nested 100 000 deep", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  assert.deepEqual(slices(`{"a":${deep},"b":2}`), [["a", deep], ["b", "2"]]);
});

Deno.test("memberText() gives the last of members with the same key", () => {
  assert.equal(memberText('{"a":1,"a":2}', "a"), "2");
  assert.equal(memberText('{"a":1}', "b"), undefined);
  assert.equal(memberText("[]", "a"), undefined);
});

Deno.test("withMember() replaces a value where it stands", () => {
  assert.equal(
    withMember('{ "a" : 1 ,\n"b":  2}', "a", "[3]"),
    '{ "a" : [3] ,\n"b":  2}',
  );
  assert.equal(withMember('{"a":1,"b":2,"a":3}', "a", "4"), '{"a":1,"b":2,"a":4}');
});

Deno.test("withMember() adds a member in the layout of the others", () => {
  assert.equal(withMember('{"a":1}', "b", "2"), '{"a":1,"b":2}');
  assert.equal(withMember('{ "a": 1 }', "b", "2"), '{ "a": 1, "b": 2 }');
  assert.equal(withMember('{\n\t"a": 1\n}\n', "b", "2"), '{\n\t"a": 1,\n\t"b": 2\n}\n');
});

Deno.test("withMember() lays an empty object out as it is told", () => {
  assert.equal(withMember("{}\n", "a", "1"), '{\n  "a": 1\n}\n');
  assert.equal(
    withMember("\uFEFF{ }", "a", "1", { gap: "", close: "", colon: ":" }),
    '\uFEFF{"a":1}',
  );
});

Deno.test("withoutMember() leaves the others as they were", () => {
  const text = '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}\n';
  assert.equal(withoutMember(text, "a"), '{\n  "b": 2,\n  "c": 3\n}\n');
  assert.equal(withoutMember(text, "b"), '{\n  "a": 1,\n  "c": 3\n}\n');
  assert.equal(withoutMember(text, "c"), '{\n  "a": 1,\n  "b": 2\n}\n');
  assert.equal(withoutMember(text, "d"), text);
});

Deno.test("withoutMember() takes out every member of the key", () => {
  assert.equal(withoutMember('{"a":1,"b":2,"a":3}', "a"), '{"b":2}');
  assert.equal(withoutMember(' {"a":1,"\\u0061":2}\n', "a"), " {}\n");
});

Deno.test("nested() indents by as much again", () => {
  assert.deepEqual(nested(layoutOf("{}")), { gap: "\n    ", close: "\n  ", colon: ": " });
  assert.deepEqual(nested(layoutOf('{\n\t"a":1\n}')), { gap: "\n\t\t", close: "\n\t", colon: ":" });
  assert.deepEqual(nested(layoutOf('{"a":1}')), { gap: "", close: "", colon: ":" });
});

Deno.test("parseText() gives undefined for what is no JSON", () => {
  assert.equal(parseText("{"), undefined);
  assert.deepEqual(parseText("\uFEFF[1]"), [1]);
});
