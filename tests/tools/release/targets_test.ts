import assert from "node:assert/strict";
import { assetName, TARGETS } from "../../../tools/release/targets.ts";

Deno.test("TARGETS are five platforms, each with a name of its own", () => {
  assert.equal(TARGETS.length, 5);
  for (const key of ["triple", "runner", "uname"] as const) {
    assert.equal(new Set(TARGETS.map((target) => String(target[key]))).size, 5, key);
  }
  assert.ok(
    TARGETS.every(({ triple, uname: [os] }) =>
      triple.includes({ Linux: "linux", Darwin: "darwin", Windows: "windows" }[os] ?? "?")
    ),
  );
});

Deno.test("assetName() ends in .exe on Windows alone", () => {
  assert.deepEqual(
    TARGETS.map(assetName).filter((name) => name.endsWith(".exe")),
    ["codex-x86_64-pc-windows-msvc.exe"],
  );
});
