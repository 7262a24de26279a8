import assert from "node:assert/strict";
import { disposalsIn } from "../../../tools/release/disposals.ts";

Deno.test("disposalsIn() counts what is disposed of, and nothing that only looks like it", () => {
  assert.equal(
    disposalsIn([
      "using a=b(),c=d();function f(){{using e=g()}}",
      "let using=1;using;async()=>{await using h=i();for(using j of k){}}",
      '"using l=1"',
    ]),
    5,
  );
});
