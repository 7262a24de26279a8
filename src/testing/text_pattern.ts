/** What a text is held against: a part of it, the whole of it, or a regular expression. */

/** All of the members that are given must hold. */
export interface TextPattern {
  /** A part of it. */
  readonly contains?: string;
  /** All of it. */
  readonly exact?: string;
  /** A regular expression, without slashes. */
  readonly matches?: string;
}

/**
 * Makes the test for a pattern.
 *
 * @param pattern A text stands for a part of it, or for a regular expression when it is written
 * between slashes, such as `/^sum/i`; `undefined` takes every text.
 * @throws TypeError for what is no regular expression.
 */
export function matcher(pattern: string | TextPattern | undefined): (text: string) => boolean {
  if (pattern === undefined) return () => true;
  if (typeof pattern === "string") return matcherOf(pattern);
  const { contains = "", exact, matches } = pattern;
  const fits = matches === undefined ? () => true : expression(matches, "", matches);
  return (text) => text.includes(contains) && (exact ?? text) === text && fits(text);
}

function matcherOf(pattern: string): (text: string) => boolean {
  const parts = /^\/(.+)\/([a-z]*)$/s.exec(pattern);
  if (parts === null) return (text) => text.includes(pattern);
  const [, source = "", flags = ""] = parts;
  return expression(source, flags, pattern);
}

function expression(source: string, flags: string, written: string): (text: string) => boolean {
  try {
    const pattern = new RegExp(source, flags.replaceAll(/[gy]/g, ""));
    return (text) => pattern.test(text);
  } catch (cause) {
    throw new TypeError(`Cannot read "${written}" as a regular expression`, { cause });
  }
}
