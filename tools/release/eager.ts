/**
 * Has functions compiled together with the file that they stand in.
 *
 * V8 compiles a function at its first call, and Deno keeps the compiled code of a file as it is
 * before anything in it has run: whatever a command calls would be compiled anew at every start,
 * which takes some 30 µs a function and a fifth of the time to the first word of an answer (Deno
 * 2.9.6). A function in brackets is compiled with its file, and so is found in the cache.
 */
import { type FunctionDeclaration, type Node, parse } from "acorn";
import { visit } from "./syntax.ts";

/** Where a function stands in its file, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A text that is put in at one place. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

/**
 * Puts functions in brackets.
 *
 * A declared function becomes a variable at the head of the file, which is where its declaration
 * took effect too. Methods cannot be put in brackets and stay as they are.
 *
 * @param text A module, as the bundler minifies it.
 * @param isCalled Whether a function is called at a start.
 * @returns The module, which does the same.
 */
export function compiledAtOnce(text: string, isCalled: (span: Span) => boolean): string {
  const { body } = parse(text, { ecmaVersion: "latest", sourceType: "module" });
  const brackets: Insertion[] = [];
  for (const node of body) {
    visit(node, (found) => {
      if (!isExpression(found, text) || !isCalled(found)) return;
      brackets.push({ at: found.start, text: "(" }, { at: found.end, text: ")" });
    });
  }
  brackets.sort((a, b) => a.at - b.at);
  const part = (start: number, end: number) => inserted(text, start, end, brackets);
  let imports = "";
  let rest = "";
  const variables: string[] = [];
  let from = 0;
  for (const node of body) {
    if (node.type === "FunctionDeclaration" && isCalled(node)) {
      variables.push(`${node.id.name}=(${keyword(node)}${part(node.id.end, node.end)})`);
      rest += ";";
    } else if (node.type === "ImportDeclaration") imports += part(from, node.end);
    else rest += part(from, node.end);
    from = node.end;
  }
  const head = variables.length === 0 ? "" : `var ${variables.join(",")};`;
  return `${imports}${head}${rest}${text.slice(from)}`;
}

function isExpression({ type, start }: Node, text: string): boolean {
  // A method is one too, by the part of it that begins with its parameters.
  return type === "ArrowFunctionExpression" ||
    (type === "FunctionExpression" && /^(async\s+)?function\b/.test(text.slice(start, start + 20)));
}

function keyword({ async, generator }: FunctionDeclaration): string {
  return `${async ? "async " : ""}function${generator ? "*" : ""}`;
}

function inserted(
  text: string,
  start: number,
  end: number,
  insertions: readonly Insertion[],
): string {
  let found = "";
  let from = start;
  for (const { at, text: put } of insertions) {
    if (at < start || at > end) continue;
    found += text.slice(from, at) + put;
    from = at;
  }
  return found + text.slice(from, end);
}
