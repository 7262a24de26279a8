/**
 * The simulator in a process of its own, so that what it costs is nobody's. It says on its first
 * line where it listens and what signs in to it, and on each later one how many bytes a request
 * had; it ends with its stdin. Its argument is the pause between two words, in milliseconds.
 */
import { createSimulator, reply } from "../../testing.ts";

/** What every contestant is told: some sentences, word by word. */
export const ANSWER: string = Array.from(
  { length: 6 },
  (_, index) => `This is sentence ${index + 1} of an answer that nobody has asked for.`,
).join(" ");

async function serve(delayMs: number): Promise<void> {
  const turns = [reply(ANSWER, { times: "always", delayMs })];
  // The official client sends its instructions within the input.
  await using simulator = createSimulator({ turns, rules: { instructions: "optional" } }, {
    onRequest: ({ method, path, headers }) =>
      say({ request: `${method} ${path}`, bytes: Number(headers["content-length"] ?? 0) }),
  });
  const { issuer, baseUrl, apiBaseUrl, env } = await simulator.listen();
  say({
    env,
    baseUrl,
    apiBaseUrl,
    credentials: simulator.signIn({ issuer, baseUrl }),
  });
  // Whoever started it closes its stdin when all is measured.
  for await (const _ of Deno.stdin.readable);
}

function say(value: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}

if (import.meta.main) await serve(Number(Deno.args[0] ?? 0));
