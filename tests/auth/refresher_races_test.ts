/** Callers, cancellations, processes, foreign programs and a failing issuer, in any order. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createRefresher, type Refresher } from "../../src/auth/refresher.ts";
import { sleep } from "../../src/base/clock.ts";
import type { OAuthCredentials } from "../../src/base/credentials.ts";
import { isCodexError } from "../../src/base/errors.ts";
import type { Fetch } from "../../src/base/http.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { SharedStore } from "./shared_store.ts";
import { DAY, IDENTITY, NOW, PRODUCTION, signIn } from "./sign_ins.ts";

/** How a request ends; `ok` is refused as reused when the token was spent before. */
type End = "ok" | "lost before" | "lost after" | "busy" | "garbled" | "over";

interface Answer {
  readonly end: End;
  /** Milliseconds until the issuer acts, and from then until its answer is there. */
  readonly delays: readonly [number, number];
}

interface Caller {
  readonly at: number;
  readonly process: number;
  /** When it cancels, counted from its call; `null` for never. */
  readonly abortAfter: number | null;
}

/** A program that takes no lock, spends the stored token and stores the next one later. */
interface Foreigner {
  readonly at: number;
  readonly storesAfter: number;
}

interface Plan {
  readonly answers: readonly Answer[];
  readonly callers: readonly Caller[];
  readonly foreigners: readonly Foreigner[];
  /** Whether the issuer gives a lost answer again. */
  readonly forgiving: boolean;
}

const OVER = new Error("the caller has left");

/** The sign-ins that follow each other; the first one is due, the others live for a day. */
function generation(number: number): OAuthCredentials {
  return signIn(`generation${number}`, number === 0 ? NOW : NOW + DAY);
}

function numberOf({ refresh }: OAuthCredentials): number {
  return Number(/^rt_secret_generation(\d+)$/.exec(refresh)?.[1]);
}

/** An issuer that takes each refresh token once. */
class Issuer {
  /** The number of the sign-in that is good now. */
  live = 0;
  /** Whether the last answer with tokens got lost. */
  lost = false;
  /** Whether it has refused a token for good that was not spent. */
  over = false;
  /** What we sent, with what became of each request. */
  readonly log: { readonly number: number; end: End | "reused" }[] = [];
  readonly #clock: ManualClock;
  readonly #plan: Plan;

  constructor(clock: ManualClock, plan: Plan) {
    this.#clock = clock;
    this.#plan = plan;
  }

  /** Spends a token; `undefined` when it was spent before. */
  rotate(number: number): OAuthCredentials | undefined {
    const again = this.#plan.forgiving && this.lost && number === this.live - 1;
    if (number !== this.live && !again) return undefined;
    this.live = number + 1;
    this.lost = false;
    return generation(this.live);
  }

