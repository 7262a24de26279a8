import assert from "node:assert/strict";
import { listProcesses, processesWith } from "../../../src/agent/sandbox/proc.ts";

const linux = Deno.build.os === "linux";

/** A process with a variable of its own. */
function marked() {
  const id = crypto.randomUUID();
  const child = new Deno.Command("sleep", {
    args: ["60"],
    env: { SOME_ID: id },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    assignment: `SOME_ID=${id}`,
    id,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

Deno.test({
  name: "processesWith() finds processes by a variable of their environment",
  ignore: !linux,
  fn: async () => {
    await using child = marked();
    assert.deepEqual(processesWith(child.assignment), [child.pid]);
    assert.deepEqual(processesWith(`SOME_ID=${crypto.randomUUID()}`), []);
    const facts = listProcesses().find(({ id }) => id === child.pid);
    assert.deepEqual(facts && [facts.parent, facts.dead], [Deno.pid, false]);
  },
});

Deno.test({
  name: "processesWith() does so where the platform does not let it look into /proc",
  ignore: !linux,
  fn: async () => {
    await using child = marked();
    const script = new URL("proc_child.ts", import.meta.url).pathname;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        ..."run -q --no-prompt --no-check --allow-read --allow-run".split(" "),
        script,
        child.assignment,
      ],
      stderr: "null",
    }).output();
    assert.equal(new TextDecoder().decode(stdout).trim(), `${child.pid}`);
  },
});
