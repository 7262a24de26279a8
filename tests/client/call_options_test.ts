import assert from "node:assert/strict";
import { type CodexError, isCodexError } from "../../src/base/errors.ts";
import { parted } from "../../src/client/call_options.ts";
import {
  type ClientOptions,
  createClient,
  type Input,
  login,
  type LoginOptions,
  memoryStore,
  models,
  run,
  type RunOptions,
  stream,
  type StreamOptions,
} from "../../mod.ts";
import { createSimulator, reply } from "../../testing.ts";

/** What a caller without types may give. */
const untyped = <T>(value: unknown): T => value as T;

/** The error that something rejects with, which has to be `invalid_usage`. */
async function usageErrorOf(promise: Promise<unknown>): Promise<CodexError> {
  const error = await promise.then(() => undefined, (error: unknown) => error);
  if (isCodexError(error, "invalid_usage") && error.hint !== undefined) return error;
  throw new Error("it did not reject with invalid_usage and a hint", { cause: error });
}

type Wrong = readonly (readonly [options: unknown, message: string])[];

const WRONG_CALLS: Wrong = [
  [null, "options has to be an object, and is null"],
  [5, "options has to be an object, and is a number"],
  [{ model: 5 }, "options.model has to be text, and is a number"],
  [{ instructions: 5 }, "options.instructions has to be text, and is a number"],
  [{ tools: {} }, "options.tools has to be a list of tools, and is another object"],
  [{ timeout: 5 }, "options.timeout has to be an object, and is a number"],
  [{ timeout: { foo: 1 } }, "options.timeout.foo is not known here"],
  [
    { timeout: { total: "5" } },
    "options.timeout.total has to be a time of more than 0 milliseconds, and is other text",
  ],
  [
    { retry: { onUsageLimit: "x" } },
    'options.retry.onUsageLimit has to be one of "fail", "wait", and is other text',
  ],
  [{ output: "json" }, 'options.output has to be "text" or { schema }, and is other text'],
  [{ output: {} }, "options.output.schema has to be given, and is missing"],
  [{ raw: "no" }, "options.raw has to be true or false, and is other text"],
  [{ signal: {} }, "options.signal has to be an AbortSignal, and is another object"],
  [{ modle: "gpt-5.5" }, "options.modle is not known here"],
  [{ maxTokens: 5 }, "options.maxTokens is not known here"],
];

/** Of a tool that takes anything. */
const ANY = { type: "object" };

const WRONG_STREAMS: Wrong = [
  ...WRONG_CALLS,
  [{ tools: [{}] }, "options.tools[0].name has to be text, and is missing"],
  [{ tools: [{ name: "x" }] }, "options.tools[0].parameters has to be an object, and is missing"],
  [{ tools: [{ type: "x" }] }, /^options\.tools\[0\]\.type has to be one of/.source],
  [{ tools: [null] }, "options.tools[0] has to be an object, and is null"],
  [{ tools: [{ type: "custom" }] }, "options.tools[0].name has to be text, and is missing"],
  [
    { toolChoice: { name: 5 } },
    'options.toolChoice has to be "auto", "none", "required" or { name }, and is another object',
  ],
  [{ maxSteps: 5 }, "options.maxSteps is not known here"],
  [
    { tools: [{ name: "a", parameters: ANY }, { type: "custom", name: "a" }] },
    'Two tools have the name "a"',
  ],
  [
    { tools: [{ name: "fetch", parameters: ANY }], toolChoice: { name: "fetsh" } },
    'There is no tool "fetsh" to choose',
  ],
];

const WRONG_RUNS: Wrong = [
  ...WRONG_CALLS,
  [{ stopWhen: 5 }, "options.stopWhen has to be a condition, or a list of them, and is a number"],
  [{ stopWhen: [{}] }, "options.stopWhen[0].name has to be text, and is missing"],
  [{ stopWhen: { name: "x" } }, "options.stopWhen.isMet has to be a function, and is missing"],
  [{ beforeStep: 5 }, "options.beforeStep has to be a function, and is a number"],
  [{ approve: 5 }, "options.approve has to be a function, and is a number"],
  [{ tools: [{ name: "x" }] }, "options.tools[0].declare has to be a function, and is missing"],
  [{ session: 5 }, "options.session has to be a session, and is a number"],
  [{ session: "prev.json" }, "options.session has to be a session, and is other text"],
  [{ session: {} }, "options.session.id has to be text, and is missing"],
  [
    { session: { id: "x", messages: [{ role: "user", content: 5 }] } },
    "options.session.messages[0].content has to be text or a list of parts, and is a number",
  ],
  [{ sessionKey: "x" }, "options.sessionKey is not known here"],
];

