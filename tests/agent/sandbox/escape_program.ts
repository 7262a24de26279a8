/** The program that tries the rows of `escapes.ts`. */
import { type Escape, SECRET_TEXT } from "./escapes.ts";

/** Numbers of system calls; those of the second column were not run. */
const CALLS = {
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  unshare: [272, 97],
  clone: [56, 220],
  clone3: [435, 435],
  setns: [308, 268],
  open_by_handle_at: [304, 265],
  fsopen: [430, 430],
  open_tree: [428, 428],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  pidfd_open: [434, 434],
  pidfd_getfd: [438, 438],
  keyctl: [250, 219],
  add_key: [248, 217],
  io_uring_setup: [425, 425],
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  renameat2: [316, 276],
  sethostname: [170, 161],
  clock_settime: [227, 112],
  syslog: [103, 116],
  init_module: [175, 105],
  openat2: [437, 437],
  fchmodat2: [452, 452],
} as const;

/** A system call that rows make. */
export type CallName = keyof typeof CALLS;

/** Words of a row in Perl; nothing in a text is more than text. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

/**
 * A program that tries all rows and prints a line of each: its number, then 1 when it worked.
 *
 * @param names Variables of the rows.
 * @param namespaces The machine's own.
 * @param escapes The rows.
 */
export function escapeProgram(
  names: Readonly<Record<string, string | number>>,
  namespaces: Readonly<Record<string, string>>,
  escapes: readonly Escape[],
): string {
  const column = Deno.build.arch === "x86_64" ? 0 : 1;
  const calls = Object.entries(CALLS).map(([name, numbers]) => `${name} => ${numbers[column]}`);
  return [
    "use strict; use Socket qw(:all); use File::Find; use POSIX ();",
    ...Object.entries(names).map(([name, value]) => `our $${name} = ${quoted(`${value}`)};`),
    `our %CALL = (${calls.join(", ")}, mknod => ${column === 0 ? 133 : 33}, mknodat => ${
      column === 0 ? 259 : 33
    });`,
    `our $CALL_IOCTL = ${column === 0 ? 16 : 29};`,
    `our %NS = (${Object.entries(namespaces).map(([k, v]) => `${k} => ${quoted(v)}`).join(", ")});`,
    HELPERS,
    "my @rows = (",
    ...escapes.map(({ perl }) => `sub { ${perl} },`),
    ");",
    `for my $n (0 .. $#rows) {
      my $p = fork; if (!$p) { open(STDERR, '>', '/dev/null'); alarm 2; my $r = eval { $rows[$n]->() } ? 1 : 0; print qq($n $r\\n); exit }
      waitpid($p, 0);
    }`,
  ].join("\n");
}

const HELPERS = `
$| = 1;
sub made { my ($path) = @_; open(my $f, '>>', $path) or return 0; print $f "escaped\\n"; close($f) }
sub slurp { my ($path) = @_; open(my $f, '<', $path) or return ''; local $/; <$f> // '' }
sub secret { slurp($_[0]) =~ /${SECRET_TEXT}/ }
sub changed { slurp($_[0]) =~ /escaped/ }
sub called { my ($number, @args) = @_; @args = map { /^-?\\d+$/ ? $_ + 0 : $_ } @args; syscall($number, @args) != -1 }
sub dial { my ($family, $type, $to) = @_; socket(my $s, $family, $type, 0) or return 0; connect($s, $to) }
sub datagram { my ($type, $to) = @_; socketpair(my $s, my $t, 1, $type, 0) or return 0; defined(send($s, 'x', 0, pack_sockaddr_un($to))) }
sub others_rights { my ($path) = @_; ((stat($path))[2] // 0) & 06000 }
sub swapped { my ($from, $to) = @_; rename($from, $to) && rename($to, $from) }
sub terminal { open(my $m, '+<', '/dev/ptmx') or return 0; my $n = pack('i', 0); ioctl($m, 0x40045431, $n); ioctl($m, 0x80045430, $n);
  POSIX::setsid(); open(my $s, '+<', '/dev/pts/' . unpack('i', $n)) or return 0; my $c = 'x'; called($CALL_IOCTL, fileno($s), $_[0], $c) }
sub any_writable { my $n = 0; find({ no_chdir => 1, wanted => sub { return if $n || -d $_ || -l $_; $n++ if sysopen(my $f, $_, 1) } }, $_[0]); $n }
`;
