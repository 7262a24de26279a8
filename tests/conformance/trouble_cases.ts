/**
 * The official client in trouble: as often as it was recorded to ask, with the status and the words
 * that it had, when the simulator answers what the recorded server answered.
 */
import {
  cut,
  errorEvent,
  failed,
  fault,
  httpError,
  incomplete,
  rateLimited,
  reply,
  type Turn,
  unauthorized,
  usageLimit,
} from "../../testing.ts";
import type { Case } from "./case.ts";
import { OfficialDesk } from "./official.ts";

const ASK = ["exec", "--skip-git-repo-check", "-m", "gpt-5.5", "say hi"];
const ANSWER = "Recovered.";

/** A row: what the server does, how often it is asked, how the command ends, what stderr says. */
type Row = readonly [name: string, turns: readonly Turn[], asked: number, code: 0 | 1, RegExp];

const ONCE = /Reconnecting\.\.\. 1\/5/;
const SILENT = /^(?![^]*Reconnecting)/;

const ROWS: readonly Row[] = [
  ["the usage limit", [usageLimit({ plan: "plus" })], 1, 1, /hit your usage limit.*Pro/],
  [
    "a plan without Codex",
    [
      httpError(429, { error: { type: "usage_not_included", message: "No", plan_type: "free" } }),
    ],
    1,
    1,
    /upgrade to Plus/,
  ],
  ["429 without Retry-After", [httpError(429, { detail: "slow down" })], 1, 1, /exceeded retry/],
  ["429 with Retry-After, once", [rateLimited({ retryAfter: 1 }), reply(ANSWER)], 2, 0, ONCE],
  ["400 with a detail", [httpError(400, { detail: "No such thing" })], 1, 1, /No such thing/],
  [
    "a model that is not there",
    [
      httpError(404, {
        error: { message: "No model", type: "model_not_found", code: "model_not_found" },
      }),
    ],
    1,
    1,
    /No model/,
  ],
  ["500 once", [httpError(500, { error: { message: "oops" } }), reply(ANSWER)], 2, 0, SILENT],
  [
    "overloaded",
    [
      httpError(503, { error: { code: "server_is_overloaded", message: "Full" } }, { times: 5 }),
    ],
    5,
    1,
    /at capacity/,
  ],
  ["a stream cut in the text, once", [cut({ text: "Half an ans" }), reply(ANSWER)], 2, 0, ONCE],
  [
    "a stream reset in the text, once",
    [
      cut({ text: "Half an ans", how: "reset" }),
      reply(ANSWER),
    ],
    2,
    0,
    ONCE,
  ],
  [
    "a stream cut each time",
    Array.from({ length: 6 }, () => cut({ text: "Half" })),
    6,
    1,
    /stream closed before response\.completed/,
  ],
  [
    "an error event, once",
    [
      errorEvent({ code: "server_error", message: "Oops" }),
      reply(ANSWER),
    ],
    2,
    0,
    ONCE,
  ],
  ["a failed response: too long", [failed("context_length_exceeded")], 1, 1, /ran out of room/],
  ["a failed response: quota", [failed("insufficient_quota")], 1, 1, /Quota exceeded/],
  ["a failed response: server error, once", [failed("server_error"), reply(ANSWER)], 2, 0, ONCE],
  [
    "an answer that is not complete",
    [incomplete("max_output_tokens", { text: "Half" })],
    1,
    1,
    /Incomplete response returned, reason: max_output_tokens/,
  ],
];

/** The cases. */
export const TROUBLE_CASES: readonly Case[] = [
  ["401 once: it reads its file again", async (program, check) => {
    const turns = [unauthorized(), reply(ANSWER)];
    await using desk = await OfficialDesk.open(program, { scenario: { turns } });
    check.ended(await desk.run(ASK), 0, `${ANSWER}\n`);
    const statuses = desk.simulator.requestsTo("responses").map(({ status }) => status);
    check.same("answers", statuses, [401, 200]);
    check.same("refreshes", desk.simulator.requestsTo("refresh").length, 0);
  }],
  ["401 twice: it renews the token", async (program, check) => {
    const turns = [unauthorized({ times: 2 }), reply(ANSWER)];
    await using desk = await OfficialDesk.open(program, { scenario: { turns } });
    check.ended(await desk.run(ASK), 0, `${ANSWER}\n`);
    const statuses = desk.simulator.requestsTo("responses").map(({ status }) => status);
    check.same("answers", statuses, [401, 401, 200]);
    const refreshes = desk.simulator.requestsTo("refresh");
    check.same("refreshes", refreshes.map(({ status }) => status), [200]);
    check.request("refresh (after 401)", refreshes[0]);
  }],
  ["401, and the refresh token has expired", async (program, check) => {
    const scenario = {
      turns: [unauthorized({ times: "always" })],
      faults: [
        fault("refresh", {
          status: 401,
          body: { error: { message: "Expired", code: "refresh_token_expired" } },
          times: "always",
        }),
      ],
    } as const;
    await using desk = await OfficialDesk.open(program, { scenario });
    const { code, stderr } = await desk.run(ASK);
    check.same("status", code, 1);
    check.has("stderr", stderr, "your refresh token has expired");
    check.same("answers", desk.simulator.requestsTo("responses").length, 2);
  }],
  ...ROWS.map(([name, turns, asked, code, stderr]): Case => [name, async (program, check) => {
    await using desk = await OfficialDesk.open(program, { scenario: { turns } });
    const ended = await desk.run(ASK);
    check.ended(ended, code, code === 0 ? `${ANSWER}\n` : undefined);
    check.same("requests", desk.simulator.requestsTo("responses").length, asked);
    check.has("stderr", ended.stderr, stderr);
  }]),
];
