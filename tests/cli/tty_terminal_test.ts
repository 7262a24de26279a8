/** Questions on a real terminal, while stdin is a pipe. */
import assert from "node:assert/strict";
import { testWith } from "../support/need.ts";
import { cliEnv } from "../support/run_cli.ts";
import { TempDir } from "../support/temp_dir.ts";
import { Tmux } from "../support/tmux.ts";

const CHILD = new URL("./run/approver_child.ts", import.meta.url).pathname;
const PROMPT = /y, a or n:$/;
/** What whoever installs the command gives it. */
const INSTALLED = "read write env net run sys=uid".split(" ").map((name) => `--allow-${name}`);

function words(permissions: readonly string[] = INSTALLED): string[] {
  return [Deno.execPath(), "run", "-q", "--no-prompt", "--cached-only", ...permissions, CHILD];
}

/** Starts the asking program with a piped stdin; afterwards the terminal's mode is compared. */
async function start(
  folder: TempDir,
  commands: readonly unknown[],
  { gate = "", permissions = INSTALLED, stdin = "echo piped |", then = ":" } = {},
) {
  const args = [gate, ...commands.map((command) => JSON.stringify(command))];
  const quoted = [...words(permissions), ...args].map((word) => `'${word}'`).join(" ");
  // Ctrl-C reaches this shell too, which has to look at the terminal afterwards.
  const script = `trap : INT; stty -a > before; ` +
    `${stdin} sh -c 'echo $$ > pid; exec "$@"' sh ${quoted}; status=$?; ${then}; ` +
    `stty -a > after; cmp before after && echo "the terminal is as it was"; exit $status`;
  return await Tmux.start(["sh", "-c", script], {
    env: await cliEnv(folder.path),
    cwd: folder.path,
  });
}

