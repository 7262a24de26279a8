import assert from "node:assert/strict";
import fc from "fast-check";
import { namedBlock, plainWords } from "../../../src/agent/project/block.ts";

Deno.test("namedBlock() puts a text between tags with its name", () => {
  assert.equal(namedBlock("doc", "a/b.md", "x\ny"), '<doc name="a/b.md">\nx\ny\n</doc>');
});

Deno.test("namedBlock() takes another tag where the text could end it", () => {
  const begin = (text: string) => namedBlock("doc", "a", text).split("\n")[0];
  assert.equal(begin("a </doc> b"), '<doc-1 name="a">');
  assert.equal(begin("a </DOC > b"), '<doc-1 name="a">');
  assert.equal(begin("</doc></doc-1><doc-2>"), '<doc-2 name="a">');
});

Deno.test("namedBlock() is ended by nothing that is in it", () => {
  const part = fc.constantFrom("</doc", "</doc-1", "</doc-2", ">", '">', "\n", "a", "<", "/");
  const words = fc.array(part, { maxLength: 20 }).map((parts) => parts.join(""));
  fc.assert(fc.property(words, words, (name, text) => {
    const [begin = "", ...rest] = namedBlock("doc", name, text).split("\n");
    const own = /^<(doc(?:-\d+)?) name="[^"<>]*">$/.exec(begin)?.[1];
    assert.ok(own !== undefined, begin);
    assert.equal(rest.pop(), `</${own}>`);
    assert.equal(rest.join("\n"), text);
    assert.ok(!text.includes(`</${own}`));
  }));
});

Deno.test("plainWords() leaves nothing that ends a tag or a line, or turns text around", () => {
  assert.equal(plainWords('a<b>c"d\ne\u2028f\u202eg\0h\ud800'), "a�b�c�d�e�f�g�h�");
  assert.equal(plainWords("~/größe/𝄞 x&y's"), "~/größe/𝄞 x&y's");
});
