import assert from "node:assert/strict";
import { envStore, type EnvStoreOptions } from "../../../src/auth/store/env_store.ts";
import { fileStore } from "../../../src/auth/store/file_store.ts";
import { marked } from "../../../src/auth/refresh.ts";
import type {
  Credentials,
  CredentialStore,
  OAuthCredentials,
} from "../../../src/base/credentials.ts";
import { CodexError, isCodexError } from "../../../src/base/errors.ts";
import { memoryStore } from "../../../src/base/memory_store.ts";
import { TempDir } from "../../support/temp_dir.ts";
import { fileText, signIn } from "./support.ts";

const JSON_ENV = (name: string) =>
  name === "CODEX_AUTH_JSON" ? JSON.stringify(signIn(5)) : undefined;
const TOKEN_ENV = (name: string) => name === "CODEX_ACCESS_TOKEN" ? "opaque" : undefined;

async function put(store: CredentialStore, next: Credentials | undefined): Promise<void> {
  await store.update(() => Promise.resolve({ next, value: undefined }));
}

Deno.test("envStore() reads the environment at its first use, not before", async () => {
  let reads = 0;
  const env = (name: string) => {
    reads++;
    return JSON_ENV(name);
  };
  const store = envStore({ env });
  assert.equal(reads, 0);
  assert.equal(store.origin, "environment");
  assert.deepEqual(await store.read(), signIn(5));
  assert.ok(!Deno.inspect(await store.read()).includes("rt_5"));
});

Deno.test("envStore() spends nothing when it is not said where the renewed one goes", async () => {
  const store = envStore({ env: JSON_ENV });
  assert.equal(store.renewable, false);
  await assert.rejects(
    store.update(() => assert.fail("the callback was asked")),
    (error) => isCodexError(error, "sign_in_expired") && /--rotate-to FILE/.test(error.hint ?? ""),
  );
});

Deno.test("envStore() cannot renew an access token alone, nor an API key", async () => {
  const onRotate = () => assert.fail("called");
  const key = (name: string) => name === "CODEX_AUTH_JSON" ? '{"type":"api","key":"k"}' : undefined;
  for (const env of [TOKEN_ENV, key, () => undefined]) {
    const store = envStore({ env, onRotate });
    assert.equal(store.renewable, false);
    await assert.rejects(put(store, signIn(6)), (error) => isCodexError(error, "sign_in_expired"));
  }
});

Deno.test("envStore() waits until the renewed sign-in was taken, then goes on with it", async () => {
  const called = Promise.withResolvers<void>();
  const taken = Promise.withResolvers<void>();
  const rotated: Credentials[] = [];
  const onRotate = async (credentials: Credentials) => {
    rotated.push(credentials);
    called.resolve();
    await taken.promise;
  };
  const store = envStore({ env: JSON_ENV, onRotate });
  assert.equal(store.renewable, true);
  let settled = false;
  const update = put(store, signIn(6)).then(() => settled = true);
  const waiting = put(store, undefined);
  await called.promise;
  assert.deepEqual([rotated, settled], [[signIn(6)], false]);
  taken.resolve();
  await update;
  await waiting;
  assert.equal(rotated.length, 1, "a removal is not handed on");
  assert.equal(await store.read(), undefined);
});

Deno.test("envStore() hands nothing on when an update gives back what it got", async () => {
  const store = envStore({ env: JSON_ENV, onRotate: () => assert.fail("called") });
  await store.update((current) => Promise.resolve({ next: current, value: undefined }));
  assert.deepEqual(await store.read(), signIn(5));
});

Deno.test("envStore() goes on with a renewed sign-in that nobody took, and says so", async () => {
  const own = new CodexError("store_unavailable", "no space");
  for (
    const [thrown, pattern] of [
      [new Error("secret"), /could not be handed on/],
      [own, /no space/],
    ] as const
  ) {
    const onRotate = () => Promise.reject(thrown);
    const store = envStore({ env: JSON_ENV, onRotate });
    await assert.rejects(put(store, signIn(6)), (error) => {
      assert.ok(isCodexError(error, "store_unavailable"));
      assert.match(error.message, pattern);
      return true;
    });
    assert.deepEqual(await store.read(), signIn(6));
  }
});

