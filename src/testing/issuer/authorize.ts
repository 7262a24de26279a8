/** The page that asks the user, in the browser flow. */
import { CALLBACK_PATH, CALLBACK_PORTS, CLIENT_ID } from "../../protocol/endpoints.ts";
import { escapeHtml, page } from "../answers.ts";
import type { Handler, World } from "../world.ts";

/** `GET /oauth/authorize`. */
export const authorize: Handler = (incoming, world) => {
  const { searchParams } = incoming.url;
  const wrong = complaint(searchParams, world);
  // Where the client or its address is in doubt nothing is sent back there (RFC 6749, 4.1.2.1).
  if (wrong !== undefined) return page(400, "This sign-in is not valid", `<p>${wrong}</p>`);
  const { outcome } = world.settings.browser;
  const decision = searchParams.get("decision");
  if (outcome === "never") return page(200, "Sign in", "<p>This page goes nowhere.</p>");
  if (outcome === "page" && decision === null) return question(incoming.url);
  return sendBack(searchParams, decision === "deny" ? "deny" : outcome, world);
};

function complaint(query: URLSearchParams, { settings }: World): string | undefined {
  const redirect = query.get("redirect_uri") ?? "";
  if (query.get("client_id") !== CLIENT_ID) return "The client_id is not known.";
  if (!isRegistered(redirect, settings.browser.anyPort)) {
    return `The redirect_uri is not registered: <code>${escapeHtml(redirect)}</code>`;
  }
  if (query.get("response_type") !== "code") return "The response_type must be code.";
  if (query.get("code_challenge_method") !== "S256") {
    return "The code_challenge_method must be S256.";
  }
  if (!/^[\w-]{43}$/.test(query.get("code_challenge") ?? "")) {
    return "The code_challenge must be 43 characters of base64url.";
  }
  if (!query.get("state")) return "The state is missing.";
  if (!(query.get("scope") ?? "").split(" ").includes("openid")) {
    return "The scope must include openid.";
  }
  const wanted = query.get("allowed_workspace_id")?.split(",");
  if (wanted !== undefined && !settings.workspaces.some(({ id }) => wanted.includes(id))) {
    return "You are not a member of this workspace.";
  }
  return undefined;
}

/** The issuer knows four addresses by heart: two names for this machine, two ports. */
function isRegistered(redirect: string, anyPort: boolean): boolean {
  const url = URL.parse(redirect);
  if (url === null || url.protocol !== "http:" || url.pathname !== CALLBACK_PATH) return false;
  if (url.search !== "" || url.hash !== "" || url.username !== "") return false;
  return ["127.0.0.1", "localhost"].includes(url.hostname) &&
    (anyPort || CALLBACK_PORTS.includes(Number(url.port)));
}

function question(url: URL): Response {
  const link = (decision: string, text: string) => {
    const target = new URL(url);
    target.searchParams.set("decision", decision);
    return `<a href="${escapeHtml(target.pathname + target.search)}">${text}</a>`;
  };
  const program = escapeHtml(url.searchParams.get("originator") ?? "a program");
  return page(
    200,
    "Sign in",
    `<p>May <b>${program}</b> use your account?</p>` +
      `<p>${link("approve", "Approve")} ${link("deny", "Deny")}</p>`,
  );
}

function sendBack(query: URLSearchParams, outcome: string, { settings, codes }: World): Response {
  const redirect = query.get("redirect_uri") ?? "";
  const target = new URL(redirect);
  if (outcome === "deny") {
    const { error = "access_denied", description } = settings.browser;
    target.searchParams.set("error", error);
    if (description !== undefined) target.searchParams.set("error_description", description);
  } else if (outcome !== "no-code") {
    const wanted = query.get("allowed_workspace_id")?.split(",");
    const workspace = settings.workspaces.find(({ id }) => wanted?.includes(id)) ??
      settings.workspaces[0];
    const challenge = query.get("code_challenge") ?? "";
    target.searchParams.set("code", codes.issue(redirect, challenge, workspace));
    target.searchParams.set("scope", query.get("scope") ?? "");
  }
  const state = outcome === "wrong-state" ? "another-state" : query.get("state") ?? "";
  if (outcome !== "no-state") target.searchParams.set("state", state);
  return new Response(null, { status: 302, headers: { location: target.href } });
}
