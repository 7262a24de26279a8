/**
 * The live check itself: sign-in, models, an answer from each, a call, a schema, the allowance and
 * a refresh, with what each shows of the facts that are only reported.
 */
import { type Client, createClient, fileStore, isCodexError, type Model, tool } from "../../mod.ts";
import { platformFetch } from "../../src/base/platform_fetch.ts";
import { processEnv } from "../../src/base/platform.ts";
import { LITE_HEADER } from "../../src/protocol/headers.ts";
import { Findings } from "./findings.ts";
import { probe } from "./probes.ts";
import { type Exchange, Wire } from "./wire.ts";

const ASK = "Reply with the single word ok.";

/** How long one answer may take. */
const TIMEOUT = { total: 180_000 };

/** What the check is told. */
export interface LiveOptions {
  /** Sends a spent refresh token once more, which may end the sign-in. */
  readonly reuse: boolean;
  readonly print: (line: string) => void;
}

interface Live {
  readonly client: Client;
  readonly wire: Wire;
  readonly findings: Findings;
}

/**
 * Runs the check with the sign-in of the credential file.
 *
 * @returns The exit status: 0 when the main job worked, whatever was found.
 */
export async function liveCheck(options: LiveOptions): Promise<0 | 1 | 3> {
  const wire = new Wire(platformFetch(processEnv));
  const file = fileStore();
  // Without the file's path nothing is remembered beside it: each model is asked as if anew.
  const store = {
    origin: file.origin,
    renewable: file.renewable,
    read: () => file.read(),
    update: file.update,
  };
  const findings = new Findings(options.print);
  const live: Live = { client: createClient({ store, fetch: wire.fetch }), wire, findings };
  const account = await live.client.account();
  if (account?.method !== "chatgpt") {
    options.print("Nobody is signed in with ChatGPT: run codex login first.");
    return 3;
  }
  findings.title("Sign-in");
  const { plan = "unknown", state, expiresAt = "an unknown time" } = account;
  findings.note(`plan ${plan}, ${state}, the access token expires at ${expiresAt}`);

  const listed = await models(live);
  const good = await answers(live, listed);
  if (good !== undefined) {
    findings.title("The same request with one thing changed");
    await probe(good, !isLite(good), wire, findings);
  }
  await toolTurn(live);
  await schema(live);
  await allowance(live);
  await renewal(live, options.reuse);
  return findings.end() ? 0 : 1;
}

async function models({ client, wire, findings }: Live): Promise<readonly Model[]> {
  findings.title("Models");
  try {
    const all = (await client.models({ refresh: true })).filter(({ listed }) => listed);
    findings.note(all.map(({ slug }) => slug).join(", "));
    const asked = wire.last("/models");
    findings.settle(
      "the list is the account's own",
      all.some(({ source }) => source !== "bundled"),
    );
    if (asked === undefined) return all;
    findings.settle("the list has an etag", asked.answerHeaders.has("etag"));
    const own = await wire.again(asked, { query: { client_version: "0.1.0" } });
    findings.settle(
      "a version of our own (0.1.0) is shown no models",
      own.status === 200 ? /"models"\s*:\s*\[\s*\]/.test(own.text) : undefined,
      `${own.status}`,
    );
    return all;
  } catch (error) {
    findings.failed("the list of models", error);
    return [];
  }
}

/** Asks each model once, and tells in which shape it answered. */
async function answers(live: Live, listed: readonly Model[]): Promise<Exchange | undefined> {
  const { client, wire, findings } = live;
  findings.title("Answers: which request each model takes, under our own name");
  let good: Exchange | undefined;
  let failures = 0;
  for (const { slug } of listed) {
    const before = wire.exchanges.length;
    try {
      await client.stream(ASK, { model: slug, timeout: TIMEOUT }).text();
    } catch (error) {
      failures++;
      const code = isCodexError(error) ? error.code : String(error);
      const told = wire.exchanges.slice(before).map((one) => `${one.status} ${one.refusal}`);
      findings.note(`${slug}: neither shape (${code}: ${told.join("; ")})`);
      await withVersion(live, slug, before);
      continue;
    }
    const asked = wire.exchanges.slice(before).filter(isModelRequest);
    const last = asked.at(-1);
    if (last === undefined) continue;
    const refusals = asked.slice(0, -1).map((one) => `${one.status} ${one.refusal}`);
    const after = refusals.length === 0 ? "" : `, after ${refusals.join("; ")}`;
    findings.note(`${slug}: ${isLite(last) ? "lite" : "classic"} shape${after}`);
    // One in the classic shape shows more.
    if (good === undefined || (isLite(good) && !isLite(last))) good = last;
  }
  if (good === undefined) {
    findings.failed("an answer", "no model gave one");
    return undefined;
  }
  const all = failures === 0;
  findings.settle("every listed model answers a program with a name of its own", all);
  await stream(live, good);
  return good;
}

/** What another project found: a header alone may do, without another program's name. */
async function withVersion({ wire, findings }: Live, slug: string, from: number): Promise<void> {
  const asked = wire.exchanges.slice(from).find(isModelRequest);
  if (asked === undefined) return;
  const { status, refusal } = await wire.again(asked, { headers: { version: "0.169.0" } });
  findings.settle(`${slug} answers when a version header is there`, status === 200, refusal);
}

