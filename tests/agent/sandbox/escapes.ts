/**
 * Ways out of the sandbox, each as a few lines of Perl that give true when they worked. Perl,
 * because every system with git has it, and because it makes any system call there is.
 *
 * Should one work where it must not, it does no harm: what is set is set to what it was, what is
 * made is removed. Each row runs in a process of its own, for two seconds at most. `$WS` is the workspace, `$OUT` a
 * folder beside it that its user may write to, `$HOME` holds stand-ins of secrets.
 */

import type { CallName } from "./escape_program.ts";

/** One way to get out. */
export interface Escape {
  /** What it is, as the documentation says it. */
  readonly name: string;
  /** Perl that gives true when it worked. */
  readonly perl: string;
  /** `possible` is known and documented; everything else is refused. */
  readonly result: "refused" | "possible";
  /** Whether it works for every user of every machine where there is no sandbox. */
  readonly easy: boolean;
}

/** Secrets in the home folder: a file of each place that must not be readable. */
export const SECRETS: readonly string[] = [
  ".codex/auth.json",
  ".local/share/codex/auth.json",
  ".local/share/opencode/auth.json",
  ".ssh/id_ed25519",
  ".gnupg/private-keys-v1.d/key",
  ".aws/credentials",
  ".azure/msal_token_cache.json",
  ".kube/config",
  ".docker/config.json",
  ".config/gcloud/credentials.db",
  ".config/gh/hosts.yml",
  ".netrc",
  ".npmrc",
  ".git-credentials",
  ".claude/.credentials.json",
  ".claude.json",
  ".gemini/oauth_creds.json",
  ".config/github-copilot/apps.json",
  ".pgpass",
  ".m2/settings.xml",
  ".bash_history",
];

/** What stands in every secret. */
export const SECRET_TEXT = "stand-in-of-a-secret";

const row = (name: string, perl: string, result: Escape["result"] = "refused"): Escape => ({
  name,
  perl,
  result,
  easy: true,
});
/** One that takes privileges, or a kernel of some kind, without a sandbox too. */
const hard = (name: string, perl: string): Escape => ({ ...row(name, perl), easy: false });
const call = (name: string, callName: CallName, args: string): Escape =>
  hard(name, `called($CALL{${callName}}, ${args})`);

const WRITES: readonly Escape[] = [
  row("making a file outside", "made(qq($OUT/new))"),
  row("changing a file outside", "made(qq($OUT/file))"),
  row("removing a file outside", "unlink(qq($OUT/removed))"),
  row("changing the mode of a file outside", "chmod(0777, qq($OUT/file))"),
  row("changing the times of a file outside", "utime(1, 1, qq($OUT/file))"),
  row("moving a file from outside into the workspace", "rename(qq($OUT/taken), qq($WS/got))"),
  row("moving a file out of the workspace", "rename(qq($WS/file), qq($OUT/got))"),
  row("a hard link to a file outside", "link(qq($OUT/file), qq($WS/hard))"),
  row("a symbolic link to a file outside", "symlink(qq($OUT/file), qq($WS/l1)); made(qq($WS/l1))"),
  row("a symbolic link to a folder outside", "symlink($OUT, qq($WS/l2)); made(qq($WS/l2/new))"),
  hard(
    "swapping a folder for a symbolic link while it is written to",
    `my $d = qq($WS/swap); my $p = fork;
     if (!$p) { for (1 .. 2000) { symlink($OUT, $d); unlink($d); mkdir($d); rmdir($d) } exit }
     made(qq($d/swapped)) for 1 .. 2000; kill('KILL', $p); waitpid($p, 0); -e qq($OUT/swapped)`,
  ),
  row("the way over ..", "made(qq($WS/../outside/new))"),
  row("the way over /proc/self/root", "made(qq(/proc/self/root$OUT/new))"),
  row("the way over /proc/*/root", "grep { made(qq($_$OUT/new)) } glob('/proc/[0-9]*/root')"),
  row("the way over /proc/*/cwd", "grep { made(qq($_/../outside/new)) } glob('/proc/[0-9]*/cwd')"),
  row("the shell's start files", "grep { made(qq($HOME/$_)) } qw(.bashrc .profile .bash_profile)"),
  hard(
    "a library for all later programs",
    "made('/etc/ld.so.preload.stand-in') && unlink('/etc/ld.so.preload.stand-in')",
  ),
  hard(
    "a program on the PATH",
    "made('/usr/local/bin/codex-stand-in') && unlink('/usr/local/bin/codex-stand-in')",
  ),
];

