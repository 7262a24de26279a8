/** The checks behind the contract of a credential store; each throws when a store does not hold it. */
import type { Credentials, CredentialStore, OAuthCredentials } from "../base/credentials.ts";

/** Opens one more store on the place under test. */
export type Open = () => Promise<CredentialStore>;

/** Each sentence of the contract, with what checks it. */
export const CHECKS:
  readonly (readonly [sentence: string, check: (open: Open) => Promise<void>])[] = [
    ["reads nothing at first", readsNothing],
    ["reads what an update has stored", readsWhatWasStored],
    ["keeps every member of a sign-in", keepsEveryMember],
    ["keeps an API key", keepsApiKey],
    ["removes the sign-in when an update gives none", removes],
    ["changes nothing when the callback rejects", changesNothingOnRejection],
    ["changes nothing when an update gives the object that it got", changesNothingWhenSame],
    ["lets the next update in after one that rejected", letsNextIn],
    ["runs one update at a time", runsOneAtATime],
    ["runs one update at a time across two stores of one place", runsOneAtATimeAcross],
    ["shows an update what another store has just written", showsLatest],
    ["loses none of many updates", losesNone],
    ["does not start an update whose signal is aborted", refusesAborted],
    ["gives up waiting with the signal's reason", givesUpWaiting],
    ["takes an update to its end when its signal is aborted late", finishesLate],
  ];

async function readsNothing(open: Open): Promise<void> {
  const store = await open();
  same(await store.read(), undefined, "an empty place");
  same(await change(store, (current) => current), undefined, "what an update of it sees");
}

async function readsWhatWasStored(open: Open): Promise<void> {
  const store = await open();
  same(await store.update(() => Promise.resolve({ next: signIn(1), value: 42 })), 42, "the value");
  same(await store.read(), signIn(1), "what is read after the update");
  same(await (await open()).read(), signIn(1), "what another store of the place reads");
}

async function keepsEveryMember(open: Open): Promise<void> {
  const store = await open();
  const full: OAuthCredentials = {
    ...signIn(1),
    enterpriseUrl: "https://enterprise.example",
    issuer: "https://issuer.example",
    baseUrl: "https://backend.example/codex",
    reauth: {
      code: "refresh_token_expired",
      at: "2027-01-15T08:00:00.000Z",
      for: "0123456789abcdef",
    },
  };
  await put(store, full);
  same(await store.read(), full, "what is read");
}

async function keepsApiKey(open: Open): Promise<void> {
  const store = await open();
  await put(store, signIn(1));
  await put(store, { type: "api", key: "sk-example" });
  same(await store.read(), { type: "api", key: "sk-example" }, "what is read");
}

async function removes(open: Open): Promise<void> {
  const store = await open();
  await put(store, signIn(1));
  await put(store, undefined);
  same(await store.read(), undefined, "what is read after the removal");
  same(await (await open()).read(), undefined, "what another store reads after it");
}

async function changesNothingOnRejection(open: Open): Promise<void> {
  const store = await open();
  await put(store, signIn(1));
  const failure = new Error("no answer");
  const thrown = await rejection(store.update(() => Promise.reject(failure)));
  is(thrown === failure, "the callback's own error is not what update() rejects with");
  same(await store.read(), signIn(1), "what is read after a rejected update");
}

async function changesNothingWhenSame(open: Open): Promise<void> {
  const store = await open();
  await put(store, signIn(1));
  const value = await store.update((current) => Promise.resolve({ next: current, value: "kept" }));
  same(value, "kept", "the value");
  same(await store.read(), signIn(1), "what is read afterwards");
}

async function letsNextIn(open: Open): Promise<void> {
  const store = await open();
  await rejection(store.update(() => Promise.reject(new Error("no answer"))));
  await put(await open(), signIn(2));
  same(await store.read(), signIn(2), "what is read after the next update");
}

async function runsOneAtATime(open: Open): Promise<void> {
  const store = await open();
  await checkExclusion([store, store, store, store]);
}

async function runsOneAtATimeAcross(open: Open): Promise<void> {
  const [one, other] = [await open(), await open()];
  await checkExclusion([one, other, one, other]);
}

async function checkExclusion(stores: readonly CredentialStore[]): Promise<void> {
  let inside = 0;
  let most = 0;
  await Promise.all(stores.map((store) =>
    store.update(async (current) => {
      most = Math.max(most, ++inside);
      // Reading is as slow as the place is, so that a second update has the time to begin.
      for (let reads = 0; reads < 4; reads++) {
        await store.read();
        await turn();
      }
      inside--;
      return { next: current, value: undefined };
    })
  ));
  same(most, 1, "the number of updates under way at once");
}

