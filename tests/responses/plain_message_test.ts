import assert from "node:assert/strict";
import type { Message } from "../../src/responses/options.ts";
import { plainMessage } from "../../src/responses/plain_message.ts";

Deno.test("plainMessage() makes JSON of images and files, and leaves the rest alone", () => {
  const png = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
  const message: Message = {
    role: "user",
    content: [
      { type: "text", text: "look" },
      { type: "image", image: png },
      { type: "image", image: new URL("https://example.com/a.png") },
      { type: "file", name: "t", text: new TextEncoder().encode("hi") },
    ],
  };
  assert.deepEqual(JSON.parse(JSON.stringify(plainMessage(message))), {
    role: "user",
    content: [
      { type: "text", text: "look" },
      { type: "image", image: "data:image/png;base64,iVBORw0KGgo=" },
      { type: "image", image: "https://example.com/a.png" },
      { type: "file", name: "t", text: "hi" },
    ],
  });
  const answer: Message = { role: "assistant", items: [{ type: "message" }] };
  assert.equal(plainMessage(answer), answer);
});
