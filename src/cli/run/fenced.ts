/** The code in an answer. */

/** A line that opens or closes a block of code (CommonMark 0.31, 4.5). */
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/**
 * The fenced blocks of code of a text, without their fences. One that is never closed ends with the
 * text, as it does where Markdown is shown; one with nothing but blanks in it holds no code.
 *
 * @param text Markdown.
 * @returns The content of each block, every line ended.
 */
export function fencedBlocks(text: string): readonly string[] {
  const blocks: string[] = [];
  let open: { readonly mark: string; readonly indent: number; code: string } | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, mark = "", rest = ""] = FENCE.exec(line) ?? [];
    if (open === undefined) {
      // A backtick behind it makes it code within a line.
      if (mark === "" || (mark.startsWith("`") && rest.includes("`"))) continue;
      open = { mark, indent: line.indexOf(mark), code: "" };
    } else if (closes(mark, rest, open.mark)) {
      blocks.push(open.code);
      open = undefined;
    } else {
      open.code += `${line.replace(new RegExp(`^ {0,${open.indent}}`), "")}\n`;
    }
  }
  if (open !== undefined) blocks.push(open.code);
  return blocks.filter((code) => code.trim() !== "");
}

function closes(mark: string, rest: string, opened: string): boolean {
  return mark[0] === opened[0] && mark.length >= opened.length && rest.trim() === "";
}
