/** Does what the next turn says. */
import { arrayAt, type JsonObject, stringAt } from "../../base/json.ts";
import { isBodiless } from "../answers.ts";
import { bodyCut, Dropped } from "../drops.ts";
import type { Served } from "../incoming.ts";
import type { Workspace } from "../scenario.ts";
import { answerSteps } from "../stream/answer_steps.ts";
import { bodyOf } from "../stream/body.ts";
import { frames, silence } from "../stream/frames.ts";
import { withPhases } from "../stream/phases.ts";
import type { ResponseFrame } from "../stream/response.ts";
import type { AnswerTurn, HttpTurn, RawTurn, Turn } from "../turns.ts";
import { reply } from "../turn_builders.ts";
import type { World } from "../world.ts";
import { usageLimitAnswer } from "./limits.ts";
import { lastUserText } from "./prompt.ts";
import { wholeAnswer } from "./whole_answer.ts";

/** A request that was taken. */
export interface Taken {
  /** Its body. */
  readonly request: JsonObject;
  /** Whom it is for; absent for an API key. */
  readonly workspace: Workspace | undefined;
  /** The headers of every answer to it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it came to the public API. */
  readonly publicApi: boolean;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Where the turn is noted. */
  readonly served: Served;
}

/** Answers a request with the next turn. */
export async function performTurn(taken: Taken, world: World): Promise<Response> {
  const turn = compaction(taken.request) ?? queued(taken, world) ?? reply(world.reply);
  const headers = {
    "x-request-id": world.ids.make("req"),
    ...taken.headers,
    ...turn.headers,
  };
  return await perform(turn, { ...taken, headers }, world);
}

function queued({ request, served }: Taken, { turns }: World): Turn | undefined {
  const next = turns.take(lastUserText(request));
  if (next !== undefined) served.turn = next.index;
  return next?.turn;
}

async function perform(turn: Turn, taken: Taken, world: World): Promise<Response> {
  switch (turn.type) {
    case "http":
      return httpAnswer(turn, taken.headers);
    case "usage-limit": {
      const answer = usageLimitAnswer(turn, taken.workspace?.plan ?? "plus", world);
      answer.headers.set("x-request-id", taken.headers["x-request-id"] ?? "");
      return answer;
    }
    case "connection":
      throw new Dropped(turn.how);
    case "raw":
      return rawAnswer(turn, taken.headers);
    case "answer":
      return await streamed(turn, taken, world);
  }
}

async function streamed(given: AnswerTurn, taken: Taken, world: World): Promise<Response> {
  const { clock, ids, memory } = world;
  // Something must be there to be cut.
  const whole = given.items.length === 0 && given.breaks !== undefined
    ? { ...given, items: reply(world.reply).items }
    : given;
  const turn = withPhases(whole, taken.request);
  const frame: ResponseFrame = {
    id: ids.make("resp"),
    createdAt: Math.floor(clock.now() / 1000),
    request: taken.request,
    repeatsOutput: taken.publicApi,
  };
  if (turn.breaks?.beforeHeaders === true) {
    await silence(clock, turn.breaks.ms ?? Infinity, taken.signal);
  }
  const made = answerSteps(turn, frame, ids);
  const steps = taken.publicApi ? memory.keeping(taken.request, made) : made;
  if (taken.publicApi && taken.request["stream"] !== true) {
    return await wholeAnswer(turn, [...steps], { ...taken, clock });
  }
  return new Response(bodyOf((signal) => frames(steps, turn, clock, signal)), {
    headers: { "content-type": "text/event-stream", "cache-control": "no-cache", ...taken.headers },
  });
}

function httpAnswer(
  { status, body }: HttpTurn,
  headers: Readonly<Record<string, string>>,
): Response {
  const isText = typeof body === "string";
  const type = isText ? "text/plain; charset=utf-8" : "application/json";
  const text = body === undefined || isBodiless(status)
    ? null
    : isText
    ? body
    : JSON.stringify(body);
  return new Response(text, { status, headers: { "content-type": type, ...headers } });
}

function rawAnswer(turn: RawTurn, headers: Readonly<Record<string, string>>): Response {
  const { status = 200 } = turn;
  if (isBodiless(status)) return new Response(null, { status, headers });
  const bytes = turn.base64 === undefined
    ? new TextEncoder().encode(turn.text ?? "")
    : Uint8Array.from(atob(turn.base64), (character) => character.charCodeAt(0));
  return new Response(
    bodyOf(async function* () {
      yield bytes;
      if (turn.reset === true) throw bodyCut();
    }),
    {
      status,
      headers: { "content-type": turn.contentType ?? "text/event-stream", ...headers },
    },
  );
}

/** A request whose last item asks to compact the conversation gets just that, and uses up no turn. */
function compaction(request: JsonObject): AnswerTurn | undefined {
  const last = arrayAt(request, "input").at(-1);
  if (stringAt(last, "type") !== "compaction_trigger") return undefined;
  return {
    type: "answer",
    items: [{ type: "item", item: { type: "compaction", encrypted_content: "c2ltdWxhdGVk" } }],
  };
}
