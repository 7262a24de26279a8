import assert from "node:assert/strict";
import { ItemMemory } from "../../../src/responses/fetch/item_memory.ts";

Deno.test("ItemMemory gives an item back by its id, the latest one of that id", () => {
  const memory = new ItemMemory();
  memory.keep({ id: "a", n: 1 });
  memory.keep({ id: "a", n: 2 });
  memory.keep({ type: "no id" });
  assert.deepEqual(memory.find("a"), { id: "a", n: 2 });
  assert.equal(memory.find("b"), undefined);
});

Deno.test("ItemMemory forgets what nobody has asked for the longest", () => {
  const memory = new ItemMemory(3 * '{"id":"a"}'.length);
  for (const id of ["a", "b", "c"]) memory.keep({ id });
  memory.find("a");
  memory.keep({ id: "d" });
  assert.deepEqual(["a", "b", "c", "d"].filter((id) => memory.find(id) !== undefined), [
    "a",
    "c",
    "d",
  ]);
});

Deno.test("ItemMemory does not keep an item that is larger than all that it may keep", () => {
  const memory = new ItemMemory(5);
  memory.keep({ id: "a" });
  assert.equal(memory.find("a"), undefined);
  memory.keep({ id: "a" });
  assert.equal(memory.find("a"), undefined);
});