const NAMES: readonly Escape[] = [
  row("a hook in .git", "made(qq($WS/.git/hooks/post-checkout))"),
  row("a setting in .git/config", "made(qq($WS/.git/config))"),
  row("a hook in sub/.git", "made(qq($WS/sub/.git/hooks/post-checkout))"),
  row("moving .git away", "swapped(qq($WS/.git), qq($WS/old))"),
  row("moving the folder above sub/.git away", "swapped(qq($WS/sub), qq($WS/old))"),
  row(
    "exchanging .git for a folder of one's own",
    "mkdir(qq($WS/fake)); my @a = (-100, qq($WS/.git), -100, qq($WS/fake), 2); called($CALL{renameat2}, @a) && called($CALL{renameat2}, @a)",
  ),
  row("removing a file of .git", "unlink(qq($WS/.git/HEAD))"),
  row("a hard link to a file of .git", "link(qq($WS/.git/config), qq($WS/config))"),
  row(
    "making a protected name that does not exist",
    "grep { (mkdir(qq($WS/$_)) && made(qq($WS/$_/x))) || made(qq($WS/$_/x)) || (rmdir(qq($WS/$_)) && made(qq($WS/$_))) } qw(.agents .husky .envrc)",
  ),
  row(
    "moving something to a protected name",
    "mkdir(qq($WS/m)); rename(qq($WS/m), qq($WS/.vscode))",
  ),
  row("a link for a protected name", "unlink(qq($WS/.codex)); symlink($OUT, qq($WS/.codex))"),
  hard(
    "writing to .git by another case of its letters",
    "made(qq($WS/.GIT/config)) && changed(qq($WS/.git/config))",
  ),
  hard(
    "writing to .git by Unicode that some systems ignore",
    "mkdir(qq($WS/.g\\x{e2}\\x{80}\\x{8c}it)); made(qq($WS/.g\\x{e2}\\x{80}\\x{8c}it/config)) && changed(qq($WS/.git/config))",
  ),
  row(
    "a setting in a package's .git/config",
    "made(qq($WS/node_modules/dep/.git/config)) || made(qq($WS/node_modules/\\@s/dep/.git/config))",
  ),
  row(
    "a setting below a folder that nobody may read",
    "chmod(0300, qq($WS/dark)); made(qq($WS/dark/lib/.git/config))",
  ),
  row(
    "exchanging a .git that is a link",
    "symlink('other', qq($WS/linking/new)) && rename(qq($WS/linking/new), qq($WS/linking/.git))",
  ),
  row("a setting where a .git that is a link leads", "made(qq($WS/gits/one/config))"),
  row("Git's folder when .git is a file", "made(qq($WS/tree/bare/hooks/post-checkout))"),
];

const RIGHTS: readonly Escape[] = [
  row(
    "a program with its owner's rights: chmod",
    "made(qq($WS/s1)); chmod(04755, qq($WS/s1)); others_rights(qq($WS/s1))",
  ),
  row(
    "a program with its group's rights: chmod of an open file",
    "open(my $f, '>', qq($WS/s2)); chmod(02755, $f); others_rights(qq($WS/s2))",
  ),
  row(
    "a program with its owner's rights: the mode of a new file",
    "sysopen(my $f, qq($WS/s3), 0101, 04755); others_rights(qq($WS/s3))",
  ),
  row(
    "a program with its owner's rights: mknod",
    "called($CALL{mknodat}, -100, qq($WS/s4), 0104755, 0); others_rights(qq($WS/s4))",
  ),
  hard(
    "a program with its owner's rights: openat2, fchmodat2",
    `called($CALL{openat2}, -100, qq($WS/s5), pack('QQQ', 0101, 04755, 0), 24);
     made(qq($WS/s6)); called($CALL{fchmodat2}, -100, qq($WS/s6), 04755, 0);
     others_rights(qq($WS/s5)) || others_rights(qq($WS/s6))`,
  ),
];

