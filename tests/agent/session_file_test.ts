import assert from "node:assert/strict";
import { type Answerer, openSession } from "../../src/agent/session_file.ts";
import { isCodexError } from "../../src/base/errors.ts";
import type { Message } from "../../src/responses/options.ts";
import { TempDir } from "../support/temp_dir.ts";

const ME: Answerer = { model: "m", account: "a" };
const SIGNAL = new AbortController().signal;

const TURN: readonly Message[] = [
  { role: "user", content: "2 + 2?" },
  {
    role: "assistant",
    items: [{ type: "reasoning", encrypted_content: "…" }, { type: "message", content: [] }],
  },
];

Deno.test("openSession() begins a conversation, and gives back what was appended", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("talk.json");
  let id: string;
  {
    await using session = await openSession(path, SIGNAL);
    assert.deepEqual([session.model, session.messagesFor(ME)], [undefined, []]);
    await session.append(TURN, ME);
    id = session.id;
  }
  await using session = await openSession(path, SIGNAL);
  assert.deepEqual([session.id, session.model], [id, "m"]);
  assert.deepEqual(session.messagesFor(ME), TURN);
});

Deno.test("openSession() leaves nothing where nothing was appended, its lock neither", async () => {
  await using dir = await TempDir.make();
  await (await openSession(dir.join("talk.json"), SIGNAL))[Symbol.asyncDispose]();
  assert.deepEqual(await dir.list(), []);
});

Deno.test("append() writes nothing where a link was put in the place of the folder", async () => {
  await using dir = await TempDir.make();
  await Deno.mkdir(dir.join("talks"));
  await dir.write("elsewhere/talk.json", "KEEP");
  await using session = await openSession(dir.join("talks/talk.json"), SIGNAL);
  await Deno.rename(dir.join("talks"), dir.join("moved"));
  await Deno.symlink(dir.join("elsewhere"), dir.join("talks"));
  await assert.rejects(session.append(TURN, ME), (error) => isCodexError(error, "internal"));
  assert.equal(await dir.read("elsewhere/talk.json"), "KEEP");
});

Deno.test("messagesFor() leaves reasoning out that another model or account gave", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("talk.json");
  {
    await using session = await openSession(path, SIGNAL);
    await session.append(TURN, ME);
  }
  await using session = await openSession(path, SIGNAL);
  for (const other of [{ ...ME, model: "n" }, { ...ME, account: "b" }]) {
    const [, answer] = session.messagesFor(other);
    assert.deepEqual(answer, { role: "assistant", items: [{ type: "message", content: [] }] });
  }
});

Deno.test("openSession() lets one run in at a time", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("talk.json");
  await using first = await openSession(path, SIGNAL);
  await assert.rejects(openSession(path, SIGNAL), /Another run works with the session/);
  await first[Symbol.asyncDispose]();
  await using second = await openSession(path, SIGNAL);
  assert.notEqual(second.id, first.id);
});

Deno.test("openSession() takes neither a folder nor a pipe, which it would replace", async () => {
  await using dir = await TempDir.make();
  await new Deno.Command("mkfifo", { args: [dir.join("pipe")] }).output();
  await Deno.symlink("pipe", dir.join("link"));
  for (const path of [dir.path, dir.join("pipe"), dir.join("link")]) {
    await assert.rejects(openSession(path, SIGNAL), /is no regular file/);
  }
  assert.ok((await Deno.stat(dir.join("pipe"))).isFifo);
  assert.deepEqual(await dir.list(), ["link", "pipe"]);
});

Deno.test("openSession() says that a link leads nowhere, or that the folder is missing", async () => {
  await using dir = await TempDir.make();
  await Deno.symlink("nowhere", dir.join("link"));
  await Deno.symlink("circle", dir.join("circle"));
  for (const name of ["link", "circle"]) {
    await assert.rejects(openSession(dir.join(name), SIGNAL), /is a link that leads to no file/);
  }
  await assert.rejects(
    openSession(dir.join("sub/talk.json"), SIGNAL),
    /^CodexError: The folder of .* does not exist/,
  );
  assert.deepEqual(await dir.list(), ["circle", "link"]);
});

