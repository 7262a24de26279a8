import assert from "node:assert/strict";
import { routeOf } from "../../src/testing/routes.ts";

Deno.test("routeOf() tells the three kinds of token request apart", () => {
  const path = "/oauth/token";
  assert.equal(routeOf("POST", path, "authorization_code"), "token");
  assert.equal(routeOf("POST", path, "refresh_token"), "refresh");
  assert.equal(
    routeOf("POST", path, "urn:ietf:params:oauth:grant-type:token-exchange"),
    "api-key-exchange",
  );
  assert.equal(routeOf("POST", path), "token");
  assert.equal(routeOf("GET", path), "unknown");
});

Deno.test("routeOf() takes no path for another that looks like it", () => {
  assert.equal(routeOf("GET", "/v1/models/gpt-5.5"), "api-models");
  assert.equal(routeOf("GET", "/v1/models/a/b"), "unknown");
  assert.equal(routeOf("POST", "/backend-api/codex/responses/"), "unknown");
  assert.equal(routeOf("POST", "/codex/responses"), "unknown");
  assert.equal(routeOf("GET", "constructor"), "unknown");
});
