/**
 * Facts about a model request that can be seen by making one again with one thing changed. Each
 * is only reported so far; a refusal costs nothing, an answer a few tokens.
 */
import type { Findings } from "./findings.ts";
import type { Change, Exchange, Wire } from "./wire.ts";

/** A fact, what is changed to see it, and the answer that shows that it is right. */
interface Probe {
  readonly fact: string;
  readonly change: Change;
  readonly holds: (status: number, refusal: string) => boolean;
}

const refused = (...statuses: readonly number[]) => (status: number) => statuses.includes(status);
const taken = (status: number): boolean => status === 200;

/** Parameters that the backend is said to refuse by their names. */
const UNWANTED: Readonly<Record<string, unknown>> = {
  max_output_tokens: 64,
  temperature: 1,
  top_p: 1,
  truncation: "auto",
  metadata: {},
  safety_identifier: "x",
  user: "x",
  background: false,
};

const user = (text: string): unknown => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
});

const CLASSIC: readonly Probe[] = [
  {
    fact: "a request without instructions is refused",
    change: { body: { instructions: undefined } },
    holds: refused(400),
  },
  {
    fact: "the lite header with a body in the classic shape is refused",
    change: { headers: { "x-openai-internal-codex-responses-lite": "true" } },
    holds: refused(400),
  },
];

const ANY_SHAPE: readonly Probe[] = [
  { fact: "store must be false", change: { body: { store: true } }, holds: refused(400) },
  { fact: "stream must be true", change: { body: { stream: false } }, holds: refused(400) },
  ...Object.entries(UNWANTED).map(([name, value]): Probe => ({
    fact: `the parameter ${name} is refused by its name`,
    change: { body: { [name]: value } },
    holds: (status, refusal) => status === 400 && refusal.includes(name),
  })),
  {
    fact: 'the service tier "auto" is refused',
    change: { body: { service_tier: "auto" } },
    holds: refused(400),
  },
  {
    fact: "a message with the role system is refused",
    change: { body: { input: [{ role: "system", content: "Be brief." }, user("Say ok.")] } },
    holds: refused(400),
  },
  {
    fact: "a call without its result is refused",
    change: {
      body: {
        input: [user("Say ok."), {
          type: "function_call",
          call_id: "call_1",
          name: "clock",
          arguments: "{}",
        }],
      },
    },
    holds: refused(400),
  },
  {
    fact: 'the effort "minimal" is refused',
    change: { body: { reasoning: { effort: "minimal" } } },
    holds: refused(400),
  },
  {
    fact: "a model that does not exist is refused with 400 or 404",
    change: { body: { model: "no-such-model" } },
    holds: refused(400, 404),
  },
  {
    fact: "a request works without chatgpt-account-id",
    change: { headers: { "chatgpt-account-id": undefined } },
    holds: taken,
  },
  {
    fact: "a request works without session-id and prompt_cache_key",
    change: { headers: { "session-id": undefined }, body: { prompt_cache_key: undefined } },
    holds: taken,
  },
  {
    fact: "a request works without originator",
    change: { headers: { originator: undefined } },
    holds: taken,
  },
];

/**
 * Makes a request again with one thing changed at a time.
 *
 * @param good A model request that was answered.
 * @param isClassic Whether it had the classic shape.
 * @param wire Makes it again.
 * @param findings Takes what was seen.
 */
export async function probe(
  good: Exchange,
  isClassic: boolean,
  wire: Wire,
  findings: Findings,
): Promise<void> {
  for (const { fact, change, holds } of [...ANY_SHAPE, ...isClassic ? CLASSIC : []]) {
    try {
      const { status, refusal } = await wire.again(good, change);
      // A limit or an overloaded server says nothing about the fact.
      const isOpen = status === 429 || status >= 500;
      const seen = refusal === "" ? `${status}` : `${status} ${refusal}`;
      findings.settle(fact, isOpen ? undefined : holds(status, refusal), seen);
    } catch (error) {
      findings.settle(fact, undefined, error instanceof Error ? error.message : String(error));
    }
  }
}