Deno.test("envStore() keeps the renewed sign-in in the store that it is given", async () => {
  await using dir = await TempDir.make();
  const rotateTo = fileStore(dir.join("rotated.json"));
  const store = envStore({ env: JSON_ENV, rotateTo });
  assert.equal(store.renewable, true);
  assert.deepEqual(await store.read(), signIn(5));
  await store.update(async (current) => {
    assert.deepEqual(current, signIn(5));
    assert.deepEqual((await dir.list()).length, 2, "its place is proven first");
    return { next: signIn(6), value: undefined };
  });
  assert.equal(await dir.read("rotated.json"), fileText(signIn(6)));
  assert.deepEqual(await store.read(), signIn(6));
});

Deno.test("envStore() leaves the given store empty when an update gives back what it got", async () => {
  const rotateTo = memoryStore();
  const store = envStore({ env: JSON_ENV, rotateTo });
  await store.update((current) => Promise.resolve({ next: current, value: undefined }));
  assert.equal(rotateTo.snapshot(), undefined);
});

Deno.test("envStore() spends nothing when the given store cannot be written", async () => {
  await using dir = await TempDir.make();
  const rotateTo = fileStore(dir.path);
  const store = envStore({ env: JSON_ENV, rotateTo });
  await assert.rejects(
    store.update(() => assert.fail("the callback was asked")),
    (error) => isCodexError(error, "store_unavailable"),
  );
});

const CASES: readonly (readonly [what: string, stored: Credentials | undefined, used: number])[] = [
  ["its own successor", signIn(6), 6],
  ["an older one", signIn(4), 5],
  ["another account's", { ...signIn(9), accountId: "acct-2" }, 5],
  ["an API key", { type: "api", key: "k" }, 5],
  ["nothing", undefined, 5],
];

for (const [what, stored, used] of CASES) {
  Deno.test(`envStore() with ${what} in the given store uses number ${used}`, async () => {
    const options: EnvStoreOptions = { env: JSON_ENV, rotateTo: memoryStore(stored) };
    assert.deepEqual(await envStore(options).read(), signIn(used));
    await envStore(options).update((current) => {
      assert.deepEqual(current, signIn(used));
      return Promise.resolve({ next: current, value: undefined });
    });
  });
}

/** A sign-in that was refused for good while this secret was in the environment. */
async function over(secret: OAuthCredentials): Promise<OAuthCredentials> {
  const options: EnvStoreOptions = {
    env: (name) => name === "CODEX_AUTH_JSON" ? JSON.stringify(secret) : undefined,
    rotateTo: memoryStore(signIn(6)),
  };
  const store = envStore(options);
  await store.update(async (current) => {
    assert.deepEqual(current, signIn(6));
    return { next: await marked(signIn(6), "refresh_token_reused", 0), value: undefined };
  });
  const stored = await options.rotateTo?.read();
  assert.ok(stored?.type === "oauth");
  return stored;
}

Deno.test("envStore() takes another secret when the one in the given store is over", async () => {
  const rotateTo = memoryStore(await over(signIn(4)));
  const store = envStore({ env: JSON_ENV, rotateTo });
  assert.deepEqual(await store.read(), signIn(5));
  await store.update((current) => {
    assert.deepEqual(current, signIn(5));
    return Promise.resolve({ next: signIn(7), value: undefined });
  });
  assert.deepEqual([await rotateTo.read(), await store.read()], [signIn(7), signIn(7)]);
});

Deno.test("envStore() does not try the secret again that the one that is over came from", async () => {
  const stored = await over(signIn(5));
  assert.deepEqual(await envStore({ env: JSON_ENV, rotateTo: memoryStore(stored) }).read(), stored);
});
