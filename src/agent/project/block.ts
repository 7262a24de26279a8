/** Puts what others wrote between tags, so that a model can tell where it begins and ends. Pure. */

/**
 * A block of text between tags that do not occur in it, whatever it says.
 *
 * @param tag The tag's name, in lower case; a number follows where the text could end it.
 * @param name What the block is called; made such that it cannot end its attribute.
 * @param text What is in it.
 */
export function namedBlock(tag: string, name: string, text: string): string {
  const lower = text.toLowerCase();
  let own = tag;
  for (let number = 1; lower.includes(`</${own}`); number++) own = `${tag}-${number}`;
  return `<${own} name="${plainWords(name)}">\n${text}\n</${own}>`;
}

// What most texts are made of: to compile the pattern for all the others takes as long as a look.
const PLAIN = /^[ !#-;=?-~]*$/;

/** A text without the characters that could end a tag, an attribute or a line. */
export function plainWords(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>"]/gu, "\ufffd");
}
