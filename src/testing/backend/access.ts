/** Who may ask the model backend. */
import { ACCOUNT_HEADER } from "../../protocol/headers.ts";
import { apiErrorBody, detail, jsonAnswer } from "../answers.ts";
import type { Incoming } from "../incoming.ts";
import type { Workspace } from "../scenario.ts";
import type { World } from "../world.ts";

/** The workspace that a request is for, or the answer that refuses it. */
export function admit(
  incoming: Incoming,
  { tokens, settings }: World,
): { readonly workspace: Workspace } | { readonly refused: Response } {
  const token = bearer(incoming.headers);
  if (token === undefined) return { refused: detail(401, "Unauthorized") };
  const access = tokens.inspect(token);
  if (access.state !== "good") return { refused: REFUSALS[access.state]() };
  const account = incoming.headers.get(ACCOUNT_HEADER);
  if (account === null && settings.rules.accountHeader === "required") {
    return { refused: detail(401, `Missing header: ${ACCOUNT_HEADER}`) };
  }
  if (account === null) return { workspace: access.workspace };
  const workspace = [access.workspace, ...settings.workspaces].find(({ id }) => id === account);
  if (workspace === undefined) {
    return {
      refused: jsonAnswer(403, {
        detail: { code: "workspace_access_denied", message: "Forbidden" },
      }),
    };
  }
  return { workspace };
}

/** The token of an `Authorization` header. */
export function bearer(headers: Headers): string | undefined {
  return /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
}

const REFUSALS = {
  unknown: () => detail(401, "Unauthorized"),
  expired: () =>
    unauthorized(
      "token_expired",
      "Provided authentication token is expired. Please try signing in again.",
    ),
  revoked: () =>
    unauthorized("token_revoked", "Encountered invalidated oauth token for user, failing request"),
  superseded: () =>
    unauthorized(
      "token_invalidated",
      "Your authentication token has been invalidated. Please try signing in again.",
    ),
} as const;

function unauthorized(code: string, message: string): Response {
  return jsonAnswer(401, { ...apiErrorBody({ code, message }), status: 401 });
}