const READS: readonly Escape[] = [
  ...SECRETS.map((path) => row(`reading ~/${path}`, `secret(qq($HOME/${path}))`)),
  row("reading the sign-in in a folder of the workspace", "secret(qq($WS/private/auth.json))"),
  row("reading what a caller hides in the workspace", "secret(qq($WS/hidden/key))"),
  row(
    "reading it after moving the folder above",
    "rename(qq($WS/private), qq($WS/p2)) && secret(qq($WS/p2/auth.json)) && rename(qq($WS/p2), qq($WS/private))",
  ),
  hard(
    "reading it after unmounting",
    "called($CALL{umount2}, qq($WS/private), 2); secret(qq($WS/private/auth.json))",
  ),
  row(
    "reading it over /proc/*/root",
    "grep { secret(qq($_$WS/private/auth.json)) } glob('/proc/[0-9]*/root')",
  ),
  row("secrets in the environment", "grep { $_ =~ /TOKEN|SECRET|KEY|SOCK|DBUS|CODEX/ } keys %ENV"),
  row(
    "secrets in the environment of other processes",
    "grep { slurp($_) =~ /stand-in-of-a-secret/ } glob('/proc/[0-9]*/environ')",
  ),
  hard(
    "open files of whoever started it",
    "grep { -e } map { qq(/proc/self/fd/$_) } (7, 8, 9, 33)",
  ),
];

const KERNEL: readonly Escape[] = [
  call("mount of a new file system", "mount", "'none', '/tmp', 'tmpfs', 0, 0"),
  call("mount that makes the root writable", "mount", "'none', '/', 'none', 0x1020, 0"),
  call("umount of what hides", "umount2", "qq($HOME/.ssh), 2"),
  call("the new way to mount", "fsopen", "'tmpfs', 0"),
  call("a copy of a mount", "open_tree", "-100, '/', 1"),
  call("pivot_root", "pivot_root", "'/tmp', '/tmp'"),
  hard("chroot", "chroot('/tmp')"),
  call("unshare of a user namespace", "unshare", "0x10000000"),
  call("clone into a new namespace", "clone", "0x10000000 | 17, 0, 0, 0, 0"),
  hard(
    "setns into another process's namespace",
    "my $f; open($f, '<', '/proc/1/ns/mnt') && called($CALL{setns}, fileno($f), 0)",
  ),
  call("open_by_handle_at", "open_by_handle_at", "-100, pack('II', 8, 1) . pack('Q', 2), 0"),
  call("ptrace", "ptrace", "16, $VICTIM, 0, 0"),
  hard("ptrace of the sandbox's first process", "called($CALL{ptrace}, 0x4206, 1, 0, 0)"),
  call("reading another process's memory", "process_vm_readv", "1, 0, 0, 0, 0, 0"),
  hard(
    "another process's open file",
    "my $p = syscall($CALL{pidfd_open}, 1, 0); called($CALL{pidfd_getfd}, $p, 2, 0)",
  ),
  row("a signal to a process outside", "kill('CONT', $VICTIM)"),
  row("a signal to all of the parent's group", "kill('CONT', -$VICTIM)"),
  row("seeing processes outside", "-e qq(/proc/$VICTIM)"),
  hard(
    "a message to whoever watches the sandbox",
    `my $me = readlink('/proc/self/fd/1');
     grep { my $to = readlink($_) // ''; $to =~ /pipe|socket/ && $to ne $me && open(F, '>', $_) } glob('/proc/1/fd/*')`,
  ),
  call("keyctl: the session's keys", "keyctl", "0, -3, 0"),
  call("add_key", "add_key", "'user', 'codex', 'x', 1, -3"),
  hard("TIOCSTI: typing into a terminal", "terminal(0x5412)"),
  hard("TIOCSTI with other bits in the request", "terminal(0x100005412)"),
  call("io_uring", "io_uring_setup", "4, qq(\\0) x 120"),
  call("bpf", "bpf", "5, qq(\\0) x 128, 128"),
  call("perf_event_open", "perf_event_open", "qq(\\0) x 128, 0, -1, -1, 0"),
  call("userfaultfd", "userfaultfd", "1"),
  call("the kernel's log", "syslog", "3, qq(\\0) x 64, 64"),
  call("loading a module", "init_module", "qq(\\0), 1, ''"),
  call("the machine's name", "sethostname", "$HOSTNAME, length($HOSTNAME)"),
  call("the clock", "clock_settime", "0, pack('qq', time, 0)"),
  hard(
    "devices: memory, disks, virtual machines",
    "grep { open(my $f, '<', $_) } qw(/dev/mem /dev/kmem /dev/port /dev/kvm /dev/sda /dev/vda /dev/nvme0n1 /dev/fuse /dev/kmsg /dev/vsock)",
  ),
  hard(
    "a device node of one's own",
    "called($CALL{mknod}, qq($WS/dev), 0060666, 0xfe00) && open(F, '<', qq($WS/dev))",
  ),
  hard("settings of the kernel", "any_writable('/proc/sys')"),
  hard(
    "triggers of the kernel",
    "grep { sysopen(my $f, $_, 1) } qw(/proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/power/state /sys/kernel/uevent_helper /proc/acpi/wakeup)",
  ),
  hard(
    "the machine's cgroups",
    "grep { sysopen(my $f, $_, 1) } glob('/sys/fs/cgroup/*/release_agent /sys/fs/cgroup/*/tasks /sys/fs/cgroup/cgroup.procs')",
  ),
  row("setuid programs", "slurp('/proc/self/status') !~ /NoNewPrivs:\\t1/"),
  hard("capabilities", "slurp('/proc/self/status') =~ /Cap(Inh|Prm|Eff|Bnd|Amb):\\t0*[1-9a-f]/"),
  row(
    "namespaces of the machine",
    "grep { (readlink(qq(/proc/self/ns/$_)) // '') eq $NS{$_} } qw(user pid ipc uts net mnt)",
  ),
];

