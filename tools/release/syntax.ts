/** Walking through the syntax of a module. */
import type { Node } from "acorn";

/** Calls back with a node and all that are in it. */
export function visit(node: Node, take: (node: Node) => void): void {
  take(node);
  for (const member of Object.values(node)) {
    for (const inner of Array.isArray(member) ? member : [member]) {
      if (isNode(inner)) visit(inner, take);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}
