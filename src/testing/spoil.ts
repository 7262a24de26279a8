/** Lets a fault have its way with a request. */
import { sleep } from "../base/clock.ts";
import { bodyCut, Dropped } from "./drops.ts";
import type { Fault } from "./faults.ts";
import type { Incoming } from "./incoming.ts";
import { bodyOf } from "./stream/body.ts";
import type { Handler, World } from "./world.ts";

/** The answer to a request that a fault has met. */
export async function spoil(
  fault: Fault,
  handler: Handler,
  incoming: Incoming,
  world: World,
): Promise<Response> {
  const early = fault.effect === true ? await handler(incoming, world) : undefined;
  if (fault.delayMs !== undefined) await sleep(world.clock, fault.delayMs, incoming.signal);
  if (fault.connection !== undefined) {
    await early?.body?.cancel();
    throw new Dropped(fault.connection);
  }
  const isReplaced = fault.status !== undefined || fault.body !== undefined;
  if (isReplaced) await early?.body?.cancel();
  const answer = isReplaced ? replacement(fault) : early ?? await handler(incoming, world);
  for (const [name, value] of Object.entries(fault.headers ?? {})) answer.headers.set(name, value);
  return fault.cutAfterBytes === undefined ? answer : await cut(answer, fault.cutAfterBytes);
}

function replacement({ status = 200, body }: Fault): Response {
  if (body === undefined) return new Response(null, { status });
  const isText = typeof body === "string";
  const type = isText ? "text/plain; charset=utf-8" : "application/json";
  return new Response(isText ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": type },
  });
}

async function cut(answer: Response, afterBytes: number): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer()).slice(0, afterBytes);
  const { status, headers } = answer;
  const body = bodyOf(async function* () {
    if (bytes.length > 0) yield bytes;
    throw bodyCut();
  });
  return new Response(body, { status, headers });
}
