import assert from "node:assert/strict";
import { CodexError, isCodexError } from "../../src/base/errors.ts";
import { withProxyHint } from "../../src/cli/proxy.ts";

const env = (variables: Readonly<Record<string, string>>) => (name: string) => variables[name];
const REFUSED = new CodexError("network", "Cannot reach a.test", { hint: "Try again" });

Deno.test("withProxyHint() names the proxy of a failed connection, never its password", () => {
  for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"]) {
    const error = withProxyHint(REFUSED, env({ [name]: "http://user:pw@proxy.test:8080" }));
    assert.ok(isCodexError(error, "network"));
    assert.equal(
      error.hint,
      `Try again; requests go through the proxy proxy.test:8080 (${name})`,
    );
    assert.equal(error.message, REFUSED.message);
  }
});

Deno.test("withProxyHint() leaves everything else as it is", () => {
  assert.equal(withProxyHint(REFUSED, env({})), REFUSED);
  const other = new CodexError("timeout", "too long");
  assert.equal(withProxyHint(other, env({ HTTPS_PROXY: "http://proxy.test" })), other);
});