const NETWORK: readonly Escape[] = [
  row("TCP", "dial(2, 1, pack_sockaddr_in($TCP, inet_aton('127.0.0.1')))"),
  hard("TCP to elsewhere", "dial(2, 1, pack_sockaddr_in(443, inet_aton('192.0.2.1')))"),
  hard("IPv6", "dial(10, 1, pack_sockaddr_in6($TCP, inet_pton(10, '::1')))"),
  hard(
    "UDP to elsewhere",
    "my $s; socket($s, 2, 2, 0) && send($s, 'x', 0, pack_sockaddr_in(53, inet_aton('192.0.2.1')))",
  ),
  hard("names of hosts", "gethostbyname('example.com')"),
  hard("raw packets", "socket(my $s, 2, 3, 1)"),
  hard("packets of the wire", "socket(my $s, 17, 3, 0)"),
  hard("vsock to the hypervisor", "socket(my $s, 40, 1, 0)"),
  hard("a socket of the kernel's ciphers", "socket(my $s, 38, 5, 0)"),
  row("a Unix socket by its path", "dial(1, 1, pack_sockaddr_un(qq($OUT/agent.sock)))"),
  row("docker.sock in the workspace", "dial(1, 1, pack_sockaddr_un(qq($WS/docker.sock)))"),
  row("the ssh agent", "dial(1, 1, pack_sockaddr_un(qq($HOME/.ssh/agent.sock)))"),
  row("the session bus", "dial(1, 1, pack_sockaddr_un($BUS))"),
  hard("an abstract Unix socket", "dial(1, 1, pack_sockaddr_un(qq(\\0$ABSTRACT)))"),
  row("a datagram to a Unix socket from a pair of sockets", "datagram(2, qq($DGRAM))"),
  row("a datagram from a raw pair of sockets", "datagram(3, qq($DGRAM))"),
  hard("a datagram to an abstract Unix socket", "datagram(2, qq(\\0$ABSTRACT-d))"),
  hard("sockets in /run and /tmp", "grep { -S } glob('/run/* /run/*/* /var/run/* /tmp/*')"),
];

const KNOWN: readonly Escape[] = [
  row(
    "a new .git in a folder below (told afterwards)",
    "mkdir(qq($WS/fresh)); mkdir(qq($WS/fresh/.git)); made(qq($WS/fresh/.git/config))",
    "possible",
  ),
  row(
    "a .git deeper in a package of node_modules",
    "made(qq($WS/node_modules/dep/deep/.git/config))",
    "possible",
  ),
  row("a file of the workspace that is a hard link to outside", "made(qq($WS/linked))", "possible"),
  row(
    "writing to a FIFO outside",
    "return 1 if !-e $OUT; my $f; sysopen($f, qq($OUT/fifo), 2 | 2048) && syswrite($f, 'x')",
    "possible",
  ),
  row("reading what is not hidden", "open(my $f, '<', '/etc/passwd')", "possible"),
  row(
    "changing what the user runs later: Makefile, package.json",
    "made(qq($WS/Makefile))",
    "possible",
  ),
];

/** All of them. */
export const ESCAPES: readonly Escape[] = [
  ...WRITES,
  ...NAMES,
  ...RIGHTS,
  ...READS,
  ...KERNEL,
  ...NETWORK,
  ...KNOWN,
];
