import assert from "node:assert/strict";
import { count, onOff, text } from "../../src/testing/basic_shapes.ts";
import {
  conforms,
  type Definitions,
  either,
  list,
  map,
  may,
  must,
  named,
  object,
  oneOf,
  pointerPart,
  problemsOf,
  type Shape,
  variants,
} from "../../src/testing/shape.ts";

interface Node {
  readonly name: string;
  readonly below?: readonly Node[];
}

const node: Shape<Node> = named("Node", () =>
  object<Node>({
    name: must(text, "Its name"),
    below: may(list(node), "Those below it"),
  }));

/** What is wrong, as `path message`. */
function told<T>(shape: Shape<T>, value: unknown): readonly string[] {
  return problemsOf(shape, value).map(({ path, message }) => `${path} ${message}`);
}

Deno.test("object() tells the place of each mistake, at any depth", () => {
  assert.deepEqual(told(node, { name: "a", below: [{ name: "b" }] }), []);
  assert.deepEqual(told(node, { below: [{ name: 5 }, "c"], "a/b~": 1 }), [
    "/a~1b~0 is not known; here may be name, below",
    ' must have "name"',
    "/below/0/name must be a text, not 5",
    '/below/1 must be an object, not "c"',
  ]);
});

Deno.test("object() that is open takes what it does not know", () => {
  const open = object<{ readonly slug: string }>({ slug: must(text, "A name") }, true);
  assert.deepEqual(told(open, { slug: "x", more: [1] }), []);
  assert.equal(open.schema({})["additionalProperties"], undefined);
});

Deno.test("object() does not take what an object has by nature for a member", () => {
  assert.deepEqual(told(node, JSON.parse('{"name":"a","toString":1}')), [
    "/toString is not known; here may be name, below",
  ]);
  assert.deepEqual(told(object<{ readonly toString: string }>({ toString: must(text, "") }), {}), [
    ' must have "toString"',
  ]);
});

Deno.test("either() names all that may be, or the mistake inside the one that was meant", () => {
  const shape = either(oneOf("page"), count(1), node);
  assert.deepEqual(told(shape, 3), []);
  assert.deepEqual(told(shape, "page"), []);
  assert.deepEqual(told(shape, "pge"), [
    ' must be "page" or a whole number from 1 up or an object, not "pge"',
  ]);
  assert.deepEqual(told(shape, { name: 5 }), ["/name must be a text, not 5"]);
});

Deno.test("variants() holds a value against the shape that it names", () => {
  type Pet = { readonly kind: "cat"; readonly lives: number } | { readonly kind: "dog" };
  const pet = variants<"kind", Pet>("kind", {
    cat: object<Extract<Pet, { kind: "cat" }>>({
      kind: must(oneOf("cat"), "A cat"),
      lives: must(count(0, 9), "How many are left"),
    }),
    dog: object<Extract<Pet, { kind: "dog" }>>({ kind: must(oneOf("dog"), "A dog") }),
  });
  assert.deepEqual(told(pet, { kind: "cat", lives: 10 }), [
    "/lives must be a whole number from 0 to 9, not 10",
  ]);
  assert.deepEqual(told(pet, { kind: "cow" }), ['/kind must be "cat" or "dog", not "cow"']);
  assert.deepEqual(told(pet, {}), [' must have "kind"']);
  assert.deepEqual(told(pet, null), [" must be an object, not null"]);
});

Deno.test("map() and list() look at each of their parts", () => {
  assert.deepEqual(told(map(onOff), { a: true, "b/c": 1 }), ["/b~1c must be true or false, not 1"]);
  assert.deepEqual(told(list(onOff), [true, 1]), ["/1 must be true or false, not 1"]);
  assert.deepEqual(told(list(onOff), { 0: true }), [" must be a list, not an object"]);
});

Deno.test("a message shows no more of a value than fits into a line", () => {
  const [message = ""] = told(onOff, "x".repeat(1000));
  assert.ok(message.length < 100, message);
});

Deno.test("conforms() says whether all is right", () => {
  assert.equal(conforms(node, { name: "a" }), true);
  assert.equal(conforms(node, { name: "a", below: [{}] }), false);
});

Deno.test("named() gives a schema that may refer to itself", () => {
  const definitions: Definitions = {};
  assert.deepEqual(node.schema(definitions), { $ref: "#/$defs/Node" });
  assert.deepEqual(definitions, {
    Node: {
      type: "object",
      properties: {
        name: { description: "Its name", type: "string" },
        below: {
          description: "Those below it",
          type: "array",
          items: { $ref: "#/$defs/Node" },
        },
      },
      required: ["name"],
      additionalProperties: false,
    },
  });
});

Deno.test("pointerPart() escapes as RFC 6901 says", () => {
  assert.equal(pointerPart("a/b~c"), "a~1b~0c");
});
