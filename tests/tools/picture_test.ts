/** The picture of the README as it lies there: recorded by hand, so held to what can be held. */
import assert from "node:assert/strict";
import { PROJECT, TYPED } from "../../tools/picture/scene.ts";

const PICTURE = await Deno.readTextFile(new URL("../../docs/session.svg", import.meta.url));

/** What is seen where nothing moves: the texts of the last screen, row by row. */
function lastScreen(): string {
  const shown = [...PICTURE.matchAll(/<g class="f k\d+ z">(.*)<\/g>/g)].map(([, texts]) => texts);
  const texts = [...shown.join("").matchAll(/ x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)]
    .map(([, x = "", y = "", text = ""]) => ({ x: Number(x), y: Number(y), text }))
    .sort((one, other) => one.y - other.y || one.x - other.x);
  return texts.map(({ text }) => text).join(" ").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

Deno.test("docs/session.svg is small, and fetches nothing", () => {
  assert.ok(new TextEncoder().encode(PICTURE).length <= 40_000);
  const addresses = PICTURE.match(/\w+:\/\/[^"\s]+|url\([^)]*\)|@import|<script|<image|href/g);
  assert.deepEqual(addresses, ["http://www.w3.org/2000/svg"]);
});

Deno.test("docs/session.svg shows what its scene says, and no folder of a machine", () => {
  const screen = lastScreen();
  for (const line of TYPED) assert.ok(screen.includes(line), `${line} in ${screen}`);
  const [, changed = ""] = /changed 1 file: (\S+)/.exec(screen) ?? [];
  assert.ok(changed in PROJECT, screen);
  assert.match(screen, /\+ +return title\.toLowerCase\(\)\.replaceAll/);
  assert.doesNotMatch(PICTURE, /\/tmp|\/home|\/root|codex-picture/);
});
