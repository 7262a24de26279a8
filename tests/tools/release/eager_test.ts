import assert from "node:assert/strict";
import { compiledAtOnce } from "../../../tools/release/eager.ts";

const all = () => true;

Deno.test("compiledAtOnce() puts functions in brackets that are called at a start", () => {
  assert.equal(compiledAtOnce("let f=a=>b=>a+b;export{f}", all), "let f=(a=>(b=>a+b));export{f}");
  assert.equal(
    compiledAtOnce("let f=function(){},g=async function*(){}", all),
    "let f=(function(){}),g=(async function*(){})",
  );
});

Deno.test("compiledAtOnce() makes variables of declared functions, below the imports", () => {
  assert.equal(
    compiledAtOnce(
      'import{a as b}from"./c.js";let x=f();function f(){return b}async function*g(){}export{f,g}',
      all,
    ),
    'import{a as b}from"./c.js";var f=(function(){return b}),g=(async function*(){});' +
      "let x=f();;;export{f,g}",
  );
});

Deno.test("compiledAtOnce() leaves what is not called, and methods", () => {
  const text =
    "class A{m(){}async n(){}get o(){return 1}}let b={m(){},get n(){return 1}};function f(){}";
  assert.equal(compiledAtOnce(text, () => false), text);
  const methods = text.slice(0, text.indexOf("function f"));
  assert.equal(compiledAtOnce(methods, all), methods);
  const two = "function f(){}function g(){return()=>1}";
  assert.equal(
    compiledAtOnce(two, ({ start }) => start > 0),
    "var g=(function(){return(()=>1)});function f(){};",
  );
});

Deno.test("compiledAtOnce() gives a module that does the same", async () => {
  const module = `let log=[],late=()=>early(2);log.push(early(1));
function early(n){return[n,later.name,inner()];function inner(){return typeof later}}
function later(){}
class Box{#v=1;take(){return this.#v}static of(){return new Box}}
log.push(late(),Box.of().take(),[3,1,2].sort((a,b)=>a-b));export{log}
// the end`;
  const load = async (text: string): Promise<unknown> =>
    (await import(`data:text/javascript,${encodeURIComponent(text)}`)).log;
  const changed = compiledAtOnce(module, all);
  assert.ok(changed.includes("var early=(function(n)") && changed.endsWith("// the end"));
  assert.deepEqual(await load(changed), await load(module));
});
