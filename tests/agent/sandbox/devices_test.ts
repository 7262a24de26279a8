import assert from "node:assert/strict";
import { type DeviceAccess, rememberDevices } from "../../../src/agent/sandbox/devices.ts";

Deno.test("rememberDevices() puts back what has changed, and tells of nothing else", () => {
  const modes = new Map([["/dev/null", 0o666], ["/dev/full", 0o666]]);
  const access: DeviceAccess = {
    look(path) {
      const mode = modes.get(path);
      return mode === undefined ? undefined : { mode, uid: 0, gid: 0 };
    },
    putBack: (path, { mode }) => void modes.set(path, mode ?? 0),
  };
  const putBack = rememberDevices(access);
  assert.deepEqual(putBack(), []);
  modes.set("/dev/full", 0o600);
  assert.deepEqual(putBack(), ["/dev/full"]);
  assert.deepEqual([...modes.values()], [0o666, 0o666]);
  modes.delete("/dev/null");
  assert.deepEqual(putBack(), []);
});
