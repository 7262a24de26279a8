import assert from "node:assert/strict";
import { type FilterArch, seccompFilter } from "../../../src/agent/sandbox/seccomp.ts";

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const EAFNOSUPPORT = 0x00050061;
const AUDIT = { x86_64: 0xc000003e, aarch64: 0xc00000b7 };

/** What the kernel would do: a machine for the few instructions that there are. */
function verdict(arch: FilterArch, number: number, args: readonly number[] = [], audit?: number) {
  const filter = seccompFilter(arch);
  const program = new DataView(filter.buffer);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, number, true);
  data.setUint32(4, audit ?? AUDIT[arch], true);
  args.forEach((arg, index) => data.setBigUint64(16 + index * 8, BigInt(arg), true));
  let loaded = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const code = program.getUint16(at * 8, true);
    const value = program.getUint32(at * 8 + 4, true);
    const jump = (holds: boolean) => at += program.getUint8(at * 8 + (holds ? 2 : 3));
    if (code === 0x20) loaded = data.getUint32(value, true);
    else if (code === 0x54) loaded = (loaded & value) >>> 0;
    else if (code === 0x15) jump(loaded === value);
    else if (code === 0x35) jump(loaded >= value);
    else if (code === 0x45) jump((loaded & value) !== 0);
    else if (code === 0x06) return value;
    else throw new Error(`no such instruction: ${code}`);
  }
  throw new Error("the filter has no end");
}

Deno.test("seccompFilter() lets everyday calls pass", () => {
  // read, write, openat, execve, exit_group of either.
  for (const number of [0, 1, 257, 59, 231]) assert.equal(verdict("x86_64", number), ALLOW);
  for (const number of [63, 64, 56, 221, 94]) assert.equal(verdict("aarch64", number), ALLOW);
});

Deno.test("seccompFilter() refuses what reaches beyond the process", () => {
  for (const number of [101, 165, 250, 272, 304, 310, 321]) {
    assert.equal(verdict("x86_64", number), EPERM, `${number}`);
  }
  for (const number of [117, 40, 219, 97, 265, 270, 280]) {
    assert.equal(verdict("aarch64", number), EPERM, `${number}`);
  }
});

Deno.test("seccompFilter() knows nothing of io_uring, clone3, openat2 and the new way to mount", () => {
  for (const arch of ["x86_64", "aarch64"] as const) {
    for (const number of [425, 426, 427, 428, 429, 442, 435, 437]) {
      assert.equal(verdict(arch, number), ENOSYS, `${arch} ${number}`);
    }
  }
});

Deno.test("seccompFilter() opens sockets of the internet alone", () => {
  for (const [arch, socket] of [["x86_64", 41], ["aarch64", 198]] as const) {
    for (const family of [2, 10, 16]) assert.equal(verdict(arch, socket, [family]), ALLOW);
    for (const family of [1, 17, 38, 40]) {
      assert.equal(verdict(arch, socket, [family]), EAFNOSUPPORT, `${family}`);
    }
  }
});

Deno.test("seccompFilter() makes pairs of sockets that reach each other alone", () => {
  for (const [arch, pair] of [["x86_64", 53], ["aarch64", 199]] as const) {
    // Flags: SOCK_NONBLOCK, SOCK_CLOEXEC. The kernel looks at the low half only.
    for (const flags of [0, 0o4000, 0o2000000, 0x100000000]) {
      for (const type of [1, 5]) assert.equal(verdict(arch, pair, [1, type + flags]), ALLOW);
      for (const type of [0, 2, 3, 4, 6, 10]) {
        assert.equal(verdict(arch, pair, [1, type + flags]), EPERM, `${arch} ${type} ${flags}`);
      }
    }
    for (const family of [0, 2, 30]) assert.equal(verdict(arch, pair, [family, 1]), EAFNOSUPPORT);
  }
});

Deno.test("seccompFilter() lets nobody type into a terminal", () => {
  for (const [arch, ioctl] of [["x86_64", 16], ["aarch64", 29]] as const) {
    assert.equal(verdict(arch, ioctl, [0, 0x5401]), ALLOW);
    assert.equal(verdict(arch, ioctl, [0, 0x5412]), EPERM);
    assert.equal(verdict(arch, ioctl, [0, 0x541c]), EPERM);
    // The kernel looks at the low half only.
    assert.equal(verdict(arch, ioctl, [0, 0x100005412]), EPERM);
  }
});

Deno.test("seccompFilter() lets processes and threads be made, but no namespaces", () => {
  for (const [arch, clone] of [["x86_64", 56], ["aarch64", 220]] as const) {
    assert.equal(verdict(arch, clone, [0x01200011]), ALLOW);
    for (const flag of [0x20000, 0x2000000, 0x10000000, 0x20000000, 0x40000000]) {
      assert.equal(verdict(arch, clone, [flag | 17]), EPERM, flag.toString(16));
    }
  }
});

Deno.test("seccompFilter() lets nobody make a program with its owner's rights", () => {
  // Number, mode's place, flags' place: chmod, fchmod, fchmodat, fchmodat2, mknod(at), creat, open(at).
  const calls = {
    x86_64: [[90, 1], [91, 1], [268, 2], [452, 2], [133, 1], [259, 2], [85, 1], [2, 2, 1], [
      257,
      3,
      2,
    ]],
    aarch64: [[52, 1], [53, 2], [452, 2], [33, 2], [56, 3, 2]],
  } as const;
  for (const arch of ["x86_64", "aarch64"] as const) {
    for (const [number, mode, flags] of calls[arch]) {
      const says = (bits: number, how: number) => {
        const args = [0, 0, 0, 0];
        args[mode] = bits;
        if (flags !== undefined) args[flags] = how;
        return verdict(arch, number, args);
      };
      for (const how of [0o101, 0o20000002]) {
        assert.equal(says(0o755, how), ALLOW, `${arch} ${number}`);
        assert.equal(says(0o1777, how), ALLOW, `${arch} ${number}`);
        for (const bits of [0o4755, 0o2755, 0o6000, 0o104755]) {
          assert.equal(says(bits, how), EPERM, `${arch} ${number}`);
        }
      }
      // Where no file is made, the mode is whatever was there.
      if (flags !== undefined) assert.equal(says(0o6000, 0o200000), ALLOW);
    }
  }
});

Deno.test("seccompFilter() knows one set of calls alone", () => {
  assert.equal(verdict("x86_64", 1, [], 0x40000003), KILL);
  assert.equal(verdict("x86_64", 0x40000000 + 41, [1]), ENOSYS);
  assert.equal(verdict("aarch64", 64, [], AUDIT.x86_64), KILL);
});
