import assert from "node:assert/strict";
import { pastedAnswer } from "../../../src/auth/browser/paste.ts";

const STATE = "kBznFwUnae8Jg36Ci9WZzTG6gpIiCKobDrdXanRcujM";
const ADDRESS = `http://127.0.0.1:1455/auth/callback?code=ac_secret_code&state=${STATE}`;

/** Reads these lines, then there are no more. */
function reading(...lines: readonly string[]) {
  const left = [...lines];
  const problems: string[] = [];
  const controller = new AbortController();
  return {
    left,
    problems,
    controller,
    answer: pastedAnswer(() => Promise.resolve(left.shift()), {
      state: STATE,
      signal: controller.signal,
      onProblem: (message) => problems.push(message),
    }),
  };
}

Deno.test("pastedAnswer() takes the address that the browser ended on", async () => {
  const { answer, problems } = reading(`  <${ADDRESS}>\r\n`);
  assert.deepEqual(await answer, { kind: "code", code: "ac_secret_code" });
  assert.deepEqual(problems, []);
});

Deno.test("pastedAnswer() tells what is wrong and reads on", async () => {
  const { answer, problems, left } = reading(
    "ac_secret_code",
    "",
    "   ",
    ADDRESS.replace(STATE, "wrong"),
    ADDRESS,
    "unread",
  );
  assert.deepEqual(await answer, { kind: "code", code: "ac_secret_code" });
  assert.equal(problems.length, 2);
  assert.match(problems[0] ?? "", /^That is not the address/);
  assert.match(problems[1] ?? "", /^That address belongs to another sign-in/);
  assert.deepEqual(left, ["unread"]);
});

Deno.test("pastedAnswer() repeats nothing of what was pasted", async () => {
  const { answer, problems } = reading("ac_secret_code", ADDRESS.replace(STATE, "wrong"));
  await answer;
  assert.equal(problems.length, 2);
  for (const problem of problems) assert.doesNotMatch(problem, /secret|wrong|127/);
});

Deno.test("pastedAnswer() takes a pasted refusal for an answer", async () => {
  const address = `http://localhost:1455/auth/callback?error=access_denied&state=${STATE}`;
  assert.equal((await reading(address).answer)?.kind, "refused");
});

Deno.test("pastedAnswer() gives up when the lines end", async () => {
  assert.equal(await reading("nonsense").answer, undefined);
});

Deno.test("pastedAnswer() ends with the signal, even when the read does not", async () => {
  const controller = new AbortController();
  const options = { state: STATE, signal: controller.signal };
  const answer = pastedAnswer(() => new Promise(() => {}), options);
  controller.abort();
  assert.equal(await answer, undefined);
  let read = false;
  const readLine = () => {
    read = true;
    return Promise.resolve(ADDRESS);
  };
  assert.equal(await pastedAnswer(readLine, options), undefined);
  assert.equal(read, false);
});

Deno.test("pastedAnswer() hands its signal to the reader and forgives it for rejecting then", async () => {
  const controller = new AbortController();
  const answer = pastedAnswer((signal) =>
    new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    }), { state: STATE, signal: controller.signal });
  controller.abort();
  assert.equal(await answer, undefined);
});

Deno.test("pastedAnswer() passes on why the terminal cannot be read", async () => {
  const broken = new Error("input/output error");
  const { signal } = new AbortController();
  await assert.rejects(
    pastedAnswer(() => Promise.reject(broken), { state: STATE, signal }),
    (error) => error === broken,
  );
});
