import assert from "node:assert/strict";
import { type Client, createClient, type CredentialStore } from "../../mod.ts";
import { createSimulator } from "../../testing.ts";

/** A store whose place answers to nobody, and that heeds no signal. */
const STUCK: CredentialStore = {
  read: () => new Promise(() => {}),
  update: () => new Promise(() => {}),
};

const MODELS = "https://api.openai.com/v1/models";

const WAYS: Readonly<Record<string, (client: Client, signal: AbortSignal) => Promise<unknown>>> = {
  stream: (client, signal) => client.stream("Hi", { signal }).final(),
  models: (client, signal) => client.models({ signal }),
  limits: (client, signal) => client.limits({ signal }),
  refresh: (client, signal) => client.refresh({ signal }),
  login: (client, signal) => client.login({ method: "api-key", key: "sk-simulator", signal }),
  logout: (client, signal) => client.logout({ signal }),
  createFetch: (client, signal) => client.createFetch()(MODELS, { signal }),
};

for (const [name, ask] of Object.entries(WAYS)) {
  Deno.test(`${name}() ends with its signal while the store hangs`, async () => {
    await using simulator = createSimulator();
    const { fetch } = simulator;
    const controller = new AbortController();
    const asked = ask(createClient({ fetch, store: STUCK }), controller.signal);
    const ended = assert.rejects(asked, (reason) => reason === "enough");
    controller.abort("enough");
    await ended;
  });
}

Deno.test("account() ends with the client's signal while the store hangs", async () => {
  const controller = new AbortController();
  const asked = createClient({ store: STUCK, signal: controller.signal }).account();
  const ended = assert.rejects(asked, (reason) => reason === "enough");
  controller.abort("enough");
  await ended;
});

Deno.test("refresh() heeds a signal that was aborted before, though nothing is due", async () => {
  await using simulator = createSimulator();
  const { fetch, store } = simulator;
  const client = createClient({ fetch, store });
  await assert.rejects(client.refresh({ signal: AbortSignal.abort("no") }), (reason) => {
    return reason === "no";
  });
});

Deno.test("login() wants a time that passes", async () => {
  await using simulator = createSimulator();
  const { fetch, store } = simulator;
  const client = createClient({ fetch, store });
  for (const timeoutMs of [NaN, -1, 0]) {
    await assert.rejects(client.login({ method: "browser", onUrl() {}, timeoutMs }), {
      code: "invalid_usage",
      message:
        `options.timeoutMs has to be a time of more than 0 milliseconds, and is ${timeoutMs}`,
    });
  }
});

Deno.test("stream() and run() send the messages as they were when they were called", async () => {
  for (const way of ["stream", "run"] as const) {
    await using simulator = createSimulator();
    const { fetch, store } = simulator;
    const messages = [{ role: "user", content: "first" }] as { role: "user"; content: string }[];
    const client = createClient({ fetch, store });
    const asked = way === "run" ? client.run(messages) : client.stream(messages);
    messages[0] = { role: "user", content: "changed" };
    messages.push({ role: "user", content: "added" });
    await asked.final();
    const [request] = simulator.requestsTo("responses");
    const sent = JSON.stringify(request?.json);
    assert.match(sent, /first/, way);
    assert.doesNotMatch(sent, /changed|added/, way);
  }
});

Deno.test("stream() refuses a limit that is no number before a clock is asked for a timer", async () => {
  await using simulator = createSimulator();
  const { fetch, store } = simulator;
  let timers = 0;
  const clock = { now: () => 0, after: () => (timers++, () => {}) };
  const client = createClient({ fetch, store, clock });
  for (const total of [NaN, -1]) {
    await assert.rejects(client.stream("Hi", { timeout: { total } }).final(), {
      code: "invalid_usage",
    });
    await assert.rejects(client.run("Hi", { timeout: { total } }).final(), {
      code: "invalid_usage",
    });
  }
  assert.equal(timers, 0);
});
