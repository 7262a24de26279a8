/** `codex run --session`. */
import assert from "node:assert/strict";
import { combine, cut, reasoning, reply, silent } from "../../testing.ts";
import { AUTH_FILE, openDesk } from "../support/desk.ts";

interface Body {
  readonly model: string;
  readonly prompt_cache_key: string;
  readonly input: readonly {
    readonly type: string;
    readonly role?: string;
    readonly content?: readonly { readonly type: string; readonly text?: string }[];
  }[];
}

const TURNS = [
  combine(reasoning("Hm."), reply("Four.")),
  combine(reasoning("Hm, hm."), reply("Eight.")),
  reply("Sixteen."),
];

const SESSION = ["run", "--session", "talk.json"];

Deno.test("codex run --session goes on with the conversation, on one prompt cache", async () => {
  await using desk = await openDesk({ turns: TURNS });
  const first = await desk.run([...SESSION, "2 + 2?"]);
  assert.deepEqual(first, { code: 0, signal: null, stdout: "Four.\n", stderr: "" });
  assert.equal((await desk.run([...SESSION, "twice that?"], { stdin: "as a number" })).code, 0);
  const [one, two] = desk.simulator.requestsTo("responses").map(({ json }) => json as Body);
  // The first one tells of the place, anew in each turn: it is not kept.
  assert.deepEqual(one?.input.map(({ type, role }) => role ?? type), ["user", "user"]);
  assert.deepEqual(two?.input.map(({ type, role }) => role ?? type), [
    "user",
    "user",
    "reasoning",
    "assistant",
    "user",
  ]);
  assert.deepEqual(two?.input.at(-1)?.content?.map(({ text }) => text), [
    "twice that?",
    "<stdin>\nas a number\n</stdin>",
  ]);
  assert.equal(one?.prompt_cache_key, two?.prompt_cache_key);
});

Deno.test("codex run --session keeps plain JSON that is its owner's alone and has no secret", async () => {
  await using desk = await openDesk({ turns: TURNS });
  await desk.home.write("a.png", new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]));
  await desk.run([...SESSION, "-i", "a.png", "2 + 2?"]);
  const text = await desk.home.read("talk.json");
  const file = JSON.parse(text);
  assert.deepEqual(Object.keys(file), ["version", "id", "model", "messages"]);
  assert.equal(file.version, 1);
  assert.deepEqual(file.messages[0].content[1], {
    type: "image",
    image: "data:image/png;base64,iVBORw0KGgo=",
  });
  assert.deepEqual(file.messages.map(({ role }: { role: string }) => role), ["user", "assistant"]);
  const info = await Deno.stat(desk.home.join("talk.json"));
  assert.equal((info.mode ?? 0) & 0o777, 0o600);
  const { openai } = JSON.parse(await desk.home.read(AUTH_FILE));
  for (const secret of [openai.access, openai.refresh, openai.accountId]) {
    assert.ok(!text.includes(secret));
  }
  assert.deepEqual(await desk.home.list(), [".local", "a.png", "talk.json"]);
});

Deno.test("codex run --session keeps nothing of a turn that was not finished", async () => {
  await using desk = await openDesk({
    turns: [reply("Four."), cut({ text: "Ei ght", afterChunks: 1 }), silent({ afterChunks: 1 })],
  });
  await desk.run([...SESSION, "2 + 2?"]);
  const before = await desk.home.read("talk.json");
  assert.equal((await desk.run([...SESSION, "twice that?"])).code, 5);
  await using run = await desk.start([...SESSION, "twice that?"]);
  await run.waitForStdout(/./);
  run.kill("SIGINT");
  assert.equal((await run.ended).code, 130);
  assert.equal(await desk.home.read("talk.json"), before);
  assert.deepEqual(await desk.home.list(), [".local", "talk.json"]);
});

Deno.test("codex run --session leaves no file where the first turn fails", async () => {
  await using desk = await openDesk({ turns: [cut({ afterChunks: 1 })] });
  assert.equal((await desk.run([...SESSION, "x"])).code, 5);
  assert.deepEqual(await desk.home.list(), [".local"]);
});

Deno.test("codex run --session refuses a second run at once, and takes one after the first was killed", async () => {
  await using desk = await openDesk({
    turns: [silent({ text: "a b c", afterChunks: 1 }), reply("Four.")],
  });
  await using first = await desk.start([...SESSION, "x"]);
  await first.waitForStdout("a");
  const second = await desk.run([...SESSION, "x"], { stdin: "open" });
  assert.equal(second.code, 2);
  assert.match(second.stderr, /^codex: Another run works with the session "talk.json"\nhint: /);
  first.kill("SIGKILL");
  await first.ended;
  const third = await desk.run([...SESSION, "x"]);
  assert.deepEqual([third.code, third.stdout], [0, "Four.\n"]);
});

