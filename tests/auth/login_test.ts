import assert from "node:assert/strict";
import { type LoginMethod, signIn as logIn } from "../../src/auth/login.ts";
import { isCodexError } from "../../src/base/errors.ts";
import { type Handler, hang, json } from "../support/scripted_fetch.ts";
import { AuthDesk, CANCELLED } from "./auth_desk.ts";
import { DAY, NOW, signIn } from "./sign_ins.ts";

const OLD = signIn("old", NOW + DAY);
const CODE = json({ device_auth_id: "deviceauth_1", user_code: "ABCD-12345", interval: "5" });

/** A sign-in under way that somebody may cancel. */
function attempt(way: LoginMethod, ...handlers: readonly Handler[]) {
  const desk = new AuthDesk(OLD, ...handlers);
  const { signal } = desk.controller;
  const account = logIn(way, { ...desk.parts(), signal, originator: "codex_test" });
  account.catch(() => {});
  return { desk, account };
}

/** Cancels, and expects that to be the end, with everything as it was. */
async function assertCancelled({ desk, account }: ReturnType<typeof attempt>): Promise<void> {
  desk.controller.abort(CANCELLED);
  await assert.rejects(account, (error) => error === CANCELLED);
  assert.deepEqual([desk.shared.held, desk.clock.pending], [OLD, 0]);
}

Deno.test("signIn() is cancelled while a code is shown that nobody has shown yet", async () => {
  const asked = Promise.withResolvers<void>();
  const onCode = () => {
    asked.resolve();
    return new Promise<never>(() => {});
  };
  const under = attempt({ method: "device", onCode }, CODE);
  await asked.promise;
  await assertCancelled(under);
});

Deno.test("signIn() is cancelled while the key is asked for, whoever asks", async () => {
  const asked = Promise.withResolvers<void>();
  const key = () => {
    asked.resolve();
    return new Promise<never>(() => {});
  };
  const under = attempt({ method: "api-key", key });
  await asked.promise;
  await assertCancelled(under);
});

/** A browser that comes back at once, to an issuer that never answers. */
function returning(timeoutMs: number) {
  const page = Promise.withResolvers<string>();
  const asked = Promise.withResolvers<void>();
  const under = attempt({
    method: "browser",
    ports: [0],
    timeoutMs,
    onUrl(url) {
      const state = url.searchParams.get("state") ?? "";
      const back = `${url.searchParams.get("redirect_uri")}?${new URLSearchParams({
        code: "ac_one",
        state,
      })}`;
      fetch(back).then((response) => response.text()).then(page.resolve, page.reject);
    },
  }, (request) => {
    asked.resolve();
    return hang()(request);
  });
  return { ...under, asked: asked.promise, page: page.promise };
}

Deno.test("signIn() ends in time although the issuer does not answer the code", async () => {
  const { desk, account, asked, page } = returning(10_000);
  await asked;
  await desk.clock.advance(10_000);
  await assert.rejects(account, (error) => isCodexError(error, "timeout"));
  assert.match(await page, /did not finish within 10 s/);
  assert.equal(desk.shared.held, OLD);
});

Deno.test("signIn() is cancelled while the issuer does not answer the code", async () => {
  const under = returning(10_000);
  await under.asked;
  await assertCancelled(under);
  await under.page;
});