/** The lines of the asking program, without its questions. */
function toldIn(screen: string): string[] {
  return screen.split("\n").filter((line) =>
    /^(call|stdin|may ask|Error|warning|the terminal|\[)/.test(line)
  );
}

testWith(["tmux"], "createTty() asks on the terminal while stdin is a pipe", async () => {
  await using folder = await TempDir.make();
  await using screen = await start(folder, [{ command: "make all" }, { command: "make it" }]);
  const asked = await screen.waitFor(PROMPT);
  assert.match(asked, /^codex: may the model run this command without a sandbox\?$/m);
  assert.match(asked, /^ {2}\$ make all$/m);
  assert.ok(!asked.includes("make it"), "one question after the other");
  await screen.type("y");
  await screen.press("Enter");
  await screen.waitFor(/\$ make it[^]*y, a or n:$/);
  await screen.press("Enter");
  assert.equal(await screen.status(), 0);
  assert.deepEqual(toldIn(await screen.screen()), [
    "stdin is a terminal: false",
    "may ask: true",
    "call 0: yes",
    "call 1: no, the user said no",
    "stdin: piped",
    "the terminal is as it was",
    "[status 0]",
  ]);
});

for (const permissions of [INSTALLED, ["-A"]]) {
  testWith(
    ["tmux"],
    `createTty() asks where stdin is the terminal, too, with ${permissions.at(-1)}`,
    async () => {
      await using folder = await TempDir.make();
      await using screen = await start(folder, [{ command: "make" }], { permissions, stdin: "" });
      await screen.waitFor(PROMPT);
      // A mistake is taken back as in any line, and Escape means nothing.
      await screen.type("n");
      await screen.press("BSpace", "Escape", "Enter");
      await screen.waitFor(/^Type y, a or n\n(.*\n)*y, a or n:$/m);
      await screen.type("y");
      await screen.press("Enter");
      await screen.waitFor("call 0: yes");
      await screen.type("for stdin");
      await screen.press("Enter", "C-d");
      assert.equal(await screen.status(), 0);
      assert.deepEqual(toldIn(await screen.screen()).slice(0, 3), [
        "stdin is a terminal: true",
        "may ask: true",
        "call 0: yes",
      ]);
      assert.match(await screen.screen(), /^stdin: for stdin$[^]*^the terminal is as it was$/m);
    },
  );
}

for (const [when, sign] of [["shown", PROMPT], ["about to be shown", /as with Enter/]] as const) {
  testWith(
    ["tmux"],
    `createTty() leaves nobody who reads, killed while a question is ${when}`,
    async () => {
      await using folder = await TempDir.make();
      await using screen = await start(folder, [{ command: "make all" }], {
        // What reads the terminal is gone a moment later.
        then: "while grep -qs '<>/dev/[t]ty 5' /proc/[0-9]*/cmdline; do sleep 0.02; done; " +
          'echo "killed: $status"; read -r line; echo "stdin: $line"',
      });
      await screen.waitFor(sign);
      Deno.kill(Number(await folder.read("pid")), "SIGKILL");
      await screen.waitFor("killed: 137");
      for (const key of "mine") await screen.type(key);
      await screen.press("Enter");
      assert.equal(await screen.status(), 137);
      assert.deepEqual(toldIn(await screen.screen()).slice(2), [
        "stdin: mine",
        "the terminal is as it was",
        "[status 137]",
      ]);
    },
  );
}

testWith(["tmux"], "createTty() lets one yes stand for all further ones", async () => {
  await using folder = await TempDir.make();
  await using screen = await start(folder, [{ command: "make all" }, { command: "make it" }]);
  await screen.waitFor(PROMPT);
  await screen.type("a");
  await screen.press("Enter");
  assert.equal(await screen.status(), 0);
  assert.deepEqual(toldIn(await screen.screen()).slice(2, 4), ["call 0: yes", "call 1: yes"]);
});

testWith(["tmux"], "createTty() takes Ctrl-D for no answer, behind some letters too", async () => {
  await using folder = await TempDir.make();
  await using screen = await start(folder, [{ command: "make all" }, { command: "make it" }]);
  await screen.waitFor(PROMPT);
  await screen.press("C-d");
  await screen.waitFor(/make it[^]*y, a or n:$/);
  await screen.type("y");
  await screen.press("C-d");
  await screen.press("C-d");
  assert.equal(await screen.status(), 0);
  assert.deepEqual(toldIn(await screen.screen()).slice(2), [
    "warning: a call was not allowed: nobody answered",
    "call 0: no, the user could not be asked: nobody answered",
    "warning: a call was not allowed: nobody answered",
    "call 1: no, the user could not be asked: nobody answered",
    "stdin: piped",
    "the terminal is as it was",
    "[status 0]",
  ]);
});

testWith(["tmux"], "createTty() ends with Ctrl-C, and leaves the terminal as it was", async () => {
  await using folder = await TempDir.make();
  await using screen = await start(folder, [{ command: "make all" }]);
  await screen.waitFor(PROMPT);
  await screen.type("y");
  await screen.press("C-c");
  assert.equal(await screen.status(), 130);
  assert.deepEqual(toldIn(await screen.screen()).slice(2), [
    "Error: interrupted",
    "the terminal is as it was",
    "[status 130]",
  ]);
});

testWith(["tmux"], "createTty() forgets what was typed before the question", async () => {
  await using folder = await TempDir.make();
  await using screen = await start(folder, [{ command: "make all" }], {
    gate: folder.join("go"),
  });
  await screen.waitFor("may ask: true");
  // Two lines, and one that has no end yet.
  await screen.type("y\ry\ry");
  await screen.waitFor(/true\ny\ny\ny$/);
  await folder.write("go", "");
  await screen.waitFor(PROMPT);
  await screen.press("Enter");
  assert.equal(await screen.status(), 0);
  assert.match(await screen.screen(), /^call 0: no, the user said no$/m);
});

testWith(
  ["tmux"],
  "createTty() takes the first line of a paste, and forgets the rest",
  async () => {
    await using folder = await TempDir.make();
    await using screen = await start(folder, [{ command: "make all" }, { command: "make it" }]);
    await screen.waitFor(PROMPT);
    await screen.type("n\ry\ry\r");
    await screen.waitFor(/make it[^]*y, a or n:$/);
    await screen.press("Enter");
    assert.equal(await screen.status(), 0);
    assert.match(await screen.screen(), /^call 0: no, the user said no$[^]*^call 1: no, /m);
  },
);

testWith(
  ["tmux"],
  "createTty() does not ask from the background, where it would be stopped",
  async () => {
    await using folder = await TempDir.make();
    const call = JSON.stringify({ command: "make" });
    const quoted = [...words(), "", call].map((word) => `'${word}'`).join(" ");
    await using screen = await Tmux.start(["sh", "-mc", `${quoted} < /dev/null & wait $!`], {
      env: await cliEnv(folder.path),
    });
    assert.equal(await screen.status(), 0);
    assert.match(
      await screen.screen(),
      /^call 0: no, the user could not be asked: the command runs in the background$/m,
    );
  },
);

testWith(["setpriv"], "mayAsk() is false without a terminal", async () => {
  // A session of its own has none, wherever these tests are run.
  const { stderr } = await new Deno.Command("setsid", {
    args: ["-w", ...words()],
    stdin: "null",
  }).output();
  assert.match(new TextDecoder().decode(stderr), /^may ask: false$/m);
});
