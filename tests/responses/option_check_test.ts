import assert from "node:assert/strict";
import { CodexError } from "../../src/base/errors.ts";
import { checkOptions } from "../../src/responses/option_check.ts";
import type { StreamOptions } from "../../src/responses/options.ts";

/** What a caller without types may give. */
const untyped = (options: unknown): StreamOptions => options as StreamOptions;

const WRONG: readonly (readonly [what: string, StreamOptions])[] = [
  ["empty instructions", { instructions: " \n" }],
  ["an empty session key", { sessionKey: "" }],
  ["a session key with a line end", { sessionKey: "a\r\nb: c" }],
  ["a long session key", { sessionKey: "x".repeat(129) }],
  ["a schema's name with blanks", { output: { schema: {}, name: "no blanks" } }],
  ["an unknown verbosity", untyped({ verbosity: "loud" })],
  ["an unknown tier", untyped({ serviceTier: "free" })],
  ["an unknown summary", untyped({ reasoningSummary: "yes" })],
  ["a negative time", { timeout: { total: -1 } }],
  ["no time at all", { timeout: { idle: 0 } }],
  ["a time that is no number", { timeout: { connect: NaN } }],
  ["a time as text", untyped({ timeout: { connect: "5" } })],
  ["a negative count", { retry: { attempts: -1 } }],
  ["half an attempt", { retry: { attempts: 1.5 } }],
  ["a size of nothing", { maxEventBytes: 0 }],
  ["a required tool where there is none", { toolChoice: "required" }],
  ["a tool that there is not", { toolChoice: { name: "nope" } }],
];

for (const [what, options] of WRONG) {
  Deno.test(`checkOptions() refuses ${what}`, () => {
    assert.throws(
      () => checkOptions(options),
      (error) => error instanceof CodexError && error.code === "invalid_usage" && !!error.hint,
    );
  });
}

Deno.test("checkOptions() takes everything that is right, and what is left out", () => {
  checkOptions({});
  checkOptions({ timeout: {}, retry: {}, verbosity: undefined });
  checkOptions({
    instructions: "Be brief",
    sessionKey: crypto.randomUUID(),
    reasoningSummary: "off",
    verbosity: "low",
    serviceTier: "flex",
    timeout: { connect: 1, firstEvent: 2, idle: Infinity, total: 3 },
    retry: { attempts: 0, maxDelay: 0, onUsageLimit: "wait" },
    maxEventBytes: 1,
  });
});

Deno.test("checkOptions() refuses arguments of a tool that are no object", () => {
  for (const parameters of [{}, { type: "string" }]) {
    assert.throws(
      () => checkOptions({ tools: [{ name: "t", parameters }] }),
      { code: "schema_unsupported", message: /"t": at "\/type"/ },
    );
  }
  checkOptions({ tools: [{ name: "t", parameters: { type: "object" } }], toolChoice: "required" });
  checkOptions({ tools: [{ type: "web-search" }, { type: "web-search" }], toolChoice: "auto" });
});
