/**
 * Kills a refresh 200 times (or as often as the first argument says): half of them at each step
 * that the process itself knows of, half of them the real command at any moment, while the issuer
 * takes its time before it acts or before it answers. Prints what became of the sign-in; fails when
 * a file was not whole, when the next run found a lock, or when a sign-in was lost in any other way
 * than that the issuer had acted and nothing of its answer had been written.
 */
import assert from "node:assert/strict";
import { fault } from "../../testing.ts";
import { AUTH_FILE, type Desk, openDesk } from "../support/desk.ts";
import { killAt, STEPS } from "../support/renewing.ts";

const FOLDER = ".local/share/codex";

/** How long the real command takes at most until it has saved; kills come at any moment of it. */
const SPAN_MS = 220;
/** How long the issuer takes at most. */
const SLOW_MS = 60;

/** What became of a sign-in: the next run asked again, had what was written, or found it over. */
type End = "asked again" | "kept the new one" | "lost";

async function main(kills: number): Promise<void> {
  const ends = new Map<string, Map<End, number>>();
  await using desk = await openDesk({}, -60);
  for (let kill = 0; kill < kills; kill++) {
    const step = STEPS[(kill >> 1) % STEPS.length] ?? "saved";
    const [where, killed] = kill % 2 === 0
      ? [`at ${step}`, () => killAt(desk, desk.home.join(AUTH_FILE), step)] as const
      : anywhere(desk);
    const end = await round(desk, killed);
    const counts = ends.get(where) ?? new Map<End, number>();
    counts.set(end, (counts.get(end) ?? 0) + 1);
    ends.set(where, counts);
  }
  for (const [where, counts] of ends) {
    const told = [...counts].map(([end, count]) => `${count} ${end}`).join(", ");
    say(`${where.padEnd(34)} ${told}`);
  }
  const lost = [...ends.values()].reduce((sum, counts) => sum + (counts.get("lost") ?? 0), 0);
  say(
    `${kills} kills: every file whole, ${lost} sign-ins lost after the issuer had acted, no other`,
  );
}

/** The real command, killed at any moment while the issuer is slow before or after it acts. */
function anywhere(desk: Desk): readonly [where: string, kill: () => Promise<void>] {
  const effect = Math.random() < 0.5;
  desk.simulator.fail(fault("refresh", { delayMs: Math.random() * SLOW_MS, effect }));
  return [
    `anywhere, ${effect ? "slow to answer" : "slow to act"}`,
    async () => {
      await using run = await desk.start(["refresh"]);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * SPAN_MS));
      run.kill("SIGKILL");
      await run.ended;
    },
  ];
}

/** Makes the sign-in old, has a refresh of it killed, and looks what the next run does. */
async function round(desk: Desk, killed: () => Promise<void>): Promise<End> {
  const old = JSON.parse(await desk.home.read(AUTH_FILE)).openai;
  await desk.home.write(AUTH_FILE, JSON.stringify({ openai: { ...old, expires: 0 } }), 0o600);
  desk.simulator.clearRequests();
  await killed();
  const asked = desk.simulator.requestsTo("refresh").length;
  const left = await refreshTokensIn(desk);
  const written = left.some((token) => token !== old.refresh);

  const { code, stderr } = await desk.run(["refresh"]);
  const names = await desk.home.list(FOLDER);
  assert.deepEqual(names, ["auth.json", "auth.json.lock"], "something of the dead process is left");
  if (code === 0) {
    const again = desk.simulator.requestsTo("refresh").length - asked;
    assert.equal(again, written ? 0 : 1);
    return written ? "kept the new one" : "asked again";
  }
  assert.equal(code, 3, stderr);
  assert.match(stderr, /works once, and was used before/);
  assert.equal(asked, 1, "it was lost although nothing had been asked");
  assert.equal(written, false, "it was lost although its successor had been written");
  const { CODEX_ISSUER_URL: issuer = "", CODEX_BASE_URL: baseUrl = "" } = desk.env;
  const openai = desk.simulator.signIn({ issuer, baseUrl });
  await desk.home.write(AUTH_FILE, JSON.stringify({ openai }), 0o600);
  return "lost";
}

/** The refresh tokens in the file, which must be whole, and in whole files left beside it. */
async function refreshTokensIn(desk: Desk): Promise<readonly string[]> {
  const tokens = [String(JSON.parse(await desk.home.read(AUTH_FILE)).openai.refresh)];
  for (const name of await desk.home.list(FOLDER)) {
    if (!name.endsWith(".tmp")) continue;
    try {
      tokens.push(String(JSON.parse(await desk.home.read(`${FOLDER}/${name}`)).openai.refresh));
    } catch {
      // Not written to its end: blanks that claim the space.
    }
  }
  return tokens;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) await main(Number(Deno.args[0] ?? 200));
