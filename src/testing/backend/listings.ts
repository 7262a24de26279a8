/** What the backend tells beside answers: models, allowance, workspaces. */
import { detail, jsonAnswer } from "../answers.ts";
import type { Workspace } from "../scenario.ts";
import type { Handler, World } from "../world.ts";
import { admit } from "./access.ts";
import { isAtLeast } from "./catalogue.ts";
import { windowsOf } from "./limits.ts";

/** `GET /backend-api/codex/models`. */
export const listModels: Handler = (incoming, world) => {
  const admitted = admit(incoming, world);
  if ("refused" in admitted) return admitted.refused;
  // An unknown version is shown nothing (reported for `0.1.0`); each model has its own minimum.
  const version = incoming.url.searchParams.get("client_version") ?? "";
  const models = world.models
    .filter(({ minimalVersion }) => isAtLeast(version, minimalVersion))
    .filter(({ plansExcluded }) => !plansExcluded.includes(admitted.workspace.plan))
    .map(({ wire }) => wire);
  return jsonAnswer(200, { models }, { etag: modelsEtag(admitted.workspace, world) });
};

/** Changes whenever the account's list does. */
export function modelsEtag(workspace: Workspace, { modelsHash }: World): string {
  return `"${modelsHash}-${workspace.plan}"`;
}

/** `GET /backend-api/wham/usage`. */
export const usage: Handler = (incoming, world) => {
  const admitted = admit(incoming, world);
  if ("refused" in admitted) return admitted.refused;
  const { settings } = world;
  const { primary, secondary } = windowsOf(world);
  const { credits } = settings.limits;
  const reached = [primary, secondary].some((window) => (window?.usedPercent ?? 0) >= 100);
  return jsonAnswer(200, {
    user_id: settings.userId,
    account_id: admitted.workspace.id,
    email: settings.email,
    plan_type: admitted.workspace.plan,
    rate_limit: {
      allowed: !reached,
      limit_reached: reached,
      primary_window: wireWindow(primary),
      secondary_window: wireWindow(secondary),
    },
    code_review_rate_limit: null,
    additional_rate_limits: [],
    credits: credits === undefined ? null : {
      has_credits: credits.unlimited === true || Number(credits.balance ?? 0) > 0,
      unlimited: credits.unlimited ?? false,
      ...(credits.balance === undefined ? {} : { balance: credits.balance }),
    },
    spend_control: null,
    rate_limit_reached_type: reached ? { type: "rate_limit_reached" } : null,
    rate_limit_reset_credits: { available_count: 0 },
  });
};

/** All integers: the official client drops the whole answer for one fraction. */
function wireWindow(window: ReturnType<typeof windowsOf>["primary"]): unknown {
  if (window === null) return null;
  return {
    used_percent: window.usedPercent,
    limit_window_seconds: window.windowMinutes * 60,
    reset_after_seconds: window.resetsIn,
    reset_at: window.resetAt,
  };
}

/** `GET /backend-api/wham/accounts/check`. */
export const accountsCheck: Handler = (incoming, world) => {
  const admitted = admit(incoming, world);
  if ("refused" in admitted) return admitted.refused;
  const { workspaces } = world.settings;
  return jsonAnswer(200, {
    accounts: workspaces.map(({ id, plan, title }) => ({
      id,
      plan_type: plan,
      name: title ?? null,
      structure: title === undefined ? "personal" : "workspace",
      workspace_backend_origin: "NO_CONSTRAINT",
      account_routing_override: "NO_CONSTRAINT",
    })),
    account_ordering: workspaces.map(({ id }) => id),
    default_account_id: workspaces[0].id,
  });
};

/** `POST /backend-api/codex/chat/completions`: the backend serves only Responses (reported). */
export const chatCompletions: Handler = () => detail(403, "Forbidden");
