/** What the escapes of `escapes.ts` are tried against: a workspace, what is around it, who listens. */
import { SECRET_TEXT, SECRETS } from "./escapes.ts";

/** The ids of nobody, who may do little. */
export const NOBODY = 65534;

/** The files outside that rows try to change. */
export const OUTSIDE: readonly string[] = ["file", "linked", "removed", "taken"];

/** A world for one user. */
export interface World extends AsyncDisposable {
  /** The workspace. */
  readonly workspace: string;
  /** Beside it. */
  readonly outside: string;
  /** The home folder. */
  readonly home: string;
  /** A process of the user's. */
  readonly victim: Deno.ChildProcess;
  /** Variables of the rows. */
  readonly names: Readonly<Record<string, string | number>>;
  /** Who was reached, by name. */
  readonly reached: () => readonly string[];
}

/** Listens on what is named, and prints the name of what is reached. */
const LISTENER = `
use strict; use Socket qw(:all); $| = 1; my %s;
sub on { my ($n, $f, $a, $t) = @_; socket($s{$n}, $f, $t // 1, 0) or return; bind($s{$n}, $a) or die "$n: $!"; $t || listen($s{$n}, 9) }
on('tcp', 2, pack_sockaddr_in(0, inet_aton('127.0.0.1')));
my ($port) = unpack_sockaddr_in(getsockname($s{tcp}));
on('tcp6', 10, pack_sockaddr_in6($port, inet_pton(10, '::1'))) if -e '/proc/net/if_inet6' && eval { on('try6', 10, pack_sockaddr_in6(0, inet_pton(10, '::1'))) };
on('abstract', 1, pack_sockaddr_un("\\0$ARGV[0]"));
on('abstract datagrams', 1, pack_sockaddr_un("\\0$ARGV[0]-d"), 2);
on('datagrams', 1, pack_sockaddr_un(my $d = pop @ARGV), 2); chmod(0777, $d);
on($_, 1, pack_sockaddr_un($_)) for @ARGV[1 .. $#ARGV];
chmod(0777, $_) for @ARGV[1 .. $#ARGV];
print "$port\\n";
while (1) { my $r = ''; vec($r, fileno($_), 1) = 1 for grep { fileno($_) } values %s; select(my $o = $r, undef, undef, undef);
  for my $n (keys %s) { if (fileno($s{$n}) && vec($o, fileno($s{$n}), 1)) { $n =~ /datagrams/ ? recv($s{$n}, my $x, 9, 0) : accept(my $c, $s{$n}); print "reached $n\\n" } } }
`;

/**
 * Makes a world.
 *
 * @param uid Whose; `undefined` for this process's user.
 */
export async function makeWorld(uid?: number): Promise<World> {
  const base = await Deno.makeTempDir({ dir: await placeFor(uid), prefix: "sandbox_" });
  const [workspace, outside, home] = [`${base}/ws`, `${base}/outside`, `${base}/home`];
  const write = async (path: string, text: string) => {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  };
  for (const path of ["file", ".git/HEAD", ".git/config", ".git/hooks/sample", "Makefile"]) {
    await write(`${workspace}/${path}`, "as it was\n");
  }
  await write(`${workspace}/sub/.git/hooks/sample`, "as it was\n");
  await write(`${workspace}/sub/.git/config`, "as it was\n");
  await write(`${workspace}/tree/.git`, "gitdir: ./bare\n");
  await write(`${workspace}/tree/bare/hooks/sample`, "as it was\n");
  for (const folder of ["node_modules/dep", "node_modules/@s/dep", "node_modules/dep/deep"]) {
    await write(`${workspace}/${folder}/.git/config`, "as it was\n");
  }
  await write(`${workspace}/dark/lib/.git/config`, "as it was\n");
  for (const git of ["one", "other"]) await write(`${workspace}/gits/${git}/config`, "as it was\n");
  await Deno.mkdir(`${workspace}/linking`);
  await Deno.symlink("../gits/one", `${workspace}/linking/.git`);
  await write(`${workspace}/private/auth.json`, SECRET_TEXT);
  await write(`${workspace}/hidden/key`, SECRET_TEXT);
  for (const name of OUTSIDE) await write(`${outside}/${name}`, "as it was\n");
  await Deno.link(`${outside}/linked`, `${workspace}/linked`);
  await new Deno.Command("mkfifo", { args: [`${outside}/fifo`] }).output();
  await write(`${home}/.bashrc`, "as it was\n");
  for (const path of SECRETS) await write(`${home}/${path}`, SECRET_TEXT);
  const sockets = [
    `${outside}/agent.sock`,
    `${workspace}/docker.sock`,
    `${home}/.ssh/agent.sock`,
    `${base}/bus`,
  ];
  const abstract = `codex-${crypto.randomUUID()}`;
  if (uid !== undefined) await chownAll(base, uid);
  const listener = new Deno.Command("perl", {
    args: ["-e", LISTENER, abstract, ...sockets, `${base}/datagrams`],
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const said = lines(listener.stdout);
  const port = Number(await said.first);
  const victim = new Deno.Command(uid === undefined ? "sleep" : "setpriv", {
    args: uid === undefined ? ["60"] : [...asUser(uid), "sleep", "60"],
    stdin: "null",
    stdout: "null",
    detached: true,
  }).spawn();
  return {
    workspace,
    outside,
    home,
    victim,
    names: {
      WS: workspace,
      OUT: outside,
      HOME: home,
      VICTIM: victim.pid,
      TCP: port,
      BUS: `${base}/bus`,
      DGRAM: `${base}/datagrams`,
      ABSTRACT: abstract,
      HOSTNAME: Deno.hostname(),
    },
    reached: () => said.all.filter((line) => line.startsWith("reached ")),
    async [Symbol.asyncDispose]() {
      listener.kill("SIGKILL");
      await Promise.all([listener.status, said.ended]);
      try {
        victim.kill("SIGKILL");
      } catch {
        // Already ended, which a test has told.
      }
      await victim.status;
      // A row has closed it.
      await Deno.chmod(`${workspace}/dark`, 0o700);
      await Deno.remove(base, { recursive: true });
    },
  };
}

/** The arguments by which `setpriv` runs a program as a user without any privilege. */
export function asUser(uid: number): readonly string[] {
  return [`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--inh-caps=-all", "--"];
}

/**
 * A folder that is seen in a sandbox, which /tmp is not: in this project, where nothing but reports
 * is kept; /tmp if that user does not get there.
 */
export async function placeFor(uid?: number): Promise<string> {
  const reports = new URL("../../../.coverage", import.meta.url).pathname;
  await Deno.mkdir(reports, { recursive: true });
  if (uid === undefined) return reports;
  const { success } = await new Deno.Command("setpriv", {
    args: [...asUser(uid), "ls", reports],
    stdout: "null",
    stderr: "null",
  }).output();
  return success ? reports : await Deno.realPath("/tmp");
}

async function chownAll(path: string, uid: number): Promise<void> {
  await Deno.chown(path, uid, uid);
  if (!(await Deno.lstat(path)).isDirectory) return;
  for await (const { name } of Deno.readDir(path)) await chownAll(`${path}/${name}`, uid);
}

function lines(stream: ReadableStream<Uint8Array>) {
  const all: string[] = [];
  const first = Promise.withResolvers<string>();
  const read = async () => {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      all.push(...parts);
      if (all[0] !== undefined) first.resolve(all[0]);
    }
    first.resolve("");
  };
  return { all, first: first.promise, ended: read() };
}