const ways: readonly (readonly [
  name: string,
  wrong: Wrong,
  ask: (input: Input, options: unknown) => { final(): Promise<unknown> },
])[] = [
  ["stream()", WRONG_STREAMS, (input, options) => stream(input, untyped<StreamOptions>(options))],
  ["run()", WRONG_RUNS, (input, options) => run(input, untyped<RunOptions>(options))],
];

for (const [name, wrong, ask] of ways) {
  for (const [options, message] of wrong) {
    const shown = JSON.stringify(options);
    Deno.test(`${name} tells whoever awaits what is wrong with ${shown}, and sends nothing`, async () => {
      await using simulator = createSimulator();
      const { fetch, store } = simulator;
      const given = typeof options === "object" && options !== null
        ? { ...options, fetch, store }
        : options;
      const { message: said } = await usageErrorOf(ask("x", given).final());
      if (message.startsWith("^")) assert.match(said, new RegExp(message));
      else assert.equal(said, message);
      assert.deepEqual(simulator.requests, []);
    });
  }
}

const WRONG_INPUTS: Wrong = [
  [[null], "input[0] has to be an object, and is null"],
  [[{ role: "user" }], "input[0].content has to be text or a list of parts, and is missing"],
  [
    [{ role: "user", content: 5 }],
    "input[0].content has to be text or a list of parts, and is a number",
  ],
  [[{ role: "user", content: [5] }], "input[0].content[0] has to be an object, and is a number"],
  [
    [{ role: "user", content: [{ type: "text" }] }],
    "input[0].content[0].text has to be text, and is missing",
  ],
  [
    [{ role: "user", content: [{ type: "image", image: null }] }],
    "input[0].content[0].image has to be its bytes, a path or a URL, and is null",
  ],
  [
    [{ role: "user", content: [{ type: "file", name: 5, text: "x" }] }],
    "input[0].content[0].name has to be text, and is a number",
  ],
  [
    ["a", "b"],
    "input[0] has to be an object, and is other text",
  ],
  [
    [{ role: "user", content: "x" }, { role: "developer", content: [] }],
    "input[1].content has to be text, and is a list",
  ],
  [[{ role: "assistant" }], "input[0].content has to be text, and is missing"],
  [
    [{ role: "assistant", items: 5 }],
    "input[0].items has to be a list of items, and is a number",
  ],
  [
    [{ role: "tool", content: "done" }],
    "input[0].content has to be a list of tool results, and is other text",
  ],
  [
    [{ role: "tool", content: [{ type: "tool-result", id: "c1" }] }],
    "input[0].content[0].output has to be text or a list of parts, and is missing",
  ],
  [" \n", "The input is empty"],
  [[{ role: "user", content: [] }], "input[0].content is an empty list"],
  [[{ role: "user", content: "x", name: "ada" }], "input[0].name is not known here"],
  [
    [{ role: "user", content: [{ type: "text", text: "x", bar: 1 }] }],
    "input[0].content[0].bar is not known here",
  ],
  [
    [{ role: "assistant", items: [], content: "x" }],
    "input[0] has both items and content",
  ],
  [
    [{ role: "user", content: [{ type: "image", image: "a.png", detail: "ultra" }] }],
    'input[0].content[0].detail has to be one of "auto", "low", "high", "original", ' +
    "and is other text",
  ],
  [
    [{ role: "user", content: [{ type: "file", name: "a", text: new URL("https://x.test/a") }] }],
    "A file of the input is at https:, and only a file: URL is read",
  ],
];

for (const [name, _wrong, ask] of ways) {
  for (const [input, message] of WRONG_INPUTS) {
    Deno.test(`${name} tells what is wrong with the input ${JSON.stringify(input)}`, async () => {
      await using simulator = createSimulator();
      const { fetch, store } = simulator;
      const error = await usageErrorOf(ask(untyped<Input>(input), { fetch, store }).final());
      assert.equal(error.message, message);
      assert.deepEqual(simulator.requestsTo("responses"), []);
    });
  }
}

Deno.test("stream() names the nearest option there is, one of the client's too", async () => {
  const near = async (options: unknown) => {
    const error = await usageErrorOf(stream("x", untyped<StreamOptions>(options)).final());
    return error.hint;
  };
  assert.match(await near({ modle: "x" }) ?? "", /options\.model$/);
  assert.match(await near({ stroe: memoryStore() }) ?? "", /options\.store$/);
  assert.match(await near({ timeout: { idel: 1 } }) ?? "", /options\.timeout\.idle$/);
});

