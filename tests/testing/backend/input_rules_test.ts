import assert from "node:assert/strict";
import { refuseInput } from "../../../src/testing/backend/input_rules.ts";

const user = { role: "user", content: "Hi" };
const PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==";

async function refusal(
  input: readonly unknown[],
  systemAllowed = false,
): Promise<Record<string, unknown> | undefined> {
  return await refuseInput(input, { systemAllowed })?.json();
}

Deno.test("refuseInput() takes what the official client and others send", async () => {
  assert.equal(
    await refusal([
      { type: "additional_tools", role: "developer", tools: [] },
      { type: "message", role: "developer", content: [{ type: "input_text", text: "Be brief" }] },
      user,
      { type: "reasoning", summary: [], content: null, encrypted_content: "x" },
      { role: "assistant", content: [{ type: "output_text", text: "Yes", annotations: [] }] },
      { type: "function_call", name: "f", arguments: "{}", call_id: "call_1" },
      { type: "custom_tool_call", name: "apply_patch", input: "…", call_id: "call_2" },
      { type: "function_call_output", call_id: "call_1", output: "done" },
      { type: "custom_tool_call_output", call_id: "call_2", output: [] },
      { role: "user", content: [{ type: "input_image", image_url: PNG, detail: "original" }] },
      { role: "user", content: [{ type: "input_image", image_url: "https://example.com/a.png" }] },
      { type: "configuration_update", reasoning: { effort: "low" } },
    ]),
    undefined,
  );
});

Deno.test("refuseInput() takes no system message where the backend does not", async () => {
  const input = [{ role: "system", content: "Be brief" }, user];
  assert.deepEqual(await refusal(input), { detail: "System messages are not allowed" });
  assert.equal(await refusal(input, true), undefined);
});

Deno.test("refuseInput() wants an output for every call, and a call for every output", async () => {
  const call = { type: "function_call", name: "f", arguments: "{}", call_id: "call_1" };
  const output = { type: "function_call_output", call_id: "call_1", output: "x" };
  const custom = { type: "custom_tool_call", name: "f", input: "", call_id: "call_1" };
  for (
    const [input, message] of [
      [[user, call], "No tool output found for function call call_1."],
      [[user, custom], "No tool output found for custom tool call call_1."],
      [[user, custom, output], "No tool call found for function call output with call_id call_1."],
    ] as const
  ) {
    const { error } = await refusal(input) ?? {};
    assert.equal(Object(error).message, message);
    assert.equal(Object(error).type, "invalid_request_error");
  }
  assert.equal(await refusal([user, call, output]), undefined);
});

Deno.test("refuseInput() names the place of what it does not understand", async () => {
  for (
    const [item, param] of [
      ["text", "input[1]"],
      [{ type: "poem" }, "input[1]"],
      [{ type: "function_call", name: "f", arguments: "{}" }, "input[1].call_id"],
      [{ role: "robot", content: "x" }, "input[1].role"],
      [{ content: "x" }, "input[1].role"],
      [{ role: "user", content: 7 }, "input[1].content"],
      [{ role: "user", content: [{ type: "output_text", text: "" }] }, "input[1].content[0]"],
      [{ role: "assistant", content: [{ type: "input_text", text: "" }] }, "input[1].content[0]"],
      [{ role: "user", content: [{ type: "input_image" }] }, "input[1].content[0].image_url"],
      [{ type: "additional_tools", tools: [{ type: "x" }] }, "input[1].tools[0].type"],
    ] as const
  ) {
    const { error } = await refusal([user, item]) ?? {};
    assert.equal(Object(error).param, param);
  }
});

Deno.test("refuseInput() looks whether a data URL holds a picture", async () => {
  for (const image_url of ["data:image/png;base64,AAAA", "data:text/plain,hello"]) {
    const { error } = await refusal([
      { role: "user", content: [{ type: "input_image", image_url }] },
    ]) ?? {};
    assert.match(Object(error).message, /does not represent a valid image/);
  }
});