async function showsLatest(open: Open): Promise<void> {
  const [one, other] = [await open(), await open()];
  await put(one, signIn(1));
  const hold = held(one, signIn(2));
  await hold.entered;
  const second = change(other, (current) => {
    same(current, signIn(2), "what the second update sees");
    return signIn(3);
  });
  hold.finish();
  await Promise.all([hold.done, second]);
  same(await one.read(), signIn(3), "what the first store reads in the end");
}

async function losesNone(open: Open): Promise<void> {
  const stores = [await open(), await open(), await open()];
  await put(await open(), signIn(0));
  const updates = Array.from({ length: 12 }, (_, index) => {
    const store = stores[index % stores.length];
    return store && change(store, (current) => signIn(numberOf(current) + 1));
  });
  await Promise.all(updates);
  same(await (await open()).read(), signIn(12), "what 12 updates add up to");
}

async function refusesAborted(open: Open): Promise<void> {
  const store = await open();
  const reason = new Error("enough");
  let ran = false;
  const thrown = await rejection(store.update(() => {
    ran = true;
    return Promise.resolve({ next: signIn(1), value: undefined });
  }, { signal: AbortSignal.abort(reason) }));
  is(thrown === reason, "update() does not reject with the signal's reason");
  is(!ran, "the callback ran although the signal was aborted before");
}

async function givesUpWaiting(open: Open): Promise<void> {
  const [one, other] = [await open(), await open()];
  const hold = held(one, signIn(1));
  await hold.entered;
  const controller = new AbortController();
  const reason = new Error("enough");
  let ran = false;
  const waiting = rejection(other.update(() => {
    ran = true;
    return Promise.resolve({ next: signIn(2), value: undefined });
  }, { signal: controller.signal }));
  // A store that lets it in at once is told below, not as a rejection that nobody handles.
  waiting.catch(() => {});
  await turn();
  controller.abort(reason);
  // The other update is still inside: a store that cannot give up waits here for ever.
  const thrown = await waiting.finally(hold.finish);
  await hold.done;
  is(thrown === reason, "update() does not reject with the signal's reason");
  is(!ran, "the callback ran although its wait had been given up");
  same(await other.read(), signIn(1), "what is read in the end");
  await put(other, signIn(3));
  same(await one.read(), signIn(3), "what the next update stores");
}

async function finishesLate(open: Open): Promise<void> {
  const store = await open();
  const controller = new AbortController();
  await store.update(async () => {
    controller.abort(new Error("too late"));
    await turn();
    return { next: signIn(1), value: undefined };
  }, { signal: controller.signal });
  same(await store.read(), signIn(1), "what is read although the signal was aborted");
}

/** A sign-in that can be told from others by a number. */
function signIn(number: number): OAuthCredentials {
  return {
    type: "oauth",
    refresh: `rt_contract_${number}`,
    access: `access-contract-${number}`,
    expires: 1_800_000_000_000 + number,
    accountId: "acct-contract",
  };
}

function numberOf(credentials: Credentials | undefined): number {
  return credentials?.type === "oauth" ? credentials.expires - 1_800_000_000_000 : Number.NaN;
}

async function put(store: CredentialStore, next: Credentials | undefined): Promise<void> {
  await store.update(() => Promise.resolve({ next, value: undefined }));
}

/** Updates with a function that does not wait, and returns what it saw. */
async function change(
  store: CredentialStore,
  fn: (current: Credentials | undefined) => Credentials | undefined,
): Promise<Credentials | undefined> {
  return await store.update((current) => Promise.resolve({ next: fn(current), value: current }));
}

/** An update that stays in its callback until it is let go. */
function held(
  store: CredentialStore,
  next: Credentials,
): { entered: Promise<void>; finish: () => void; done: Promise<void> } {
  const entered = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const done = store.update(async () => {
    entered.resolve();
    await finish.promise;
    return { next, value: undefined };
  });
  done.catch(entered.reject);
  return { entered: entered.promise, finish: finish.resolve, done };
}

/** Lets whatever is due run: I/O too, by way of the event loop. */
async function turn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const passed = new Promise((resolve) => port1.onmessage = resolve);
  port2.postMessage(undefined);
  await passed;
  port1.close();
  port2.close();
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("update() resolved although it should have rejected");
}

function is(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/** Compares as JSON with sorted members: what a store keeps is plain data. */
function same(actual: unknown, expected: unknown, what: string): void {
  const [shown, wanted] = [plain(actual), plain(expected)];
  if (shown !== wanted) throw new Error(`${what}: expected ${wanted}, got ${shown}`);
}

function plain(value: unknown): string {
  return JSON.stringify(
    value,
    (_, member: unknown) =>
      typeof member === "object" && member !== null
        ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => one < other ? -1 : 1))
        : member,
  ) ?? "undefined";
}
