/** Model requests of a ChatGPT sign-in. */
import { MODELS_ETAG_HEADER } from "../../protocol/headers.ts";
import { detail } from "../answers.ts";
import type { Handler } from "../world.ts";
import { admit } from "./access.ts";
import { limitHeaders } from "./limits.ts";
import { modelsEtag } from "./listings.ts";
import { performTurn } from "./perform.ts";
import { checkRequest } from "./request_rules.ts";

/** `POST /backend-api/codex/responses`. */
export const respond: Handler = async (incoming, world) => {
  const admitted = admit(incoming, world);
  if ("refused" in admitted) return admitted.refused;
  if (incoming.bytes > world.settings.rules.maxBodyBytes) {
    return detail(413, "Request body is too large");
  }
  if (incoming.text === undefined) return detail(400, "Request body could not be decompressed");
  const checked = checkRequest(incoming.json, incoming.headers, world);
  if ("refused" in checked) return checked.refused;
  return await performTurn({
    request: checked.body,
    workspace: admitted.workspace,
    headers: {
      ...limitHeaders(world),
      [MODELS_ETAG_HEADER]: modelsEtag(admitted.workspace, world),
      "openai-model": checked.model.slug,
    },
    publicApi: false,
    signal: incoming.signal,
    served: incoming.served,
  }, world);
};

/** `GET /backend-api/codex/responses`: the upgrade to a WebSocket is refused, so that SSE is used. */
export const refuseUpgrade: Handler = (incoming) => {
  return incoming.headers.get("upgrade")?.toLowerCase() === "websocket"
    ? new Response(null, { status: 426 })
    : detail(405, "Method Not Allowed");
};
