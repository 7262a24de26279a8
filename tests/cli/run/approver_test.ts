import assert from "node:assert/strict";
import type { CallNeed } from "../../../src/agent/tool.ts";
import { Messages } from "../../../src/cli/output.ts";
import { type ApproverOptions, createApprover } from "../../../src/cli/run/approver.ts";
import type { Reply, Tty } from "../../../src/cli/questions.ts";

const NEVER = new AbortController().signal;
const NEED: CallNeed = { unconfined: true, why: "there is no sandbox" };
const LONG = Array.from({ length: 60 }, (_, index) => `echo ${index}`).join("\n");
const SAID_NO = { allow: false, reason: "the user said no" };

/** A terminal on which these answers are given; `undefined` is Ctrl-D. */
class FakeTty implements Pick<Tty, "show" | "ask"> {
  readonly prompts: string[] = [];
  shown = "";
  readonly #answers: (string | undefined)[];

  constructor(...answers: (string | undefined)[]) {
    this.#answers = answers;
  }

  show(text: string): Promise<void> {
    this.shown += text;
    return Promise.resolve();
  }

  ask(prompt: string, signal: AbortSignal): Promise<Reply> {
    this.prompts.push(prompt);
    if (this.#answers.length === 0) {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
    const line = this.#answers.shift();
    return Promise.resolve(line === undefined ? { line, why: "nobody answered" } : { line });
  }
}

function setup(tty: ApproverOptions["tty"], options: Partial<ApproverOptions> = {}) {
  let warned = "";
  const messages = new Messages((bytes) => {
    warned += new TextDecoder().decode(bytes);
    return bytes.length;
  }, true);
  const approve = createApprover({ tty, messages, cwd: "/w", columns: () => 80, ...options });
  return {
    run: (command: string, need: CallNeed = NEED, signal: AbortSignal = NEVER) =>
      approve({ id: command, name: "shell", input: { command } }, need, signal),
    approve,
    warned: () => warned,
  };
}

for (
  const [answer, expected] of [
    ["y", { allow: true }],
    [" YES ", { allow: true }],
    ["a", { allow: true }],
    ["always", { allow: true }],
    ["n", SAID_NO],
    ["No", SAID_NO],
    ["", SAID_NO],
    ["\r", SAID_NO],
  ] as const
) {
  Deno.test(`createApprover() takes ${JSON.stringify(answer)} for ${expected.allow ? "a yes" : "a no"}`, async () => {
    assert.deepEqual(await setup(new FakeTty(answer)).run("make"), expected);
  });
}

Deno.test("createApprover() shows the whole question before it asks", async () => {
  const tty = new FakeTty("n");
  await setup(tty).run("make all", { ...NEED, justification: "I need it" });
  assert.equal(
    tty.shown,
    "\ncodex: may the model run this command without a sandbox?\n" +
      "  $ make all\n" +
      "  in /w\n" +
      "  because there is no sandbox\n" +
      '  the model says: "I need it"\n' +
      "    y  yes, this once\n" +
      "    a  yes, and every further command of this run, without a sandbox\n" +
      "    n  no, as with Enter alone\n",
  );
  assert.deepEqual(tty.prompts, ["y, a or n: "]);
});

Deno.test("createApprover() asks for a yes again, and for an always no more", async () => {
  const tty = new FakeTty("y", "a", "n");
  const { run, approve } = setup(tty);
  for (const command of ["one", "two", "three", "four"]) {
    assert.deepEqual(await run(command), { allow: true });
  }
  assert.equal(tty.prompts.length, 2);
  // What was allowed is commands without a sandbox, and nothing else.
  const patch = { id: "p", name: "apply_patch", input: "" };
  assert.deepEqual(await approve(patch, { unconfined: true, diff: "+x" }, NEVER), SAID_NO);
});

Deno.test("createApprover() asks again when the answer is unclear, three times", async () => {
  const tty = new FakeTty("what?", "yy", "y");
  assert.deepEqual(await setup(tty).run("make"), { allow: true });
  assert.equal(tty.shown.match(/^Type y, a or n$/gm)?.length, 2);
  const unclear = setup(new FakeTty("toString", "yes please", "ja", "y"));
  assert.deepEqual(await unclear.run("make"), {
    allow: false,
    reason: "the user gave no clear answer",
  });
  assert.equal(unclear.warned(), "warning: a call was not allowed: the answers were not clear\n");
});

Deno.test("createApprover() takes Ctrl-D for a no, and says so", async () => {
  const { run, warned } = setup(new FakeTty(undefined));
  assert.deepEqual(await run("make"), {
    allow: false,
    reason: "the user could not be asked: nobody answered",
  });
  assert.equal(warned(), "warning: a call was not allowed: nobody answered\n");
});

Deno.test("createApprover() offers no yes before all of a long command was shown", async () => {
  const tty = new FakeTty("y", "a", "v", "y");
  assert.deepEqual(await setup(tty).run(LONG), { allow: true });
  assert.deepEqual(tty.prompts, ["v or n: ", "v or n: ", "v or n: ", "y, a or n: "]);
  const [before = "", after = ""] = tty.shown.split(
    "Type v to see all of it, or n for no\n".repeat(2),
  );
  assert.ok(!before.includes("echo 30\n") && before.includes("echo 59\n"));
  assert.ok(!before.includes("yes, this once"));
  for (let line = 0; line < 60; line++) assert.ok(after.includes(` echo ${line}\n`), `${line}`);
  assert.ok(after.includes("yes, this once"));
  assert.deepEqual(await setup(new FakeTty("n")).run(LONG), SAID_NO);
});

Deno.test("createApprover() tells where a command would really run", async () => {
  const tty = new FakeTty("n", "n");
  const { approve } = setup(tty, {
    realPath: (path) => path === "/w/link" ? Promise.resolve("/etc") : Promise.reject(new Error()),
  });
  const call = (workdir: string) => ({ id: "c", name: "shell", input: { command: "ls", workdir } });
  await approve(call("link"), NEED, NEVER);
  assert.match(tty.shown, /^ {2}in \/etc$/m);
  await approve(call("/else\x1b[2K"), NEED, NEVER);
  assert.match(tty.shown, /^ {2}in \/else\\x1b\[2K$/m);
});

Deno.test("createApprover() asks about calls that come together one after another", async () => {
  const first = Promise.withResolvers<Reply>();
  const asked: string[] = [];
  let isPaused = 0;
  const tty: ApproverOptions["tty"] = {
    show(text) {
      asked.push(/\$ (\w+)/.exec(text)?.[1] ?? "");
      return Promise.resolve();
    },
    ask: () => asked.length === 1 ? first.promise : Promise.resolve({ line: "n" }),
  };
  const { run } = setup(tty, {
    pause: () => {
      isPaused++;
      return { [Symbol.dispose]: () => void isPaused-- };
    },
  });
  const decisions = Promise.all([run("one"), run("two"), run("three")]);
  while (asked.length === 0) await Promise.resolve();
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  assert.deepEqual(asked, ["one"]);
  assert.equal(isPaused, 1, "the live line is away while a question stands");
  first.resolve({ line: "y" });
  assert.deepEqual(await decisions, [{ allow: true }, SAID_NO, SAID_NO]);
  assert.deepEqual(asked, ["one", "two", "three"]);
  assert.equal(isPaused, 0);
});

Deno.test("createApprover() lets an always answer those that wait", async () => {
  const tty = new FakeTty("a");
  const { run } = setup(tty);
  const decisions = await Promise.all([run("one"), run("two"), run("three")]);
  assert.deepEqual(decisions, [{ allow: true }, { allow: true }, { allow: true }]);
  assert.equal(tty.prompts.length, 1);
});

Deno.test("createApprover() ends with the signal's reason, those that wait too", async () => {
  const tty = new FakeTty();
  const { run, warned } = setup(tty);
  const end = new AbortController();
  const reason = new Error("out of time");
  const decisions = [run("one", NEED, end.signal), run("two", NEED, end.signal)];
  const settled = Promise.allSettled(decisions);
  while (tty.prompts.length === 0) await Promise.resolve();
  end.abort(reason);
  for (const result of await settled) {
    assert.deepEqual(result, { status: "rejected", reason });
  }
  assert.equal(tty.prompts.length, 1, "nothing is asked any more");
  await assert.rejects(run("three", NEED, AbortSignal.abort(reason)), reason);
  assert.equal(tty.prompts.length, 1);
  assert.equal(warned(), "");
});

Deno.test("createApprover() goes on after a call that was given up", async () => {
  const tty = new FakeTty("y");
  const { run } = setup(tty);
  const end = new AbortController();
  end.abort(new Error("this one alone"));
  const [one, two] = [run("one", NEED, end.signal), run("two")];
  await assert.rejects(one, /this one alone/);
  assert.deepEqual(await two, { allow: true });
});