/** What a whole answer looks like. */
async function stream({ findings }: Live, good: Exchange): Promise<void> {
  const text = await good.answer();
  const { answerHeaders: headers } = good;
  findings.settle(
    "an answer carries the plan's allowance in its headers",
    headers.has("x-codex-primary-used-percent"),
  );
  findings.settle("an answer carries x-request-id", headers.has("x-request-id"));
  findings.settle("an answer carries x-models-etag", headers.has("x-models-etag"));
  findings.settle("there is no [DONE]", !text.includes("data: [DONE]"));
  const completed = text.split(/\r?\n/)
    .filter((line) => line.startsWith("data: {") && line.includes('"response.completed"'))
    .map((line): unknown => JSON.parse(line.slice("data: ".length)))
    .at(-1);
  const response = member(completed, "response");
  const output = member(response, "output");
  findings.settle(
    "the completed event holds no output",
    Array.isArray(output) ? output.length === 0 : output === undefined ? true : undefined,
  );
  findings.settle("the completed event names the response", !!member(response, "id"));
  findings.settle("the completed event tells the usage", !!member(response, "usage"));
}

async function toolTurn({ client, findings }: Live): Promise<void> {
  findings.title("A tool turn");
  let calls = 0;
  const lookUp = tool({
    name: "stock",
    description: "Tells how many pieces of an article are in store",
    input: {
      type: "object",
      properties: { article: { type: "string" } },
      required: ["article"],
      additionalProperties: false,
    },
    execute: () => {
      calls++;
      return "There are 4711 pieces.";
    },
  });
  try {
    const prompt = "How many lamps are in store? Use the tool, then answer with the number alone.";
    const { text } = await client.run(prompt, { tools: [lookUp], maxSteps: 4, timeout: TIMEOUT })
      .final();
    findings.settle("a function tool without strict is taken, and called", calls > 0);
    findings.settle("the answer's items are taken back, with the result", text.includes("4711"));
  } catch (error) {
    findings.failed("a tool turn", error);
  }
}

async function schema({ client, findings }: Live): Promise<void> {
  findings.title("An output schema");
  try {
    const { output } = await client.stream("Name one colour.", {
      output: {
        schema: {
          type: "object",
          properties: { colour: { type: "string" } },
          required: ["colour"],
          additionalProperties: false,
        },
      },
      timeout: TIMEOUT,
    }).final();
    findings.settle("the answer is JSON of the schema", typeof output.colour === "string");
  } catch (error) {
    findings.failed("an output schema", error);
  }
}

async function allowance({ client, findings }: Live): Promise<void> {
  findings.title("The allowance");
  try {
    const { primary, secondary } = await client.limits();
    findings.settle("the usage endpoint tells both windows", !!primary && !!secondary);
    const hours = (primary?.windowSeconds ?? 0) / 3600;
    findings.settle("the short window has five hours", primary ? hours === 5 : undefined);
    const days = (secondary?.windowSeconds ?? 0) / 86_400;
    findings.settle("the long window has seven days", secondary ? days === 7 : undefined);
  } catch (error) {
    findings.failed("the allowance", error);
  }
}

async function renewal({ client, wire, findings }: Live, reuse: boolean): Promise<void> {
  findings.title("Refresh");
  try {
    await client.refresh({ force: true });
    const asked = wire.last("/oauth/token");
    if (asked === undefined) throw new Error("nothing was asked of the issuer");
    const answer: unknown = JSON.parse(await asked.answer());
    const names = typeof answer === "object" && answer !== null ? Object.keys(answer) : [];
    findings.note(`the answer has ${names.join(", ")}`);
    const next = member(answer, "refresh_token");
    const isNew = typeof next === "string" && !asked.body.includes(next);
    findings.settle("a refresh gives a new refresh token", isNew);
    findings.settle("an access token lives ten days", member(answer, "expires_in") === 864_000);
    findings.settle(
      "the answer says from when on it may be renewed",
      "earliest_refresh_at" in
        (typeof answer === "object" && answer !== null ? answer : {}),
    );
    await client.stream(ASK, { timeout: TIMEOUT }).text();
    findings.settle("the new access token is good at once", true);
    if (reuse && isNew) await spent({ client, wire, findings }, asked);
    else {
      const why = "asked only with --reuse, as it may end the sign-in";
      findings.settle("a spent refresh token is refused at once", undefined, why);
      findings.settle("a spent refresh token ends the whole sign-in", undefined, why);
    }
  } catch (error) {
    findings.failed("a refresh", error);
  }
}

async function spent({ client, wire, findings }: Live, asked: Exchange): Promise<void> {
  const { status, refusal } = await wire.again(asked, {});
  findings.settle("a spent refresh token is refused at once", status !== 200, refusal);
  try {
    await client.refresh({ force: true });
    findings.settle("a spent refresh token ends the whole sign-in", false);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    findings.settle("a spent refresh token ends the whole sign-in", true, words);
  }
}

function isModelRequest({ method, url }: Exchange): boolean {
  return method === "POST" && url.pathname.endsWith("/responses");
}

function isLite({ headers }: Exchange): boolean {
  return headers.get(LITE_HEADER) === "true";
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