Deno.test("stream() leaves out what is undefined, known or not", async () => {
  await using simulator = createSimulator({ turns: [reply("Hi")] });
  const { fetch, store } = simulator;
  const options = untyped<StreamOptions>({ fetch, store, model: undefined, foo: undefined });
  assert.equal(await stream("x", options).text(), "Hi");
});

Deno.test("Client.stream() says that an option is the client's", async () => {
  const client = createClient({ store: memoryStore() });
  const error = await usageErrorOf(
    client.stream("x", untyped<StreamOptions>({ store: memoryStore() })).final(),
  );
  assert.equal(error.message, "options.store is an option of the whole client");
});

Deno.test("createClient() throws at once for what is of another type, or unknown", () => {
  for (
    const [options, message] of [
      [null, /^options has to be an object/],
      [{ baseURL: "https://a.test" }, /^options\.baseURL is not known here/],
      [{ store: {} }, /^options\.store\.read has to be a function/],
      [{ clock: 5 }, /^options\.clock has to be an object/],
      [{ signal: 5 }, /^options\.signal has to be an AbortSignal/],
      [{ baseUrl: 5 }, /^options\.baseUrl has to be text or a URL/],
    ] as const
  ) {
    assert.throws(
      () => createClient(untyped<ClientOptions>(options)),
      (error) => isCodexError(error, "invalid_usage") && message.test(error.message),
    );
  }
});

Deno.test("createClient() takes a simulator as it is", async () => {
  await using simulator = createSimulator({ turns: [reply("Hi")] });
  assert.equal(await createClient(simulator).stream("x").text(), "Hi");
});

const METHODS = /"browser", "device", "api-key"/;

for (const options of [undefined, null, 5, {}, { foo: 1 }, { method: 5 }, { method: "brwoser" }]) {
  Deno.test(`login(${JSON.stringify(options)}) rejects, and names the methods`, async () => {
    const error = await usageErrorOf(login(untyped<LoginOptions>(options)));
    assert.match(error.hint ?? "", METHODS);
  });
}

Deno.test("login() repeats no key that was given for a method", async () => {
  const method = "sk-0123456789abcdef0123456789abcdef";
  const { message } = await usageErrorOf(login(untyped<LoginOptions>({ method })));
  assert.equal(message, '"***" is no method to sign in by');
});

for (
  const [options, message] of [
    [{ method: "api-key" }, 'The method "api-key" needs key'],
    [{ method: "api-key", key: 5 }, 'The method "api-key" needs key'],
    [{ method: "device" }, 'The method "device" needs onCode'],
    [{ method: "browser" }, 'The method "browser" needs onUrl'],
    [{ method: "browser", onUrl: "x" }, 'The method "browser" needs onUrl'],
    [{ method: "api-key", key: "k", keys: 1 }, "options.keys is not known here"],
    [{ method: "api-key", key: "k", issuer: "ftp://x" }, undefined],
  ] as const
) {
  Deno.test(`login() rejects ${JSON.stringify(options)}, and keeps the sign-in`, async () => {
    const store = memoryStore({ type: "api", key: "before" });
    const error = await usageErrorOf(login(untyped<LoginOptions>({ ...options, store })));
    if (message !== undefined) assert.equal(error.message, message);
    assert.deepEqual(store.snapshot(), { type: "api", key: "before" });
  });
}

Deno.test("models() and its like reject, and never throw", async () => {
  const client = createClient({ store: memoryStore() });
  for (const options of [null, 5, { refresh: "yes" }, { refesh: true }]) {
    await usageErrorOf(client.models(untyped<{ refresh: boolean }>(options)));
  }
  await usageErrorOf(models(untyped<ClientOptions>(null)));
  await usageErrorOf(models({ baseUrl: "ftp://host" }));
  await usageErrorOf(client.logout(untyped<{ revoke: boolean }>({ revoke: 1 })));
  await usageErrorOf(client.refresh(untyped<{ force: boolean }>({ force: 1 })));
  await usageErrorOf(client.limits(untyped<{ signal: AbortSignal }>({ signal: 1 })));
});

Deno.test("parted() leaves the signal to the call, and all that it does not know", () => {
  const { signal } = new AbortController();
  const store = memoryStore();
  const { client, call } = parted<StreamOptions>({ model: "m", signal, store });
  assert.deepEqual(call, { model: "m", signal });
  assert.equal(client.store, store);
  assert.equal(client.signal, undefined);
});
