import assert from "node:assert/strict";
import { type RecordedRequest, RequestLog } from "../../src/testing/recorded.ts";

function request(at: number): RecordedRequest {
  const url = "https://chatgpt.com/";
  const rest = { query: {}, headers: {}, body: "", json: undefined, form: undefined };
  return { route: "unknown", method: "GET", url, path: "/", at, ...rest };
}

Deno.test("RequestLog keeps requests in order, and drops the oldest when there are too many", () => {
  const log = new RequestLog();
  for (let at = 0; at < 10_005; at++) log.add(request(at));
  assert.equal(log.all.length, 10_000);
  assert.equal(log.all[0]?.at, 5);
  assert.equal(log.all.at(-1)?.at, 10_004);
  log.clear();
  assert.equal(log.all.length, 0);
});

Deno.test("RequestLog.add() gives back the request that it keeps, so that its status can be noted", () => {
  const log = new RequestLog();
  log.add(request(1)).status = 204;
  assert.equal(log.all[0]?.status, 204);
});
