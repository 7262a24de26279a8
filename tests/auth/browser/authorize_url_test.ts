import assert from "node:assert/strict";
import { type AuthorizeRequest, authorizeUrl } from "../../../src/auth/browser/authorize_url.ts";

const REQUEST: AuthorizeRequest = {
  issuer: "https://auth.openai.com",
  redirectUri: "http://127.0.0.1:1455/auth/callback",
  challenge: "RqnNQrc9nktGKYiuMVdWyLmTD11Zdqp13KLqYg3LYjA",
  state: "kBznFwUnae8Jg36Ci9WZzTG6gpIiCKobDrdXanRcujM",
  originator: "codex_cli_rs",
};

// As the official client 0.169.0 made it for these values, but for its two connector scopes.
const RECORDED = "https://auth.openai.com/oauth/authorize?response_type=code" +
  "&client_id=app_EMoamEEZ73f0CkXaXp7hrann" +
  "&redirect_uri=http%3A%2F%2F127.0.0.1%3A1455%2Fauth%2Fcallback" +
  "&code_challenge=RqnNQrc9nktGKYiuMVdWyLmTD11Zdqp13KLqYg3LYjA&code_challenge_method=S256" +
  "&state=kBznFwUnae8Jg36Ci9WZzTG6gpIiCKobDrdXanRcujM" +
  "&scope=openid+profile+email+offline_access" +
  "&id_token_add_organizations=true&codex_cli_simplified_flow=true&originator=codex_cli_rs";

Deno.test("authorizeUrl() has the official client's parameters in its order", () => {
  assert.equal(authorizeUrl(REQUEST).href, RECORDED);
});

Deno.test("authorizeUrl() names the allowed workspaces last, joined by a comma", () => {
  const url = authorizeUrl({ ...REQUEST, workspaces: ["ws-one", "ws-two"] });
  assert.equal(url.href, `${RECORDED}&allowed_workspace_id=ws-one%2Cws-two`);
  assert.equal(authorizeUrl({ ...REQUEST, workspaces: [] }).href, RECORDED);
});

Deno.test("authorizeUrl() keeps the issuer's port and path prefix", () => {
  const url = authorizeUrl({ ...REQUEST, issuer: "http://127.0.0.1:4000/prefix" });
  assert.equal(url.origin + url.pathname, "http://127.0.0.1:4000/prefix/oauth/authorize");
});

Deno.test("authorizeUrl() escapes what it is given", () => {
  const url = authorizeUrl({ ...REQUEST, originator: "a&state=b", workspaces: ["x&y"] });
  assert.deepEqual(url.searchParams.getAll("state"), [REQUEST.state]);
  assert.equal(url.searchParams.get("originator"), "a&state=b");
  assert.equal(url.searchParams.get("allowed_workspace_id"), "x&y");
});
