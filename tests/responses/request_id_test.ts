import assert from "node:assert/strict";
import { requestIdOf } from "../../src/responses/request_id.ts";
import { TOKEN } from "./fakes.ts";

Deno.test("requestIdOf() takes the first id that there is", () => {
  assert.equal(requestIdOf(new Headers({ "cf-ray": "c", "x-oai-request-id": "o" })), "o");
  assert.equal(requestIdOf(new Headers({ "cf-ray": "c", "x-request-id": " " })), "c");
  assert.equal(requestIdOf(new Headers({ "x-request-id": `a-${TOKEN}` }), [TOKEN]), "a-***");
  assert.equal(requestIdOf(new Headers()), undefined);
});
