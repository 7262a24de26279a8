import assert from "node:assert/strict";
import { matcher } from "../../src/testing/text_pattern.ts";

Deno.test("matcher() looks for a text, or tries a regular expression between slashes", () => {
  for (
    const [when, prompt, expected] of [
      [undefined, "anything", true],
      ["sum", "please sum this", true],
      ["Sum", "please sum this", false],
      ["/^please/", "please sum this", true],
      ["/^sum/", "please sum this", false],
      ["/SUM/i", "please sum this", true],
      ["/", "a/b", true],
      ["/a.b/s", "a\nb", true],
      ["/b/g", "abc", true],
    ] as const
  ) {
    assert.equal(matcher(when)(prompt), expected, `${when}`);
  }
});

Deno.test("matcher() takes a pattern in words, all of whose members must hold", () => {
  for (
    const [pattern, text, expected] of [
      [{}, "anything", true],
      [{ exact: "sum" }, "sum", true],
      [{ exact: "sum" }, "sum this", false],
      [{ contains: "/etc/" }, "read /etc/hosts", true],
      [{ contains: "sum" }, "add", false],
      [{ matches: "^a.c$" }, "abc", true],
      [{ matches: "/b/" }, "abc", false],
      [{ contains: "a", matches: "c$" }, "abc", true],
      [{ contains: "a", matches: "d$" }, "abc", false],
    ] as const
  ) {
    assert.equal(matcher(pattern)(text), expected, JSON.stringify([pattern, text]));
  }
});

Deno.test("matcher() says what is no regular expression", () => {
  for (const pattern of ["/(/", { matches: "(" }]) {
    assert.throws(() => matcher(pattern), { name: "TypeError", message: /^Cannot read "\/?\(/ });
  }
});
