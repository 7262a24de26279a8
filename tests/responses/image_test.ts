import assert from "node:assert/strict";
import { detectImage } from "../../src/responses/image.ts";

const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));

Deno.test("detectImage() tells the four kinds by their first bytes", () => {
  assert.equal(detectImage(bytes("\x89PNG\r\n\x1a\n....")), "image/png");
  assert.equal(detectImage(bytes("\xff\xd8\xff\xe0")), "image/jpeg");
  assert.equal(detectImage(bytes("GIF89a")), "image/gif");
  assert.equal(detectImage(bytes("RIFF....WEBPVP8 ")), "image/webp");
});

Deno.test("detectImage() knows no other kind, and none that is cut short", () => {
  for (const text of ["", "\x89PN", "RIFF....WAVE", "<svg/>", "BM", "%PDF"]) {
    assert.equal(detectImage(bytes(text)), undefined, text);
  }
});
