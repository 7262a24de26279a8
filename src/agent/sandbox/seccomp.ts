/**
 * The filter of system calls that a command on Linux runs under, as classic BPF.
 *
 * Mounts do not stop a process from connecting to a socket that it can name, from reading the
 * session's keyring or from typing into a terminal. The kernel does, when it is asked to. The
 * filter names what is refused, not what is allowed, so that test tools of all kinds still run;
 * gdb, strace and what listens on a Unix socket do not.
 */

/** A processor that the filter is made for, in Deno's names. aarch64 was never run. */
export type FilterArch = "x86_64" | "aarch64";

// The numbers of x86_64 are those of <asm/unistd_64.h>, of aarch64 those of <asm-generic/unistd.h>.

const AUDIT_ARCH: Readonly<Record<FilterArch, number>> = {
  x86_64: 0xc000003e,
  aarch64: 0xc00000b7,
};

/** Refused with EPERM: other processes, keys, mounts, namespaces, the kernel itself. */
const FORBIDDEN: Readonly<Record<string, readonly [x86_64: number, aarch64: number]>> = {
  ptrace: [101, 117],
  syslog: [103, 116],
  personality: [135, 92],
  pivot_root: [155, 41],
  chroot: [161, 51],
  mount: [165, 40],
  umount2: [166, 39],
  reboot: [169, 142],
  init_module: [175, 105],
  delete_module: [176, 106],
  kexec_load: [246, 104],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  unshare: [272, 97],
  perf_event_open: [298, 241],
  open_by_handle_at: [304, 265],
  setns: [308, 268],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  finit_module: [313, 273],
  kexec_file_load: [320, 294],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  pidfd_getfd: [438, 438],
};

/**
 * Refused with ENOSYS, as if the kernel were older, so that programs fall back: io_uring, which
 * opens sockets past this filter; the new way to mount; clone3 and openat2, whose flags a filter cannot read.
 */
const UNKNOWN: readonly number[] = [
  ...[425, 426, 427], // io_uring_setup, _enter, _register
  ...[428, 429, 430, 431, 432, 433, 442], // open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr
  435, // clone3
  437, // openat2, whose mode a filter cannot read
];

const SOCKET: Readonly<Record<FilterArch, number>> = { x86_64: 41, aarch64: 198 };
const SOCKETPAIR: Readonly<Record<FilterArch, number>> = { x86_64: 53, aarch64: 199 };
const IOCTL: Readonly<Record<FilterArch, number>> = { x86_64: 16, aarch64: 29 };
const CLONE: Readonly<Record<FilterArch, number>> = { x86_64: 56, aarch64: 220 };

/**
 * Calls that give a file its mode: which argument it is, and where it counts only if a file is made,
 * which ones are the flags. A file with another user's rights outlives the sandbox. What is zero
 * does not exist on that processor.
 */
const MODES: Readonly<
  Record<string, readonly [x86_64: number, aarch64: number, mode: number, flags?: number]>
> = {
  open: [2, 0, 2, 1],
  creat: [85, 0, 1],
  chmod: [90, 0, 1],
  fchmod: [91, 52, 1],
  mknod: [133, 0, 1],
  openat: [257, 56, 3, 2],
  mknodat: [259, 33, 2],
  fchmodat: [268, 53, 2],
  fchmodat2: [452, 452, 2],
};
/** S_ISUID, S_ISGID. */
const OTHERS_RIGHTS = 0o6000;
/** O_CREAT, and what O_TMPFILE has besides O_DIRECTORY: alike on both processors. */
const MAKES_FILE = 0o100 | 0o20000000;

/** AF_INET, AF_INET6, AF_NETLINK; not Unix sockets, with the network on neither. */
const SOCKET_FAMILIES = [2, 10, 16];
/** AF_UNIX. */
const UNIX = 1;
/**
 * SOCK_STREAM, SOCK_SEQPACKET: the ends of such a pair stay with each other. One of a pair that
 * sends datagrams can send them, or connect, to any socket that it can name.
 */
