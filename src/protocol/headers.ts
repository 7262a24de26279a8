/** Names of headers that the service reads or writes. Seen in the official client 0.169.0. */

/** Names the account that a ChatGPT request is made for; sent with every one. */
export const ACCOUNT_HEADER = "chatgpt-account-id";

/** Names the program. */
export const ORIGINATOR_HEADER = "originator";

/** Keeps the requests of one conversation on one prompt cache (reported: without it a third missed). */
export const SESSION_HEADER = "session-id";

/** Says, with the value `true`, that the body has the lite shape. */
export const LITE_HEADER = "x-openai-internal-codex-responses-lite";

/** Ids of a request, in the order of preference. */
export const REQUEST_ID_HEADERS: readonly string[] = ["x-request-id", "x-oai-request-id", "cf-ray"];

/** Changes whenever the account's model list does. */
export const MODELS_ETAG_HEADER = "x-models-etag";

/** The beginning of every header about limits: `x-codex-primary-used-percent` and the like. */
export const LIMIT_HEADER_PREFIX = "x-codex-";

/** Names the model that really answers, where that was not the one asked for. */
export const SERVED_MODEL_HEADER = "openai-model";