Deno.test("append() follows a link to the file", async () => {
  await using dir = await TempDir.make();
  await dir.write("talk.json", "");
  await Deno.symlink("talk.json", dir.join("link"));
  await using session = await openSession(dir.join("link"), SIGNAL);
  assert.equal(session.path, await Deno.realPath(dir.join("talk.json")));
  await session.append(TURN, ME);
  assert.ok((await Deno.lstat(dir.join("link"))).isSymlink);
  assert.match(await dir.read("talk.json"), /"messages"/);
});

Deno.test("append() makes images plain, and its file readable by nobody else", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("talk.json", "", 0o644);
  const image = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
  {
    await using session = await openSession(path, SIGNAL);
    await session.append([{ role: "user", content: [{ type: "image", image }] }], ME);
  }
  const { messages } = JSON.parse(await dir.read("talk.json"));
  assert.deepEqual(messages[0].content[0], {
    type: "image",
    image: "data:image/jpeg;base64,/9j/4A==",
  });
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
});

for (
  const [what, value] of [
    ["another version", { version: 2, id: "i", messages: [] }],
    ["no id", { version: 1, messages: [] }],
    ["an unknown role", { version: 1, id: "i", messages: [{ role: "system", content: "x" }] }],
    ["content of an unknown kind", {
      version: 1,
      id: "i",
      messages: [{ role: "user", content: 1 }],
    }],
    ["an unknown part", {
      version: 1,
      id: "i",
      messages: [{ role: "user", content: [{ type: "sound", text: "x" }] }],
    }],
    ["items that are none", { version: 1, id: "i", messages: [{ role: "assistant", items: [1] }] }],
  ] as const
) {
  Deno.test(`openSession() refuses a file with ${what}, and gives its lock back`, async () => {
    await using dir = await TempDir.make();
    const path = await dir.write("talk.json", JSON.stringify(value));
    await assert.rejects(
      openSession(path, SIGNAL),
      (error) => isCodexError(error, "invalid_usage"),
    );
    assert.deepEqual(await dir.list(), ["talk.json"]);
  });
}

for (
  const [what, message] of [
    ["a part", { role: "user", content: [{ type: "image", image: "/etc/passwd" }] }],
    ["a result", {
      role: "tool",
      content: [{ type: "tool-result", id: "c", output: [{ type: "image", image: "a.png" }] }],
    }],
  ] as const
) {
  Deno.test(`openSession() refuses ${what} that names a file, which would be read and sent`, async () => {
    await using dir = await TempDir.make();
    const kept = { version: 1, id: "s", messages: [message] };
    await dir.write("s.json", JSON.stringify(kept));
    await assert.rejects(openSession(dir.join("s.json"), new AbortController().signal), {
      code: "invalid_usage",
      message: /names a file, and none is read for it$/,
    });
  });
}

Deno.test("openSession() keeps what tools gave, images as data URLs", async () => {
  await using dir = await TempDir.make();
  const path = dir.join("talk.json");
  const png = new Uint8Array([137, 80, 78, 71, 13, 10, 26, 10]);
  const results: Message = {
    role: "tool",
    content: [
      { type: "tool-result", id: "a", output: "text" },
      { type: "tool-result", id: "b", output: [{ type: "image", image: png }] },
    ],
  };
  {
    await using session = await openSession(path, SIGNAL);
    await session.append([...TURN, results], ME);
  }
  await using session = await openSession(path, SIGNAL);
  assert.deepEqual(session.messagesFor(ME).at(-1), {
    role: "tool",
    content: [
      { type: "tool-result", id: "a", output: "text" },
      {
        type: "tool-result",
        id: "b",
        output: [{ type: "image", image: "data:image/png;base64,iVBORw0KGgo=" }],
      },
    ],
  });
});