const PAIR_TYPES = [1, 5];
/** What of a socket's type is the type; the rest are flags. */
const SOCKET_TYPE = 0xf;
/** TIOCSTI, TIOCLINUX: typing into a terminal. */
const TYPING = [0x5412, 0x541c];
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NEW_NAMESPACES = 0x7e020000;
/** The numbers of the x32 calls begin here. */
const X32 = 0x40000000;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const errno = (number: number): number => 0x00050000 | number;

/** Where things are in what the kernel gives the filter; arguments by their low half. */
const AT = { number: 0, arch: 4 };
const argument = (index: number): number => 16 + 8 * index;

const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const AND = 0x54;
const RETURN = 0x06;

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number];

const load = (at: number): Instruction => [LOAD, 0, 0, at];
const give = (value: number): Instruction => [RETURN, 0, 0, value];

/** A test with what is returned when it holds; the filter goes on when it does not. */
const when = (test: number, value: number, result: number): readonly Instruction[] => [
  [test, 0, 1, value],
  give(result),
];

/** Something for one call: what to do with its arguments, which must end in a return. */
const forCall = (number: number, body: readonly Instruction[]): readonly Instruction[] => [
  [IF_EQUAL, 0, body.length, number],
  ...body,
];

/**
 * The filter's bytes, as `bwrap --seccomp` reads them.
 *
 * @param arch The processor.
 */
export function seccompFilter(arch: FilterArch): Uint8Array<ArrayBuffer> {
  const column = arch === "x86_64" ? 0 : 1;
  const forbidden = Object.values(FORBIDDEN).map((numbers) => numbers[column]);
  return encode([
    load(AT.arch),
    [IF_EQUAL, 1, 0, AUDIT_ARCH[arch]],
    give(KILL_PROCESS),
    load(AT.number),
    ...(arch === "x86_64" ? when(IF_AT_LEAST, X32, errno(ENOSYS)) : []),
    ...forbidden.flatMap((number) => when(IF_EQUAL, number, errno(EPERM))),
    ...UNKNOWN.flatMap((number) => when(IF_EQUAL, number, errno(ENOSYS))),
    ...forCall(SOCKET[arch], [
      load(argument(0)),
      ...SOCKET_FAMILIES.flatMap((family) => when(IF_EQUAL, family, ALLOW)),
      give(errno(EAFNOSUPPORT)),
    ]),
    ...forCall(SOCKETPAIR[arch], [
      load(argument(0)),
      [IF_EQUAL, 1, 0, UNIX],
      give(errno(EAFNOSUPPORT)),
      load(argument(1)),
      [AND, 0, 0, SOCKET_TYPE],
      ...PAIR_TYPES.flatMap((type) => when(IF_EQUAL, type, ALLOW)),
      give(errno(EPERM)),
    ]),
    ...forCall(IOCTL[arch], [
      load(argument(1)),
      ...TYPING.flatMap((request) => when(IF_EQUAL, request, errno(EPERM))),
      give(ALLOW),
    ]),
    ...forCall(CLONE[arch], [
      load(argument(0)),
      ...when(IF_ANY_BIT, NEW_NAMESPACES, errno(EPERM)),
      give(ALLOW),
    ]),
    ...Object.values(MODES).flatMap((call) => checkMode(call[column], call[2], call[3])),
    give(ALLOW),
  ]);
}

/** Refuses a call that would make a file run with its owner's rights. */
function checkMode(number: number, mode: number, flags?: number): readonly Instruction[] {
  if (number === 0) return [];
  return forCall(number, [
    ...(flags === undefined ? [] : [
      load(argument(flags)),
      [IF_ANY_BIT, 1, 0, MAKES_FILE] as const,
      give(ALLOW),
    ]),
    load(argument(mode)),
    ...when(IF_ANY_BIT, OTHERS_RIGHTS, errno(EPERM)),
    give(ALLOW),
  ]);
}

/** Eight bytes an instruction: code, both jumps, value, in the order of these processors. */
function encode(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(program.length * 8));
  program.forEach(([code, ifTrue, ifFalse, value], index) => {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, ifTrue);
    view.setUint8(index * 8 + 3, ifFalse);
    view.setUint32(index * 8 + 4, value, true);
  });
  return new Uint8Array(view.buffer);
}
