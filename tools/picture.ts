/**
 * Makes the README's picture, `docs/session.svg`: records a real terminal session of the real
 * command against the simulator, and draws it. Needs bash, git, bubblewrap and `script` of
 * util-linux. An argument names another file to write.
 */
import { framesOf } from "./picture/frames.ts";
import { record } from "./picture/record.ts";
import { SIZE } from "./picture/scene.ts";
import { svg } from "./picture/svg.ts";
import { print, ROOT } from "./process.ts";

const TITLE = "A terminal: a failing test is piped into codex run, which reads the code, " +
  "patches it, runs the tests and says what was wrong; then a diff becomes a commit message.";

/** A picture that readers wait for is none. */
const MOST_BYTES = 40_000;

if (import.meta.main) {
  const frames = await framesOf(await record(), { ...SIZE, leastMs: 60, mostMs: 1500 });
  const picture = svg(frames, { ...SIZE, title: TITLE, holdMs: 6000 });
  const bytes = new TextEncoder().encode(picture).length;
  if (bytes > MOST_BYTES) throw new Error(`the picture has ${bytes} bytes`);
  const file = Deno.args[0] ?? new URL("docs/session.svg", ROOT);
  await Deno.writeTextFile(file, picture);
  print(`${frames.length} frames, ${bytes} bytes`);
}