  readonly fetch: Fetch = async (_url, init) => {
    const sent: unknown = JSON.parse(String(init?.body)).refresh_token;
    const number = numberOf({ ...generation(0), refresh: String(sent) });
    const { end, delays: [before, after] } = this.#plan.answers[this.log.length] ?? PROMPT;
    const entry: (typeof this.log)[number] = { number, end };
    this.log.push(entry);
    const signal = init?.signal ?? undefined;
    await sleep(this.#clock, before, signal);
    const next = end === "ok" || end === "lost after" ? this.rotate(number) : undefined;
    if (end === "lost after" && next !== undefined) this.lost = true;
    await sleep(this.#clock, after, signal);
    switch (end) {
      case "lost before":
      case "lost after":
        throw new TypeError("fetch failed", { cause: new Error("connection reset") });
      case "busy":
        return new Response("", { status: 503 });
      case "garbled":
        return Response.json({});
      case "over":
        this.over = true;
        return Response.json({ error: "invalid_grant" }, { status: 400 });
      case "ok":
        if (next === undefined) {
          entry.end = "reused";
          return Response.json({ error: { code: "refresh_token_reused" } }, { status: 401 });
        }
        return Response.json({ access_token: next.access, refresh_token: next.refresh });
    }
  };
}

const PROMPT: Answer = { end: "ok", delays: [10, 10] };

/** What became of a caller. */
interface Report {
  readonly stale: OAuthCredentials | undefined;
  readonly outcome: PromiseSettledResult<OAuthCredentials | undefined>;
}

async function play(plan: Plan): Promise<{
  readonly issuer: Issuer;
  readonly store: SharedStore;
  readonly reports: readonly Report[];
  readonly pending: number;
}> {
  const clock = new ManualClock();
  const store = new SharedStore(generation(0));
  const issuer = new Issuer(clock, plan);
  const processes = Array.from({ length: 3 }, () =>
    createRefresher({
      store: store.open(),
      addresses: PRODUCTION,
      fetch: issuer.fetch,
      clock,
      identity: IDENTITY,
    }));

  async function call({ at, process, abortAfter }: Caller): Promise<Report> {
    await sleep(clock, at);
    const controller = new AbortController();
    if (abortAfter !== null) clock.after(abortAfter, () => controller.abort(OVER));
    // The sign-in that the caller's request was refused with.
    const stale = store.held?.type === "oauth" ? store.held : undefined;
    const work = stale &&
      processAt(processes, process).renew(stale, "unauthorized_recovery", controller.signal);
    const [outcome] = await Promise.allSettled([work]);
    return { stale, outcome };
  }

  async function meddle({ at, storesAfter }: Foreigner): Promise<void> {
    await sleep(clock, at);
    if (store.held?.type !== "oauth") return;
    const next = issuer.rotate(numberOf(store.held));
    await sleep(clock, storesAfter);
    if (next !== undefined) store.held = next;
  }

  const reports = Promise.all(plan.callers.map(call));
  const meddled = Promise.all(plan.foreigners.map(meddle));
  await clock.run(Promise.all([reports, meddled]));
  await clock.run(Promise.all(processes.map((process) => process.settled())));
  await clock.advance(60_000);
  return { issuer, store, reports: await reports, pending: clock.pending };
}

function processAt(processes: readonly Refresher[], index: number): Refresher {
  const process = processes[index];
  assert.ok(process);
  return process;
}

const moment = fc.integer({ min: 0, max: 40 }).map((tenths) => tenths * 100);
const answer: fc.Arbitrary<Answer> = fc.record({
  end: fc.oneof(
    { weight: 4, arbitrary: fc.constant<End>("ok") },
    { weight: 4, arbitrary: fc.constantFrom<End>("lost before", "lost after", "busy", "garbled") },
    { weight: 1, arbitrary: fc.constant<End>("over") },
  ),
  delays: fc.tuple(moment, moment),
});
const caller: fc.Arbitrary<Caller> = fc.record({
  at: moment,
  process: fc.integer({ min: 0, max: 2 }),
  abortAfter: fc.option(moment),
});
const foreigner: fc.Arbitrary<Foreigner> = fc.record({ at: moment, storesAfter: moment });

function plans(foreigners: fc.Arbitrary<readonly Foreigner[]>): fc.Arbitrary<Plan> {
  return fc.record({
    answers: fc.array(answer, { maxLength: 6 }),
    callers: fc.array(caller, { minLength: 1, maxLength: 8 }),
    foreigners,
    forgiving: fc.boolean(),
  });
}

const AGAIN: ReadonlySet<string> = new Set(["lost before", "lost after", "busy", "garbled"]);

/** Holds for every plan. */
async function check(plan: Plan): Promise<void> {
  const { issuer, store, reports, pending } = await play(plan);
  const { held } = store;
  assert.ok(held?.type === "oauth");

  // A token is sent again only when it was left open what became of it.
  issuer.log.forEach(({ number, end }, index) => {
    const again = issuer.log.slice(index + 1).some((later) => later.number === number);
    assert.ok(!again || AGAIN.has(end), `${number} was sent again after "${end}"`);
  });

  // What the issuer gave last is what is stored, unless nobody ever got it.
  assert.equal(numberOf(held), issuer.lost ? issuer.live - 1 : issuer.live);
  assert.equal(held.access, generation(numberOf(held)).access);
  assert.ok(held.reauth === undefined || issuer.lost || issuer.over, "marked a good sign-in");

  // Nobody's fresh token is spent for somebody else's stale one.
  for (const { number } of issuer.log.filter(({ number }) => number > 0)) {
    assert.ok(reports.some(({ stale }) => stale !== undefined && numberOf(stale) === number));
  }

  for (const { stale, outcome } of reports) {
    if (outcome.status === "rejected") {
      assert.ok(outcome.reason === OVER || isCodexError(outcome.reason), String(outcome.reason));
    } else if (stale !== undefined) {
      assert.ok(outcome.value && numberOf(outcome.value) > numberOf(stale), "got no newer token");
    }
  }
  assert.equal(pending, 0, "a timer was left");
}

Deno.test("renew() loses no sign-in, whatever callers, processes and issuer do", async () => {
  await fc.assert(fc.asyncProperty(plans(fc.constant([])), check), { numRuns: 60 });
});

Deno.test("renew() loses no sign-in to a program without our lock either", async () => {
  const some = fc.array(foreigner, { minLength: 1, maxLength: 2 });
  await fc.assert(fc.asyncProperty(plans(some), check), { numRuns: 60 });
});

Deno.test("renew() asks once for any callers in any processes of a working issuer", async () => {
  const calm = plans(fc.constant([])).map((plan): Plan => ({
    ...plan,
    answers: [{ end: "ok", delays: [4000, 4000] }],
    callers: plan.callers.map((caller) => ({ ...caller, abortAfter: null })),
  }));
  await fc.assert(
    fc.asyncProperty(calm, async (plan) => {
      const { issuer, reports } = await play(plan);
      assert.equal(issuer.log.length, 1);
      for (const { outcome } of reports) {
        assert.ok(outcome.status === "fulfilled" && outcome.value);
        assert.equal(numberOf(outcome.value), 1);
      }
    }),
    { numRuns: 30 },
  );
});
