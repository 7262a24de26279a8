/**
 * What a request looks like, without what differs from run to run: a list of lines, one for each
 * header and each member of the body, with the value where it is always the same. Two requests are
 * compared by comparing these lines.
 */

/** A request as it was recorded, by whomever. */
export interface Asked {
  readonly method: string;
  /** The path, with the query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body: parsed JSON, the fields of a form, or nothing. */
  readonly body?: unknown;
}

/** Headers of which only the presence says something; the rest of the value differs from run to run. */
const VARYING_HEADERS = [
  "authorization",
  "chatgpt-account-id",
  "content-length",
  "host",
  "sec-websocket-key",
  "session-id",
  "thread-id",
  "x-client-request-id",
  "x-codex-turn-metadata",
  "x-codex-window-id",
];

/** Members whose text is always the same; of others only the kind is kept. */
const FIXED_MEMBERS = [
  "agent_name",
  "client_id",
  "code_challenge_method",
  "codex_cli_simplified_flow",
  "content_item_kinds[]",
  "context",
  "detail",
  "effort",
  "grant_type",
  "guardian_credits_requested",
  "history_initialization",
  "id_token_add_organizations",
  "include[]",
  "mcp_attribution",
  "model",
  "originator",
  "phase",
  "reasoning_effort",
  "redirect_uri",
  "refresh_reason",
  "request_kind",
  "requested_token",
  "response_type",
  "sandbox_mode",
  "scope",
  "status",
  "subject_token_type",
  "summary",
  "thread_source",
  "token_type_hint",
  "tool_choice",
  "turn_trigger",
  "verbosity",
  "window_number",
];

/** Members that are not looked into: the official tools are no concern of ours. */
const CLOSED_MEMBERS = ["tools", "schema"];

/**
 * Puts a request into lines.
 *
 * @param asked The request.
 * @returns The lines, sorted, each once.
 */
export function shapeOf(asked: Asked): string[] {
  const lines = new Set<string>([`${asked.method} ${asked.target}`]);
  for (const [header, value] of Object.entries(asked.headers)) {
    const name = header.toLowerCase();
    // Which program it is in which version; the system and the terminal are those of the machine.
    const text = name === "user-agent" ? value.replace(/ .*/, "") : value;
    lines.add(VARYING_HEADERS.includes(name) ? `header ${name}` : `header ${name}: ${text}`);
    if (name === "x-codex-turn-metadata") describe(JSON.parse(value), `header ${name}`, lines);
  }
  const { body } = asked;
  if (isObject(body)) {
    lines.add(`body has ${Object.keys(body).join(", ")}`);
    describe(body, "body", lines);
  }
  return [...lines].sort();
}

/**
 * Compares two requests.
 *
 * @param expected The lines of the one that should have been.
 * @param found The lines of the one that was.
 * @returns What is missing (`-`) and what is more (`+`); nothing when they are alike.
 */
export function difference(expected: readonly string[], found: readonly string[]): string[] {
  return [
    ...expected.filter((line) => !found.includes(line)).map((line) => `- ${line}`),
    ...found.filter((line) => !expected.includes(line)).map((line) => `+ ${line}`),
  ];
}

function describe(value: unknown, path: string, lines: Set<string>): void {
  const name = path.slice(path.lastIndexOf(".") + 1);
  if (CLOSED_MEMBERS.includes(name)) lines.add(`${path}: not looked into`);
  else if (Array.isArray(value)) {
    if (value.length === 0) lines.add(`${path}: []`);
    for (const item of value) describe(item, `${path}[${kindOf(item)}]`, lines);
  } else if (isObject(value)) {
    for (const [member, inner] of Object.entries(value)) {
      describe(inner, `${path}.${member}`, lines);
    }
  } else if (typeof value === "string" || typeof value === "number") {
    const fixed = FIXED_MEMBERS.includes(name);
    lines.add(`${path}: ${fixed ? JSON.stringify(value) : typeof value}`);
  } else lines.add(`${path}: ${value}`);
}

/** What an item of a list says of its kind, so that each kind has lines of its own. */
function kindOf(item: unknown): string {
  if (!isObject(item)) return "";
  const { type, role } = item;
  return [type, role].filter((word) => typeof word === "string").join(" ");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
