/**
 * The page that the browser ends on: one small HTML document without script, font or picture from
 * anywhere. Its style is allowed by its hash, and nothing else is.
 */
import { isCodexError } from "../../base/errors.ts";

/** What a page says. */
export interface CallbackPage {
  /** The HTTP status that it is served with. */
  readonly status: number;
  /** Good news, bad news, or neither. */
  readonly tone: "success" | "error" | "notice";
  /** The heading. */
  readonly title: string;
  /** One or two sentences below it. */
  readonly message: string;
  /** Names with values, in a small table. */
  readonly facts?: readonly (readonly [name: string, value: string])[];
  /** What to do now; commands in it are set apart. */
  readonly next: string;
}

/** What a page of success may tell about the sign-in. */
export interface SignedIn {
  /** The address of the person. */
  readonly email?: string | undefined;
  /** The plan, as it is to be read. */
  readonly plan?: string | undefined;
  /** Something the user ought to know, such as that the plan has little allowance. */
  readonly note?: string | undefined;
}

const UNCHANGED = "Nothing was changed on your machine.";
const CLOSE = "You can close this tab and go back to the terminal.";

/** The page of a sign-in that is saved. */
export function successPage(account: SignedIn = {}): CallbackPage {
  const { email, plan, note } = account;
  return {
    status: 200,
    tone: "success",
    title: "You are signed in",
    message: note ?? "The sign-in is saved on your machine.",
    facts: [
      ...(email ? [["Account", email] as const] : []),
      ...(plan ? [["Plan", plan] as const] : []),
    ],
    next: CLOSE,
  };
}

/**
 * The page of a sign-in that failed.
 *
 * @param error Why. Only an error of ours is repeated; what another says is not meant for a page.
 * @param code The code that the issuer gave, where it gave one.
 */
export function errorPage(error: unknown, code?: string): CallbackPage {
  const failed = { status: 500, tone: "error", title: "Sign-in not completed" } as const;
  if (isCodexError(error, "aborted") || (error instanceof Error && error.name === "AbortError")) {
    return { ...failed, title: "Sign-in cancelled", message: UNCHANGED, next: CLOSE };
  }
  if (!isCodexError(error)) {
    return { ...failed, message: "The terminal says what went wrong.", next: CLOSE };
  }
  return {
    ...failed,
    status: code === undefined ? failed.status : 400,
    title: error.code === "plan_not_included" ? "No access to Codex" : failed.title,
    message: /[.!?…]$/.test(error.message) ? error.message : `${error.message}.`,
    facts: [["Error code", code ?? error.code]],
    next: error.hint ?? CLOSE,
  };
}

/** The page for an answer that is not to our question. */
export function wrongStatePage(): CallbackPage {
  return {
    status: 400,
    tone: "notice",
    title: "This belongs to another sign-in",
    message: "The page that sent you here answers an older attempt, perhaps from another tab. " +
      "Nothing was changed, and the terminal goes on waiting.",
    next: "Open the address that the terminal shows now.",
  };
}

/** The page for an answer that comes after the first one. */
export function usedPage(): CallbackPage {
  return {
    status: 409,
    tone: "notice",
    title: "This sign-in was already answered",
    message: "An answer is taken once, and this one came second. Nothing was changed by it.",
    next: "The terminal says how the sign-in ended.",
  };
}

/**
 * Makes the document.
 *
 * @param page What it says; every value is escaped.
 * @returns The HTML.
 */
export function renderPage(page: CallbackPage): string {
  const facts = (page.facts ?? []).map(([name, value]) =>
    `<div><dt>${escape(name)}</dt><dd><bdi>${escape(value)}</bdi></dd></div>`
  ).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(page.title)} · codex</title>
<link rel="icon" href="${icon(page.tone)}">
<style>${STYLE}</style>
</head>
<body class="${page.tone}">
<main>
<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="24" r="24"/>${
    SIGNS[page.tone]
  }</svg>
