/** Lets a fault have its way with a request. */
import { sleep } from "../base/clock.ts";
import { isBodiless } from "./answers.ts";
import { bodyCut, Dropped } from "./drops.ts";
import type { Fault } from "./faults.ts";
import type { Incoming } from "./incoming.ts";
import { bodyOf } from "./stream/body.ts";
import { silence } from "./stream/frames.ts";
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
  const isReplaced = fault.status !== undefined || fault.body !== undefined ||
    fault.base64 !== undefined;
  if (isReplaced) await early?.body?.cancel();
  const answer = isReplaced ? replacement(fault) : early ?? await handler(incoming, world);
  for (const [name, value] of Object.entries(fault.headers ?? {})) answer.headers.set(name, value);
  const { cutAfterBytes, stallAfterBytes, bytesPerWrite, writeEveryMs } = fault;
  const isBroken = [cutAfterBytes, stallAfterBytes, bytesPerWrite, writeEveryMs]
    .some((given) => given !== undefined);
  return isBroken && !isBodiless(answer.status)
    ? await broken(answer, fault, incoming.signal, world)
    : answer;
}

function replacement({ status = 200, body, base64 }: Fault): Response {
  if (isBodiless(status)) return new Response(null, { status });
  if (base64 !== undefined) {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    return new Response(bytes, { status });
  }
  if (body === undefined) return new Response(null, { status });
  const isText = typeof body === "string";
  const type = isText ? "text/plain; charset=utf-8" : "application/json";
  return new Response(isText ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": type },
  });
}

/** The same answer, its body slow, cut, or without an end. */
async function broken(
  answer: Response,
  { cutAfterBytes = Infinity, stallAfterBytes = Infinity, bytesPerWrite, writeEveryMs = 0 }: Fault,
  gone: AbortSignal,
  { clock }: World,
): Promise<Response> {
  const whole = new Uint8Array(await answer.arrayBuffer());
  const bytes = whole.slice(0, Math.min(cutAfterBytes, stallAfterBytes));
  const { status, headers } = answer;
  const body = bodyOf(async function* (cancelled) {
    const signal = AbortSignal.any([cancelled, gone]);
    const size = bytesPerWrite ?? Math.max(bytes.length, 1);
    for (let start = 0; start < bytes.length; start += size) {
      if (start > 0 && writeEveryMs > 0) await sleep(clock, writeEveryMs, signal);
      yield bytes.slice(start, start + size);
    }
    if (stallAfterBytes < cutAfterBytes) await silence(clock, Infinity, signal);
    if (cutAfterBytes !== Infinity) throw bodyCut();
  });
  return new Response(body, { status, headers });
}
