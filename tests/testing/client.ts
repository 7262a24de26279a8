/** The least that a client does, written down by hand: what the simulator is asked in its tests. */
import type { Simulator } from "../../testing.ts";

/** An event of a stream. */
export type Event = Record<string, unknown> & { readonly type: string };

/** The production addresses; in the process any host will do. */
export const ISSUER = "https://auth.openai.com";
export const BACKEND = "https://chatgpt.com/backend-api";
export const CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann";

/** A model request in the classic shape, which the backend takes. */
export function classic(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    model: "gpt-5.5",
    instructions: "Answer briefly.",
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] }],
    store: false,
    stream: true,
    ...changes,
  };
}

/** Headers with which the backend lets a request in. */
export function admission(simulator: Simulator): Record<string, string> {
  const { access, accountId = "" } = simulator.signIn();
  return { authorization: `Bearer ${access}`, "chatgpt-account-id": accountId };
}

/** What a model request may be sent with. */
export interface AskOptions {
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
  readonly baseUrl?: string;
}

/** Sends a model request. */
export function ask(
  simulator: Simulator,
  body: Record<string, unknown> = classic(),
  options: AskOptions = {},
): Promise<Response> {
  const send = options.fetch ?? simulator.fetch;
  return send(`${options.baseUrl ?? `${BACKEND}/codex`}/responses`, {
    method: "POST",
    headers: {
      ...admission(simulator),
      "content-type": "application/json",
      ...options.headers,
    },
    body: JSON.stringify(body),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/** Sends a model request, and reads the whole stream. */
export async function askForEvents(
  simulator: Simulator,
  body?: Record<string, unknown>,
): Promise<readonly Event[]> {
  const response = await ask(simulator, body);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return eventsOf(text);
}

/** The events of a stream with plain line ends. */
export function eventsOf(text: string): readonly Event[] {
  return text.split("\n\n").filter((block) => block !== "").map((block) => {
    const data = block.split("\n").filter((line) => line.startsWith("data: "));
    return JSON.parse(data.map((line) => line.slice(6)).join("\n"));
  });
}

/** What the deltas of a stream say together. */
export function textOf(events: readonly Event[]): string {
  return events.filter(({ type }) => type === "response.output_text.delta")
    .map((event) => event["delta"]).join("");
}

/** Sends JSON. */
export function postJson(
  simulator: Simulator,
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return simulator.fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** Sends a form. */
export function postForm(
  simulator: Simulator,
  url: string,
  fields: Record<string, string>,
): Promise<Response> {
  return simulator.fetch(url, { method: "POST", body: new URLSearchParams(fields) });
}

/** Renews a sign-in, and gives status and body. */
export async function refresh(
  simulator: Simulator,
  refreshToken: string,
  how: typeof postJson | typeof postForm = postJson,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await how(simulator, `${ISSUER}/oauth/token`, {
    client_id: CLIENT_ID,
    grant_type: "refresh_token",
    refresh_token: refreshToken,
  });
  return { status: response.status, body: await response.json() };
}

/** The code of an error body of the API's shape. */
export function codeOf(body: unknown): unknown {
  const error: unknown = Reflect.get(Object(body), "error");
  return typeof error === "object" && error !== null ? Reflect.get(error, "code") : error;
}

/** The claims of a token. */
export function claimsOf(token: unknown): Record<string, unknown> {
  const payload = String(token).split(".")[1] ?? "";
  const binary = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
  return JSON.parse(
    new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0))),
  );
}
