/** The page on which the user says yes. */
import { CLIENT_ID, issuerEndpoints, SCOPE } from "../../protocol/endpoints.ts";

/** What an authorize URL says. */
export interface AuthorizeRequest {
  /** Whom to ask. */
  readonly issuer: string;
  /** Where the browser comes back; the issuer knows it by heart, port included. */
  readonly redirectUri: string;
  /** The PKCE challenge. */
  readonly challenge: string;
  /** Comes back with the answer. */
  readonly state: string;
  /** Who asks. */
  readonly originator: string;
  /** Only these workspaces may be signed in to. */
  readonly workspaces?: readonly string[] | undefined;
}

/**
 * Makes the authorize URL, its parameters in the official client's order (0.169.0).
 *
 * @param request What it says.
 * @returns The URL; it holds the state, so it is not for a log.
 */
export function authorizeUrl(request: AuthorizeRequest): URL {
  const url = new URL(issuerEndpoints(request.issuer).authorize);
  const parameters: readonly (readonly [name: string, value: string])[] = [
    ["response_type", "code"],
    ["client_id", CLIENT_ID],
    ["redirect_uri", request.redirectUri],
    ["code_challenge", request.challenge],
    ["code_challenge_method", "S256"],
    ["state", request.state],
    ["scope", SCOPE],
    ["id_token_add_organizations", "true"],
    ["codex_cli_simplified_flow", "true"],
    ["originator", request.originator],
  ];
  for (const [name, value] of parameters) url.searchParams.append(name, value);
  const { workspaces = [] } = request;
  if (workspaces.length > 0) {
    url.searchParams.append("allowed_workspace_id", workspaces.join(","));
  }
  return url;
}
