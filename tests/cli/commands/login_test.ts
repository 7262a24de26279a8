import assert from "node:assert/strict";
import { login, waysInOrder } from "../../../src/cli/commands/login.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { fakeCli } from "../fake_cli.ts";

Deno.test("waysInOrder() proposes the browser first where one is likely to be seen", () => {
  const order = (display: boolean) => waysInOrder(display).map(({ value }) => value);
  assert.deepEqual(order(true), ["browser", "device", "api-key"]);
  assert.deepEqual(order(false), ["device", "browser", "api-key"]);
});

/** A world whose stdin is a pipe that stays open and silent, until it is answered. */
function silentWorld(home: string) {
  const stdin = new Pipe();
  const { cli, clock, told } = fakeCli({ env: { HOME: home }, parts: { stdin } });
  return { cli, clock, stdin, told: () => told.stderr };
}

class Pipe {
  readonly isTerminal = false;
  readonly #asked = Promise.withResolvers<void>();
  #left: Uint8Array[] | undefined;
  #answer: ((text: Uint8Array | null) => void) | undefined;

  /** Settles when somebody reads. */
  get asked(): Promise<void> {
    return this.#asked.promise;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    this.#asked.resolve();
    if (this.#left !== undefined) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#answer = (bytes) => {
        if (bytes !== null) buffer.set(bytes);
        resolve(bytes?.length ?? null);
      };
    });
  }

  /** Gives a text and the end. */
  end(text: string): void {
    this.#left = [];
    this.#answer?.(new TextEncoder().encode(text));
  }
}

Deno.test("login() says after a while that it waits for the key on stdin", async () => {
  await using home = await TempDir.make();
  const { cli, clock, stdin, told } = silentWorld(home.path);
  const done = login(cli, { withApiKey: true });
  await stdin.asked;
  await clock.advance(1999);
  assert.equal(told(), "");
  await clock.advance(1);
  assert.match(told(), /^codex: waiting for the API key on stdin, for 1 min at most\n$/);
  stdin.end("sk-late\n");
  await done;
  assert.match(told(), /\nSigned in with an API key\.\n$/);
});

Deno.test("login() ends when no key comes, with a hint that fits", async () => {
  await using home = await TempDir.make();
  const { cli, clock, stdin, told } = silentWorld(home.path);
  const done = login(cli, { withApiKey: true, json: true });
  const rejected = assert.rejects(done, {
    code: "invalid_usage",
    message: /^Stdin is open but silent/,
    hint: "Pipe the key in: printenv MY_KEY | codex login --with-api-key",
  });
  await stdin.asked;
  await clock.advance(60_000);
  await rejected;
  assert.equal(told(), "", "a machine is told by the error alone");
  assert.deepEqual(await home.list(".local/share/codex"), ["auth.json.lock"]);
});
