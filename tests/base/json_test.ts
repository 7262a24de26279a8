import assert from "node:assert/strict";
import fc from "fast-check";
import {
  arrayAt,
  booleanAt,
  isObject,
  isPlainObject,
  numberAt,
  objectAt,
  parseJson,
  stringAt,
} from "../../src/base/json.ts";

const READERS = { arrayAt, booleanAt, numberAt, objectAt, stringAt };

Deno.test("parseJson() gives the value, and undefined for what is no JSON", () => {
  assert.deepEqual(parseJson('{"a":[1,null]}'), { a: [1, null] });
  assert.equal(parseJson("null"), null);
  for (const text of ["", "{", "{'a':1}", "undefined", "<html>", "\ufeff{}", '{"a":1}x', "NaN"]) {
    assert.equal(parseJson(text), undefined, text);
  }
});

Deno.test("parseJson() never throws, and reads what JSON.stringify wrote", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseJson(text)));
  fc.assert(fc.property(fc.json(), (text) => {
    assert.deepEqual(parseJson(text), JSON.parse(text));
  }));
});

Deno.test("isObject() takes objects with members only", () => {
  assert.equal(isObject({}), true);
  assert.equal(isObject(Object.create(null)), true);
  for (const value of [null, undefined, [], "x", 1, true, Symbol(), () => {}]) {
    assert.equal(isObject(value), false);
  }
});

Deno.test("the readers give a member of their kind", () => {
  const body = { s: "text", e: "", n: 1.5, z: 0, b: false, o: { p: 1 }, a: [1] };
  assert.equal(stringAt(body, "s"), "text");
  assert.equal(stringAt(body, "e"), "");
  assert.equal(numberAt(body, "n"), 1.5);
  assert.equal(numberAt(body, "z"), 0);
  assert.equal(booleanAt(body, "b"), false);
  assert.deepEqual(objectAt(body, "o"), { p: 1 });
  assert.deepEqual(arrayAt(body, "a"), [1]);
});

Deno.test("the readers take no member for one of another kind", () => {
  const wrong: readonly (readonly [keyof typeof READERS, unknown])[] = [
    ["stringAt", 1],
    ["stringAt", null],
    ["stringAt", ["x"]],
    ["numberAt", "1"],
    ["numberAt", NaN],
    ["numberAt", Infinity],
    ["numberAt", 1n],
    ["booleanAt", "true"],
    ["booleanAt", 1],
    ["booleanAt", null],
  ];
  for (const [reader, value] of wrong) assert.equal(READERS[reader]({ k: value }, "k"), undefined);
  for (const value of [null, [], "x", 1]) assert.deepEqual(objectAt({ k: value }, "k"), {});
  for (const value of [null, {}, "x", { length: 1 }]) {
    assert.deepEqual(arrayAt({ k: value }, "k"), []);
  }
});

Deno.test("the readers never throw, whatever they are given", () => {
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), fc.string(), (value, key) => {
    const text = stringAt(value, key);
    assert.ok(text === undefined || typeof text === "string");
    const number = numberAt(value, key);
    assert.ok(number === undefined || Number.isFinite(number));
    const flag = booleanAt(value, key);
    assert.ok(flag === undefined || typeof flag === "boolean");
    assert.ok(isObject(objectAt(value, key)));
    assert.ok(Array.isArray(arrayAt(value, key)));
  }));
});

Deno.test("the readers see a member of JSON that is named like a prototype's", () => {
  const body = parseJson('{"__proto__":{"a":"b"},"constructor":"c"}');
  assert.equal(stringAt(objectAt(body, "__proto__"), "a"), "b");
  assert.equal(stringAt(body, "constructor"), "c");
  assert.equal(stringAt(body, "a"), undefined);
});

Deno.test("isPlainObject() tells what a literal or JSON makes from an object of a class", () => {
  const plain = [{}, Object.create(null), parseJson('{"__proto__":{"a":1}}')];
  for (const value of plain) assert.equal(isPlainObject(Object(value)), true);
  const others = [
    [],
    new Map(),
    new Uint8Array(),
    new (class Own {})(),
    Object.create({}),
    () => 1,
  ];
  for (const value of others) assert.equal(isPlainObject(Object(value)), false);
});
