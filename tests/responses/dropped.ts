/** A program that starts a model call and never looks at it. Its argument is the base URL. */
import { systemClock } from "../../src/base/clock.ts";
import { startStream } from "../../src/responses/stream.ts";
import { CHATGPT, fakeDeps, FakeSession } from "./fakes.ts";

const session = new FakeSession({ ...CHATGPT, baseUrl: Deno.args[0] ?? "" });
const deps = fakeDeps(fetch, { session, clock: systemClock });
startStream("hi", { timeout: { total: 30_000 } }, deps);
