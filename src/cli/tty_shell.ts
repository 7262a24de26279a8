/**
 * Questions on the terminal of a Unix system, by a shell that opens `/dev/tty`: Deno opens devices
 * with every permission alone (2.9.6), which is not to be asked of anybody who installs this.
 *
 * The shell's stdin is its lifeline. Nothing is ever written to it; when it is closed, because the
 * question was given up or because this process is gone, however that went, a second shell ends the
 * first, which puts the terminal's mode back. So nobody is left who reads what is typed for others.
 */
import { noReply, type Reply, type Tty } from "./questions.ts";

/** Never one that the `PATH` names: a folder of the workspace may be on it. */
const SHELL = "/bin/sh";
const ENVIRONMENT = { PATH: "/usr/bin:/bin:/run/current-system/sw/bin", LC_ALL: "C" };

/** Statuses of the shell that say why there is no answer. */
const WHY: Readonly<Record<number, string>> = {
  10: "the command runs in the background",
  11: "the terminal gives no chance to answer",
  12: "nobody answered",
};

/**
 * Asks `$1`, and prints the line that was typed.
 *
 * The group of this process and the one in the terminal's foreground are in `/proc` (proc(5)); where
 * that is not, both are empty. Ctrl-C is left to the process that asks: it alone knows what ends. Out
 * of line mode a read gives at once what was begun, and nothing after 0.2 s of silence; it takes
 * Ctrl-D for a letter, so that an earlier one is forgotten like the rest. While the answer is typed
 * the mode is what it was, and whatever ends the shell then leaves nothing behind; `read` takes a
 * Ctrl-D behind some text for no line end, and the next one for the end.
 */
const ASK = `
exec 3<>/dev/tty 5<&0 || exit
read -r _ _ _ _ group _ _ front _ </proc/$$/stat
[ "$group" = "$front" ] || exit 10
trap '' INT
mode=$(stty -g <&3) || exit 11
(read -r _ <&5; kill $$) >/dev/null 3>&- &
lifeline=$!
trap 'stty "$mode" <&3; kill $lifeline' EXIT
trap 'exit 1' TERM HUP
stty -icanon min 0 time 2 <&3
reads=0
while [ "$(dd bs=4096 count=1 <&3 | wc -c)" -gt 0 ]; do
  reads=$((reads + 1))
  [ $reads -lt 200 ] || exit 11
done
stty "$mode" <&3
trap - TERM HUP
printf %s "$1" >&3
if IFS= read -r line <&3; then
  printf '%s\\n' "$line"
else
  echo >&3
  exit 12
fi`;

/** Makes a place for questions on the terminal of this process. */
export function shellTty(): Tty {
  return { isThere, show, ask };
}

async function isThere(): Promise<boolean> {
  try {
    const { success } = await command(": <>/dev/tty", { stdin: "null" }).output();
    return success;
  } catch {
    return false;
  }
}

async function show(text: string, signal: AbortSignal): Promise<void> {
  try {
    const child = command("exec cat >/dev/tty", { stdin: "piped", signal }).spawn();
    await Promise.all([new Blob([text]).stream().pipeTo(child.stdin), child.status]);
  } catch {
    // Gone: then the question that follows says so.
  }
}

async function ask(prompt: string, signal: AbortSignal): Promise<Reply> {
  signal.throwIfAborted();
  let child: Deno.ChildProcess;
  try {
    child = command(ASK, { args: [prompt], stdin: "piped", stdout: "piped" }).spawn();
  } catch {
    return noReply("there is no terminal to ask on");
  }
  const letGo = () => void child.stdin.close().catch(() => {});
  signal.addEventListener("abort", letGo, { once: true });
  const { code, stdout } = await child.output();
  signal.removeEventListener("abort", letGo);
  if (!signal.aborted) {
    letGo();
    if (code !== 0) return noReply(WHY[code] ?? "there is no terminal to ask on");
    return { line: new TextDecoder().decode(stdout).replace(/\n$/, "") };
  }
  // The cursor stands behind the prompt, and perhaps behind a ^C.
  await show("\n", new AbortController().signal);
  throw signal.reason;
}

function command(
  script: string,
  { args = [], ...options }: Deno.CommandOptions & { readonly args?: readonly string[] },
): Deno.Command {
  return new Deno.Command(SHELL, {
    args: ["-c", script, "codex", ...args],
    clearEnv: true,
    env: ENVIRONMENT,
    stdout: "null",
    stderr: "null",
    ...options,
  });
}
