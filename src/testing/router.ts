/** Which handler answers which route. */
import { apiModels, apiRespond } from "./backend/public_api.ts";
import { accountsCheck, chatCompletions, listModels, usage } from "./backend/listings.ts";
import { refuseUpgrade, respond } from "./backend/responses.ts";
import { apiError } from "./answers.ts";
import { authorize } from "./issuer/authorize.ts";
import { deviceCode, devicePage, devicePoll } from "./issuer/device.ts";
import {
  exchangeApiKey,
  exchangeCode,
  refreshTokens,
  revoke,
  whoami,
} from "./issuer/token_endpoint.ts";
import type { Route } from "./routes.ts";
import type { Handler } from "./world.ts";

/** The handler of each route. */
export const HANDLERS: Readonly<Record<Route, Handler>> = {
  "device-code": deviceCode,
  "device-poll": devicePoll,
  "device-page": devicePage,
  authorize,
  token: exchangeCode,
  "api-key-exchange": exchangeApiKey,
  refresh: refreshTokens,
  revoke,
  whoami,
  models: listModels,
  responses: respond,
  websocket: refuseUpgrade,
  usage,
  "accounts-check": accountsCheck,
  "chat-completions": chatCompletions,
  "api-models": apiModels,
  "api-responses": apiRespond,
  "api-websocket": refuseUpgrade,
  unknown: ({ method, url }) =>
    apiError(404, { message: `The simulator has no ${method} ${url.pathname}`, code: "not_found" }),
};
