/** The names in the issuer's tokens (id token and access token alike). */

/** The claim that holds an object of the service's own. */
export const AUTH_CLAIM = "https://api.openai.com/auth";

/** The claim that holds the profile, where `email` is not at the top. */
export const PROFILE_CLAIM = "https://api.openai.com/profile";

/** Members of {@linkcode AUTH_CLAIM}. */
export const AUTH_MEMBERS: Readonly<Record<"accountId" | "plan" | "userId", string>> = {
  accountId: "chatgpt_account_id",
  plan: "chatgpt_plan_type",
  userId: "chatgpt_user_id",
};

/**
 * Whether a refusal says that the workspace does not have Codex. The official client looks for this
 * in `error_description`, in any case.
 *
 * @param text What the issuer says: code and description.
 */
export function isMissingEntitlement(text: string): boolean {
  return text.toLowerCase().includes("missing_codex_entitlement");
}
