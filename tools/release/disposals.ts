/**
 * Whether everything is still disposed of. The bundler takes a variable that is used once for the
 * value that it holds, one of `using` too, whose disposal is then gone (Deno 2.9.6, esbuild 0.25).
 */
import { parse } from "acorn";
import { visit } from "./syntax.ts";

/** How many variables of `using` and `await using` some modules declare. */
export function disposalsIn(modules: Iterable<string>): number {
  let count = 0;
  for (const text of modules) {
    visit(parse(text, { ecmaVersion: "latest", sourceType: "module" }), (node) => {
      if (node.type !== "VariableDeclaration" || !("kind" in node)) return;
      const isDisposed = node.kind === "using" || node.kind === "await using";
      if (isDisposed && "declarations" in node && Array.isArray(node.declarations)) {
        count += node.declarations.length;
      }
    });
  }
  return count;
}
