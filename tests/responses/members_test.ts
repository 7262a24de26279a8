import assert from "node:assert/strict";
import {
  allOptional,
  check,
  checkNames,
  closed,
  list,
  NUMBER,
  shape,
  TEXT,
  word,
} from "../../src/responses/members.ts";

const refused = (message: string) => ({ code: "invalid_usage", message });

Deno.test("check() says what a value has to be and what it is, and never the value", () => {
  const secret = "sk-secret";
  const CASES: readonly (readonly [value: unknown, is: string])[] = [
    [undefined, "missing"],
    [null, "null"],
    [[], "a list"],
    [{}, "another object"],
    ["", "empty text"],
    [secret, "other text"],
    [true, "a boolean"],
    [() => secret, "a function"],
    [1n, "a bigint"],
  ];
  for (const [value, is] of CASES) {
    assert.throws(
      () => check(value, NUMBER, "options.n"),
      refused(`options.n has to be a number, and is ${is}`),
    );
  }
});

Deno.test("check() looks into lists and objects, holes too", () => {
  const kind = shape({ names: list(TEXT) });
  check({ names: ["a"], other: 1 }, kind, "x");
  assert.throws(
    () => check({ names: ["a", 1] }, kind, "x"),
    refused("x.names[1] has to be text, and is a number"),
  );
  assert.throws(
    () => check({ names: new Array(1) }, kind, "x"),
    refused("x.names[0] has to be text, and is missing"),
  );
  assert.throws(() => check({}, kind, "x"), refused("x.names has to be a list, and is missing"));
});

Deno.test("closed() refuses what it does not know, and names what is nearest", () => {
  const kind = closed(allOptional({ idle: NUMBER, way: word("fail", "wait") }));
  check({ idle: 1, other: undefined }, kind, "x");
  assert.throws(() => check({ idel: 1 }, kind, "x"), {
    ...refused("x.idel is not known here"),
    hint: "Leave it out; the nearest that there is: x.idle",
  });
  assert.throws(
    () => check({ way: "x" }, kind, "x"),
    refused('x.way has to be one of "fail", "wait", and is other text'),
  );
});

Deno.test("checkNames() takes no name of Object's own for a known one", () => {
  assert.throws(
    () => checkNames({ constructor: 1 }, ["a"], "x"),
    refused("x.constructor is not known here"),
  );
});
