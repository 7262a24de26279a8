import assert from "node:assert/strict";
import { VERSION } from "../../src/base/version.ts";
import {
  CLIENT_VERSION,
  isOriginator,
  ORIGINATOR,
  userAgent,
} from "../../src/protocol/identity.ts";

Deno.test("userAgent() says who we are and what it runs on", () => {
  const machine = { os: "linux", arch: "x86_64" };
  assert.equal(userAgent(machine), `codex_deno/${VERSION} (linux; x86_64)`);
  assert.equal(userAgent(machine, "my_tool"), `my_tool/${VERSION} (linux; x86_64)`);
});

Deno.test("userAgent() can be sent as a header", () => {
  const value = userAgent({ os: Deno.build.os, arch: Deno.build.arch });
  assert.equal(new Headers({ "user-agent": value }).get("user-agent"), value);
});

Deno.test("ORIGINATOR is our own name, and not the official client's", () => {
  assert.equal(ORIGINATOR, "codex_deno");
  assert.ok(isOriginator(ORIGINATOR));
});

Deno.test("CLIENT_VERSION is the protocol's and not our own", () => {
  assert.match(CLIENT_VERSION, /^\d+\.\d+\.\d+$/);
  assert.notEqual(CLIENT_VERSION, VERSION);
});

Deno.test("isOriginator() takes visible ASCII without a blank", () => {
  for (const name of ["codex_deno", "a", "my-tool/1.0", "x".repeat(64)]) {
    assert.ok(isOriginator(name), name);
  }
});

const BAD = ["", " ", "a b", "a\nb", "a\r\nx: y", "a\0", "ü", "x".repeat(65), "a\n", "\u202e"];
for (const name of BAD) {
  Deno.test(`isOriginator() refuses ${JSON.stringify(name)}`, () => {
    assert.equal(isOriginator(name), false);
  });
}
