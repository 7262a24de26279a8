import assert from "node:assert/strict";
import { OpenItems } from "../../src/responses/open_items.ts";

Deno.test("OpenItems finds an item by its id, by its place, else takes the last one", () => {
  const items = new OpenItems();
  const first = items.find({ item_id: "a", output_index: 0 });
  const second = items.find({ item_id: "b", output_index: 1 });
  assert.notEqual(first, second);
  assert.equal(items.find({ item_id: "a" }), first);
  assert.equal(items.find({ output_index: 1 }), second);
  assert.equal(items.find({}), second);
  assert.equal(items.find({ output_index: 0 }, { id: "a-renamed" }), first);
  assert.equal(items.find({ item_id: "a-renamed" }), first);
});

Deno.test("OpenItems begins an item for what nothing names once the last one is finished", () => {
  const items = new OpenItems();
  const first = items.find({}, { type: "message" });
  first.done = true;
  const second = items.find({}, { type: "message" });
  assert.notEqual(first, second);
  assert.notEqual(first.id, second.id);
  assert.deepEqual(items.open(), [second]);
});

Deno.test("OpenItems takes note of what an announcement says", () => {
  const items = new OpenItems();
  items.add({ item: { id: "fc", type: "function_call", call_id: "c1" }, output_index: 0 });
  items.add({ item: { id: "msg", type: "message", phase: "final_answer" }, output_index: 1 });
  const [call, message] = items.open();
  assert.deepEqual([call?.calling, call?.callId], [true, "c1"]);
  assert.deepEqual([message?.calling, message?.phase], [false, "final_answer"]);
});

Deno.test("ItemState holds no more than the half of a pair that a delta ends in", () => {
  const [item] = [new OpenItems().find({ item_id: "a" })];
  assert.equal(item.joined("x\ud83d"), "x");
  assert.equal(item.joined(""), "");
  assert.equal(item.joined("\ude00"), "😀");
  assert.equal(item.joined("\ude00"), "\ude00");
  assert.equal(item.joined("\ud83d"), "");
  assert.equal(item.takeHeld(), "\ud83d");
  assert.equal(item.takeHeld(), "");
});