Deno.test("codex run --session keeps its model, and leaves the reasoning of another one out", async () => {
  await using desk = await openDesk({ turns: TURNS });
  await desk.run([...SESSION, "-m", "gpt-5.5", "2 + 2?"]);
  await desk.run([...SESSION, "twice that?"], { env: { CODEX_MODEL: "gpt-6-sol" } });
  await desk.run([...SESSION, "-m", "gpt-6-sol", "twice that?"]);
  const bodies = desk.simulator.requestsTo("responses").map(({ json }) => json as Body);
  assert.deepEqual(bodies.map(({ model }) => model), ["gpt-5.5", "gpt-5.5", "gpt-6-sol"]);
  const reasonings = bodies.map(({ input }) =>
    input.filter(({ type }) => type === "reasoning").length
  );
  assert.deepEqual(reasonings, [0, 1, 0]);
  // What was left out is still kept: the first model may be asked again.
  const { messages } = JSON.parse(await desk.home.read("talk.json"));
  const kept = messages.flatMap(({ items = [] }: { items?: { type: string }[] }) => items)
    .filter(({ type }: { type: string }) => type === "reasoning");
  assert.equal(kept.length, 2);
});

Deno.test("codex run --session keeps an answer's repairs too", async () => {
  await using desk = await openDesk({ turns: [reply("Sure."), reply("```\nok\n```")] });
  assert.equal((await desk.run([...SESSION, "-x", "--repair", "1", "x"])).code, 0);
  const { messages } = JSON.parse(await desk.home.read("talk.json"));
  assert.deepEqual(messages.map(({ role }: { role: string }) => role), [
    "user",
    "assistant",
    "user",
    "assistant",
  ]);
});

Deno.test("codex run --session follows a link and takes an empty file for a new conversation", async () => {
  await using desk = await openDesk({ turns: TURNS });
  const file = await desk.home.write("kept/talk.json", "");
  await Deno.symlink(file, desk.home.join("talk.json"));
  assert.equal((await desk.run([...SESSION, "x"])).code, 0);
  assert.equal(JSON.parse(await desk.home.read("kept/talk.json")).messages.length, 2);
  assert.ok((await Deno.lstat(desk.home.join("talk.json"))).isSymlink);
  assert.deepEqual(await desk.home.list("kept"), ["talk.json"]);
});

for (
  const [what, content, says] of [
    ["something else", '{"name": "x"}', /is no session of this version/],
    ["no JSON", "{", /is no session of this version/],
    [
      "damaged messages",
      '{"version":1,"id":"a","messages":[{"role":"system","content":"x"}]}',
      /is damaged/,
    ],
  ] as const
) {
  Deno.test(`codex run --session refuses a file with ${what}, and leaves it alone`, async () => {
    await using desk = await openDesk();
    await desk.home.write("talk.json", content);
    const { code, stderr } = await desk.run([...SESSION, "x"]);
    assert.equal(code, 2);
    assert.match(stderr, says);
    assert.equal(await desk.home.read("talk.json"), content);
    assert.deepEqual(await desk.home.list(), [".local", "talk.json"]);
    assert.equal(desk.simulator.requestsTo("responses").length, 0);
  });
}

Deno.test("codex run --session says before it asks that there is no place for it", async () => {
  await using desk = await openDesk();
  const { code, stderr } = await desk.run(["run", "--session", "none/talk.json", "x"]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^codex: The folder of the session "none\/talk.json" does not exist\nhint: /,
  );
  assert.equal(desk.simulator.requestsTo("responses").length, 0);
});

Deno.test("codex run --session and -o are not the same file, nor one through a link", async () => {
  await using desk = await openDesk();
  await Deno.symlink("talk.json", desk.home.join("link"));
  for (const out of ["talk.json", "./talk.json"]) {
    const { code, stderr } = await desk.run([...SESSION, "-o", out, "x"]);
    assert.equal(code, 2);
    assert.match(stderr, /^codex: --session and --output-last-message name the same file\nhint: /);
  }
  const content = '{"version":1,"id":"a","messages":[]}';
  await desk.home.write("talk.json", content);
  const { code } = await desk.run([...SESSION, "-o", "link", "x"]);
  assert.deepEqual([code, await desk.home.read("talk.json")], [2, content]);
  assert.equal(desk.simulator.requestsTo("responses").length, 0);
});
