/**
 * A faster way to read the event that makes up nearly all of a long answer.
 *
 * Parsing JSON is what such an answer spends its time on, and most of each event is the same as in
 * the one before. Here a pattern tells whether an event is a text delta in just the form in which
 * the backend writes it, and only its text is parsed. Whatever else there is goes to the JSON parser.
 */
import { parseJson } from "../base/json.ts";
import { readWireEvent, type WireEvent } from "./responses.ts";

const TYPE = "response.output_text.delta";

// Text that matches, with a delta that is a JSON text, is JSON with these members and no others.
const NUMBER = "(?:0|[1-9]\\d{0,8})";
const PLAIN = "[ !#-[\\]-\\uffff]*";

/** The pattern of the deltas of one item, or of any; its last capture is the delta, quoted. */
function pattern(itemId: string, outputIndex: string): RegExp {
  return new RegExp(
    '^\\{"type":"response\\.output_text\\.delta",' +
      `(?:"sequence_number":${NUMBER},)?` +
      `"item_id":"${itemId}","output_index":${outputIndex},"content_index":${NUMBER},` +
      `"delta":("${PLAIN}(?:\\\\.${PLAIN})*")` +
      `(?:,"sequence_number":${NUMBER})?(?:,"logprobs":\\[\\])?(?:,"obfuscation":"\\w*")?\\}$`,
  );
}

const ANY = pattern("(?<id>\\w+)", `(?<index>${NUMBER})`);

/** No answer has as many items; one that does is read with the general pattern from there on. */
const MOST_PATTERNS = 64;

/** Reads the events of one stream; of a text delta it leaves out what nobody reads. */
export class FastEventReader {
  #patterns = 0;
  #pattern = ANY;
  // One string for all deltas of an item: comparing it with itself costs nothing.
  #itemId: string | undefined;
  #outputIndex = 0;

  /**
   * Reads the data of one event, as {@linkcode readWireEvent} does.
   *
   * @param data The text after `data:`.
   */
  read(data: string): WireEvent | undefined {
    let found = this.#pattern.exec(data);
    if (found === null && this.#pattern !== ANY) found = ANY.exec(data);
    if (found === null) return readWireEvent(data);
    const delta = parseJson(found[found.length - 1] ?? "");
    if (delta === undefined) return readWireEvent(data);
    if (found.groups !== undefined) this.#begin(found.groups);
    return { type: TYPE, item_id: this.#itemId, output_index: this.#outputIndex, delta };
  }

  #begin(groups: Readonly<Record<string, string>>): void {
    const { id = "", index = "" } = groups;
    this.#itemId = id;
    this.#outputIndex = Number(index);
    this.#pattern = this.#patterns++ < MOST_PATTERNS ? pattern(id, index) : ANY;
  }
}
