import assert from "node:assert/strict";
import { createSimulator, type Expectation, type RecordedRequest } from "../../testing.ts";
import { ExpectationBook } from "../../src/testing/expectation_book.ts";
import { ask, classic } from "./client.ts";

/** A model request that says something, or a request for something else. */
function request(prompt: string, more: Partial<RecordedRequest> = {}): RecordedRequest {
  const json = { model: "gpt-5.5", input: [{ role: "user", content: prompt }] };
  return {
    route: "responses",
    method: "POST",
    url: "https://example.test/r",
    path: "/r",
    query: {},
    headers: {},
    body: JSON.stringify(json),
    json,
    form: undefined,
    at: 0,
    ...more,
  };
}

const refresh = request("", { route: "refresh", path: "/oauth/token", json: undefined });

/** What is wrong after these requests, as `path message`. */
function told(
  expected: readonly Expectation[],
  requests: readonly RecordedRequest[],
  order: "strict" | "any" = "strict",
): readonly string[] {
  const book = new ExpectationBook(expected, order);
  for (const one of requests) book.see(one);
  return book.problems.map(({ path, message }) => `${path} ${message}`);
}

Deno.test("ExpectationBook has nothing to say when all came, in their order", () => {
  const expected = [{ prompt: "a" }, { route: "refresh" }, { prompt: "b", times: 2 }] as const;
  assert.deepEqual(
    told(expected, [request("a"), refresh, request("b"), request("b")]),
    [],
  );
});

Deno.test("ExpectationBook does not look at routes that nothing names", () => {
  assert.deepEqual(told([{ prompt: "a" }], [refresh, request("a"), refresh]), []);
  assert.deepEqual(told([], [request("a")]), []);
});

Deno.test("ExpectationBook tells what is missing", () => {
  const expected = [{ prompt: "a", times: 2 }, { prompt: "b" }, { prompt: "c" }];
  assert.deepEqual(told(expected, [request("a"), request("a"), request("b")]), [
    "/expect/2 1 request for responses expected, none came",
  ]);
  assert.deepEqual(told([{ times: 3 }], [request("a")]), [
    "/expect/0 3 requests for responses expected, only 1 came",
  ]);
});

Deno.test("ExpectationBook tells a request that is out of order once, with the difference", () => {
  const book = new ExpectationBook([{ prompt: "a" }, { prompt: "b" }], "strict");
  const problem = book.see(request("x"));
  assert.deepEqual(problem, {
    path: "/expect/0",
    message: "POST /r is not as expected",
    diff: ['- prompt: "a"', '+ prompt: "x"'],
  });
  assert.equal(book.see(request("b")), undefined);
  assert.deepEqual(book.problems, [problem]);
});

Deno.test("ExpectationBook takes them in any order where that is said", () => {
  const expected = [{ prompt: "a" }, { prompt: "b" }];
  const swapped = [request("b"), request("a")];
  assert.deepEqual(told(expected, swapped, "any"), []);
  assert.equal(told(expected, swapped).length, 2);
});

Deno.test("ExpectationBook tells one request too many", () => {
  assert.deepEqual(told([{ times: 1 }], [request("a"), request("b")]), [
    "/expect POST /r is one more than expected",
  ]);
});

Deno.test("ExpectationBook tells a request that must not come", () => {
  assert.deepEqual(told([{ route: "refresh", times: 0 }], [refresh]), [
    "/expect/0 POST /oauth/token must not come",
  ]);
  const secret = { prompt: "secret", times: 0 };
  assert.deepEqual(told([secret, { times: { atLeast: 1 } }], [request("hello")]), []);
  assert.deepEqual(told([secret, { times: { atLeast: 1 } }], [request("a secret"), request("b")]), [
    "/expect/0 POST /r must not come",
  ]);
});

Deno.test("ExpectationBook keeps to bounds", () => {
  const expected = [{ prompt: "a", times: { atLeast: 1, atMost: 2 } }, { prompt: "b" }];
  const [a, b] = [request("a"), request("b")];
  assert.deepEqual(told(expected, [a, b]), []);
  assert.deepEqual(told(expected, [a, a, b]), []);
  assert.deepEqual(told([{ prompt: "a", times: {} }, { prompt: "b" }], [b]), []);
  assert.equal(told(expected, [b]).length, 2);
  assert.equal(told(expected, [a, a, a, b]).length, 2);
  // What came before does not come again behind the next.
  assert.equal(told(expected, [a, b, a]).length, 1);
});

Deno.test("createSimulator() holds requests against what the scenario expects", async () => {
  const seen: string[] = [];
  await using simulator = createSimulator(
    { expect: [{ prompt: "one" }, { prompt: "two", model: "gpt-5.5" }, { route: "usage" }] },
    { onProblem: ({ path }) => void seen.push(path) },
  );
  const say = async (prompt: string) => {
    await (await ask(simulator, classic({ input: [{ role: "user", content: prompt }] }))).text();
  };
  await say("one");
  assert.deepEqual(seen, []);
  await say("three");
  assert.deepEqual(seen, ["/expect/1"]);
  assert.deepEqual(simulator.problems.map(({ path }) => path), ["/expect/1", "/expect/2"]);
});