<h1>${escape(page.title)}</h1>
<p>${escape(page.message)}</p>
${facts === "" ? "" : `<dl>${facts}</dl>\n`}<p class="next">${withCommands(page.next)}</p>
</main>
<footer>codex</footer>
</body>
</html>
`;
}

/** Escapes for text and for quoted attributes. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Sets the commands apart that a hint names. */
function withCommands(text: string): string {
  return escape(text).replace(
    /\bcodex (?:login|logout|status|doctor)(?: --[a-z-]+)*/g,
    (command) => `<code>${command}</code>`,
  );
}

/** A check mark, a cross, an i. */
const SIGNS: Readonly<Record<CallbackPage["tone"], string>> = {
  success: `<path d="M15 24.5l6.2 6.2L33.5 18"/>`,
  error: `<path d="M17.5 17.5l13 13m0-13l-13 13"/>`,
  notice: `<path d="M24 22.5v10m0-17v.01"/>`,
};

/** The sign as the tab's icon; named in the document, so that no browser asks us for one. */
function icon(tone: CallbackPage["tone"]): string {
  const fill = { success: "#1a7f5a", error: "#c2413b", notice: "#5c6f8c" }[tone];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" fill="none" ` +
    `stroke="#fff" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">` +
    `<circle cx="24" cy="24" r="24" fill="${fill}" stroke="none"/>${SIGNS[tone]}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f5f4f1;
  --card: #fff;
  --line: #e6e3dd;
  --text: #1d1c1a;
  --soft: #66625b;
  --quiet: #f8f7f4;
  --shadow: 0 1px 2px #1d1c1a0a, 0 12px 32px #1d1c1a0d;
}
.success { --sign: #1a7f5a; --halo: #e3f2ea; }
.error { --sign: #b93a34; --halo: #f9e6e4; }
.notice { --sign: #4d6180; --halo: #e7ecf3; }
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131312;
    --card: #1c1c1a;
    --line: #302f2c;
    --text: #efede8;
    --soft: #a5a097;
    --quiet: #242321;
    --shadow: 0 12px 32px #0006;
  }
  .success { --sign: #5cc79a; --halo: #17352a; }
  .error { --sign: #f0857e; --halo: #3f2120; }
  .notice { --sign: #9db2d2; --halo: #242d3a; }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh;
  min-height: 100dvh;
  padding: 24px;
  display: grid;
  grid-template-rows: 1fr auto 1.3fr;
  justify-items: center;
  background: var(--page);
  color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
  overflow-wrap: anywhere;
}
main {
  grid-row: 2;
  width: 100%;
  max-width: 440px;
  padding: 40px;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 20px;
  box-shadow: var(--shadow);
}
svg { display: block; width: 48px; height: 48px; margin-bottom: 24px; }
circle { fill: var(--halo); }
path { fill: none; stroke: var(--sign); stroke-width: 3; stroke-linecap: round; stroke-linejoin: round; }
h1 { font-size: 24px; line-height: 1.25; font-weight: 600; letter-spacing: -0.015em; text-wrap: balance; }
p { margin-top: 10px; color: var(--soft); text-wrap: pretty; }
dl { margin-top: 24px; border-top: 1px solid var(--line); }
dl div { display: flex; gap: 16px; padding: 10px 0; border-bottom: 1px solid var(--line); font-size: 14px; }
dt { flex: 0 0 88px; color: var(--soft); }
.next { margin-top: 24px; font-size: 14px; }
.error .next, .notice .next { padding: 12px 16px; background: var(--quiet); border-radius: 12px; color: var(--text); }
code, footer { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
code { font-size: 13px; white-space: nowrap; }
footer { grid-row: 3; align-self: end; font-size: 13px; color: var(--soft); }
@media (max-width: 480px) { main { padding: 28px; } }
`;

/** The SHA-256 of the style, as the policy names it; a test holds it true. */
export const STYLE_HASH = "sha256-bQc4z/OFWmO4qVWkR27TMxHwga/aZZC/LEWT5LVN41c=";

/** The headers of every answer of the callback server, whatever it says. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  // `base-uri`, `form-action` and `frame-ancestors` do not fall back on `default-src`.
  "content-security-policy":
    `default-src 'none'; style-src '${STYLE_HASH}'; img-src data:; base-uri 'none'; ` +
    `form-action 'none'; frame-ancestors 'none'`,
  // The address of the page holds the code: it goes nowhere from here.
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
