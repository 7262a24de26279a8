import assert from "node:assert/strict";
import fc from "fast-check";
import { callbackError } from "../../../src/auth/browser/callback.ts";
import {
  type CallbackPage,
  errorPage,
  PAGE_HEADERS,
  renderPage,
  STYLE_HASH,
  successPage,
  usedPage,
  wrongStatePage,
} from "../../../src/auth/browser/callback_page.ts";
import { CodexError } from "../../../src/base/errors.ts";

const PAGES: readonly CallbackPage[] = [
  successPage({ email: "ada@example.com", plan: "Plus" }),
  errorPage(new CodexError("internal", "It broke", { hint: "Try again with: codex login" })),
  wrongStatePage(),
  usedPage(),
];

const count = (text: string, part: string) => text.split(part).length - 1;

Deno.test("STYLE_HASH is the hash of the style in every page", async () => {
  for (const page of PAGES) {
    const styles = [...renderPage(page).matchAll(/<style>([^]*?)<\/style>/g)];
    assert.equal(styles.length, 1);
    const style = new TextEncoder().encode(styles[0]?.[1]);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", style));
    assert.equal(STYLE_HASH, `sha256-${digest.toBase64()}`);
  }
});

Deno.test("PAGE_HEADERS allow that style, the icon, and nothing else", () => {
  const policy = PAGE_HEADERS["content-security-policy"]?.split("; ");
  assert.deepEqual(policy, [
    "default-src 'none'",
    `style-src '${STYLE_HASH}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
  assert.equal(PAGE_HEADERS["cache-control"], "no-store");
  assert.equal(PAGE_HEADERS["referrer-policy"], "no-referrer");
  assert.equal(PAGE_HEADERS["x-content-type-options"], "nosniff");
});

Deno.test("renderPage() needs nothing but itself", () => {
  for (const page of PAGES) {
    const html = renderPage(page);
    assert.doesNotMatch(html, /<script|<a |<img|<form|<meta http-equiv| on[a-z]+=| style=/i);
    assert.doesNotMatch(html, /https?:\/\/|url\(|@import/i);
    assert.deepEqual([...html.matchAll(/(?:href|src)="([^"]{10})/g)].map(([, to]) => to), [
      "data:image",
    ]);
    assert.ok(html.length < 6_000, `${html.length} characters`);
  }
});

Deno.test("renderPage() is light or dark, as the reader likes it", () => {
  const html = renderPage(successPage());
  assert.match(html, /color-scheme: light dark/);
  assert.match(html, /@media \(prefers-color-scheme: dark\)/);
});

Deno.test("renderPage() escapes every value", () => {
  const hostile = `<script>alert("1")</script>'&amp;`;
  const escaped = "&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;amp;";
  const html = renderPage({
    status: 400,
    tone: "error",
    title: hostile,
    message: hostile,
    facts: [[hostile, hostile]],
    next: hostile,
  });
  assert.ok(!html.includes('alert("'));
  assert.equal(count(html, escaped), 6); // the title stands in the tab and in the heading
});

Deno.test("renderPage() has the same markup whatever its values hold", () => {
  const page = (value: string): CallbackPage => ({
    status: 200,
    tone: "notice",
    title: value,
    message: value,
    facts: [[value, value]],
    next: value,
  });
  const plain = renderPage(page("x"));
  const piece = fc.constantFrom("<", ">", '"', "'", "&", "</style>", "<!--", "]]>", "\0", "x");
  fc.assert(fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
    const html = renderPage(page(pieces.join("")));
    for (const mark of ["<", ">", '"']) assert.equal(count(html, mark), count(plain, mark));
  }));
});

Deno.test("renderPage() sets the command of a hint apart", () => {
  const html = renderPage({
    ...wrongStatePage(),
    next: "Sign in with a code: codex login --headless",
  });
  assert.match(html, /a code: <code>codex login --headless<\/code><\/p>/);
});

Deno.test("successPage() names the account where it is known", () => {
  const html = renderPage(successPage({ email: "ada@example.com", plan: "Plus" }));
  assert.match(html, /<title>You are signed in · codex<\/title>/);
  assert.match(html, /<dt>Account<\/dt><dd><bdi>ada@example.com<\/bdi><\/dd>/);
  assert.match(html, /<dt>Plan<\/dt><dd><bdi>Plus<\/bdi><\/dd>/);
  assert.ok(!renderPage(successPage()).includes("<dl>"));
});

Deno.test("successPage() tells what the user ought to know", () => {
  const html = renderPage(successPage({ plan: "Free", note: "A Free plan has little allowance." }));
  assert.match(html, /<p>A Free plan has little allowance.<\/p>/);
});

Deno.test("errorPage() shows message, code and next step", () => {
  const refused = {
    kind: "refused",
    code: "access_denied",
    message: "The user said <b>no</b>",
  } as const;
  const page = errorPage(callbackError(refused), refused.code);
  assert.equal(page.status, 400);
  const html = renderPage(page);
  assert.match(html, /The sign-in was refused: The user said &#60;b&#62;no&#60;\/b&#62;\.<\/p>/);
  assert.match(html, /<dt>Error code<\/dt><dd><bdi>access_denied<\/bdi>/);
  assert.match(html, /Try again with: <code>codex login<\/code>/);
});

Deno.test("errorPage() says in words that the workspace has no Codex", () => {
  const message = "missing_codex_entitlement";
  const error = callbackError({ kind: "refused", code: "access_denied", message });
  const html = renderPage(errorPage(error, "access_denied"));
  assert.match(html, /<h1>No access to Codex<\/h1>/);
  assert.match(html, /Ask the workspace&#39;s administrator/);
});

Deno.test("errorPage() ends a message once", () => {
  const message = (text: string) => errorPage(new CodexError("internal", text)).message;
  assert.equal(message("It broke"), "It broke.");
  assert.equal(message("It broke."), "It broke.");
  assert.equal(message("Did it break?"), "Did it break?");
});

Deno.test("errorPage() knows a cancelled sign-in", () => {
  const cancelled = [
    new DOMException("Stopped", "AbortError"),
    new CodexError("aborted", "Cancelled by SIGINT"),
  ];
  for (const error of cancelled) {
    const page = errorPage(error);
    assert.equal(page.title, "Sign-in cancelled");
    assert.equal(page.message, "Nothing was changed on your machine.");
  }
});

Deno.test("errorPage() repeats nothing of an error that is not ours", () => {
  for (const error of [new TypeError("at /home/ada/secret"), "secret", undefined]) {
    const page = errorPage(error);
    assert.equal(page.status, 500);
    assert.ok(!renderPage(page).includes("secret"));
  }
});
