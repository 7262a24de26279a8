import assert from "node:assert/strict";
import type { Frame, Look } from "../../../tools/picture/frames.ts";
import { svg } from "../../../tools/picture/svg.ts";

const PLAIN: Look = { bold: false, dim: false };

function frame(at: number, ...lines: readonly string[]): Frame {
  return {
    at,
    rows: lines.map((text) =>
      text === "" ? [] : [{ column: 0, width: text.length, text, look: PLAIN }]
    ),
    cursor: { row: 0, column: at / 100 },
  };
}

const OPTIONS = { columns: 20, rows: 3, title: "A <session>", holdMs: 500 };

Deno.test("svg() draws a row that stays once, and shows it from its time on", () => {
  const picture = svg([frame(0, ""), frame(250, "one"), frame(500, "one", "two")], OPTIONS);
  assert.equal(picture.split(">one<").length, 2);
  assert.match(picture, /@keyframes k0\{0%\{visibility:hidden\}25%\{visibility:visible\}\}/);
  assert.match(picture, /@keyframes k1\{0%\{visibility:hidden\}50%\{visibility:visible\}\}/);
  assert.match(picture, /animation:1\.00s step-end infinite/);
});

Deno.test("svg() shows the last screen, and that alone, where nothing may move", () => {
  const picture = svg([frame(0, "first"), frame(500, "last")], OPTIONS);
  const [still = "", moving = ""] = picture.split("@media(prefers-reduced-motion:no-preference)");
  assert.match(still, /\.f\{visibility:hidden\}\.z\{visibility:visible\}/);
  assert.match(still, /\.c\{[^}]*transform:translate\(60px,18px\)/);
  assert.doesNotMatch(still, /animation/);
  assert.match(moving, /<g class="f k0"><text[^>]*>first/);
  assert.match(moving, /<g class="f k1 z"><text[^>]*>last/);
});

Deno.test("svg() hides what is gone again", () => {
  const picture = svg([frame(0, "a"), frame(200, "b"), frame(400, "a")], OPTIONS);
  assert.match(picture, /k0\{0%\{[^}]*visible\}22\.22%\{[^}]*hidden\}44\.44%\{[^}]*visible\}\}/);
});

Deno.test("svg() writes text as text, in its place and colour", () => {
  const look = { color: 1, bold: true, dim: false };
  const span = { column: 2, width: 5, text: "a<b&c", look };
  const picture = svg([{ ...frame(0), rows: [[], [span]] }], OPTIONS);
  assert.match(picture, /<text class="r b" x="34\.8" y="51" textLength="42">a&lt;b&amp;c<\/text>/);
  assert.match(picture, /<title id="t">A &lt;session&gt;<\/title>/);
});
