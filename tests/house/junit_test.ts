import assert from "node:assert/strict";
import { countLine, countReports, countTests, slowTests } from "../../tools/junit.ts";
import { TempDir } from "../support/temp_dir.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="9" failures="2" errors="1" time="0.2">
    <testsuite name="./tests/a_test.ts" tests="6" disabled="1" errors="1" failures="1">
        <testcase name="it says &lt;testsuite tests=&quot;99&quot;&gt;" classname="a" time="0.0">
        </testcase>
    </testsuite>
    <testsuite name="./tests/b_test.ts" tests="3" disabled="0" errors="0" failures="1">
    </testsuite>
</testsuites>`;

Deno.test("countTests() leaves out what was ignored, and counts errors as failures", () => {
  assert.deepEqual(countTests(REPORT), { passed: 5, failed: 3 });
});

Deno.test("countTests() makes nothing of a report without suites", () => {
  assert.deepEqual(countTests(""), { passed: 0, failed: 0 });
});

Deno.test("slowTests() names those over the limit, but for the real command's", () => {
  const line = (file: string, time: string) =>
    `<testcase name="does it" classname="./tests/${file}_test.ts" time="${time}" line="1" col="6">`;
  const xml = [line("a", "0.999"), line("b", "1.001"), line("e2e/c", "5.000")].join("\n");
  assert.deepEqual(slowTests(xml, 1), ["./tests/b_test.ts: does it (1.001 s)"]);
});

Deno.test("countReports() adds up the reports of a folder", async () => {
  await using dir = await TempDir.make();
  await dir.write("a.xml", REPORT);
  await dir.write("b.xml", REPORT);
  await dir.write("c.txt", REPORT);
  const sum = await countReports(new URL(`file://${dir.path}/`));
  assert.deepEqual(sum, { passed: 10, failed: 6, reports: 2 });
  assert.equal(countLine(sum), "10 passed, 6 failed");
});
