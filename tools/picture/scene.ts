/** What the picture shows: a project with a test that fails, what is typed, and the model's turns. */
import { customToolCall, fault, reply, type Scenario, toolCall } from "../../testing.ts";

/** The size of the terminal. */
export const SIZE = { columns: 76, rows: 18 } as const;

/** The project, by file. */
export const PROJECT: Readonly<Record<string, string>> = {
  "deno.json": "{}\n",
  "slug.ts": `export function slug(title: string): string {
  return title.toLowerCase().replace(" ", "-");
}
`,
  "slug_test.ts": `import { slug } from "./slug.ts";

Deno.test("slug() puts dashes for spaces", () => {
  if (slug("Read Me First") !== "read-me-first") throw new Error(slug("Read Me First"));
});
`,
};

/** What is typed, one after the other's end. */
export const TYPED: readonly string[] = [
  `deno test 2>&1 | codex run --diff "fix the tests"`,
  `git diff | codex run --no-tools "commit message, one line"`,
];

const PATCH = `*** Begin Patch
*** Update File: slug.ts
@@ export function slug(title: string): string {
-  return title.toLowerCase().replace(" ", "-");
+  return title.toLowerCase().replaceAll(" ", "-");
*** End Patch
`;

/** A pace that can be read. */
const WORD_MS = 70;

/** What the simulated service does. All else in the picture is the work of the real command. */
export const SCENARIO: Scenario = {
  turns: [
    toolCall("shell", { command: "cat slug.ts" }),
    customToolCall("apply_patch", PATCH),
    toolCall("shell", { command: "deno test" }),
    words("replace() stops at the first space; replaceAll() does not. The test passes."),
    words("Put a dash for every space in slug()"),
  ],
  faults: [fault("responses", { delayMs: 900, times: "always" })],
};

function words(text: string) {
  return reply(text, { chunks: text.split(/(?<= )/), delayMs: WORD_MS });
}
