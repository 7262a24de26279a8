import assert from "node:assert/strict";
import { tighten } from "../../../src/auth/store/mode.ts";
import { TempDir } from "../../support/temp_dir.ts";

Deno.test("tighten() neither changes nor tells anything where modes mean nothing", async () => {
  await using dir = await TempDir.make();
  const path = await dir.write("auth.json", "{}");
  // As Windows shows it, whoever may read the file.
  await Deno.chmod(path, 0o666);
  const info = await Deno.stat(path);
  const said: string[] = [];
  const tell = (message: string) => void said.push(message);
  await tighten({ path, info }, () => null, tell, "windows");
  assert.deepEqual([said, (await Deno.stat(path)).mode], [[], info.mode]);
  for (const os of ["linux", "darwin"]) {
    await Deno.chmod(path, 0o666);
    await tighten({ path, info: await Deno.stat(path) }, () => info.uid, tell, os);
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    assert.match(said.pop() ?? "", /is open to other users \(mode 666\): tightened to 600$/);
  }
});
