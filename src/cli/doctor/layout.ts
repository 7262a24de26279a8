/** The findings as a person reads them. */
import type { Finding, Severity } from "./finding.ts";

const MARKS: Readonly<Record<Severity, string>> = { ok: "ok", note: "--", problem: "!!" };
const GAP = "  ";
/** The narrowest column of text that is worth wrapping to. */
const LEAST_WIDTH = 30;

/**
 * Lays findings out in columns, what to do beneath what was found.
 *
 * @param findings The findings, in their order.
 * @param columns The width of the terminal; `Infinity` where there is none, so that each finding
 * stays one line for `grep`.
 * @returns Lines, each ended.
 */
export function layOut(findings: readonly Finding[], columns: number): string {
  const about = Math.max(0, ...findings.map((finding) => finding.about.length));
  const indent = " ".repeat(MARKS.ok.length + GAP.length + about + GAP.length);
  const width = Math.max(LEAST_WIDTH, columns - indent.length);
  const lines = findings.flatMap((finding) => {
    const head = `${MARKS[finding.severity]}${GAP}${finding.about.padEnd(about)}${GAP}`;
    const text = wrap(finding.text, width);
    const hint = finding.hint === undefined ? [] : wrap(`hint: ${finding.hint}`, width);
    return [...text, ...hint].map((line, index) => (index === 0 ? head : indent) + line);
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** Breaks a text at its blanks; a word that is too long stays whole, so that it can be copied. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
