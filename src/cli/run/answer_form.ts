/** What the answer must be, and what of it is handed out. */
import type { AnswerForm as LoopForm } from "../../agent/loop.ts";
import type { JsonObject } from "../../base/json.ts";
import { invalidOutput } from "../../responses/invalid_output.ts";
import { fencedBlocks } from "./fenced.ts";

/** The form of an answer, and the schema to ask for it with. */
export interface AnswerForm extends LoopForm {
  /** The schema to ask for. */
  readonly schema?: JsonObject;
}

/** The fenced code alone. */
export function codeForm(warn: (text: string) => void): AnswerForm {
  return {
    check(text) {
      const [first, ...others] = fencedBlocks(text);
      if (first === undefined) {
        const hint =
          "Ask for code in the prompt, leave --extract out, or ask again with --repair 1";
        return Promise.reject(invalidOutput("has no fenced code", [], text, hint));
      }
      if (others.length > 0) {
        warn(`the answer has ${others.length + 1} blocks of code; the first is taken`);
      }
      return Promise.resolve({ text: first });
    },
    wish: "Answer again, with all of the code in one fenced block.",
  };
}

/** JSON of a schema. */
export function jsonForm(schema: JsonObject): AnswerForm {
  return {
    schema,
    async check(text) {
      const { checkAnswer } = await import("../../responses/output_check.ts");
      const checked = checkAnswer(text, schema);
      if ("value" in checked) return { text };
      const hint = "Ask again with --repair 1; --json shows the answer";
      throw invalidOutput("does not match the schema", checked.problems, text, hint);
    },
    wish: "Answer again, with the whole corrected JSON and nothing else.",
  };
}
