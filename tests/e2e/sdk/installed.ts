/**
 * The specifier of a package that the project does not depend on. The files here are run with a
 * configuration in which it is installed, and checked with one in which it is not.
 *
 * @param name Such as `openai@6`.
 */
export function installed(name: string): string {
  return `npm:${name}`;
}
