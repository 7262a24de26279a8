/** The device flow: a code for the user, polls, and the page on which the code is typed. */
import { CLIENT_ID } from "../../protocol/endpoints.ts";
import { apiError, escapeHtml, jsonAnswer, page } from "../answers.ts";
import { field } from "../incoming.ts";
import { base64Url, challengeOf } from "../jwt.ts";
import type { Handler, World } from "../world.ts";
import type { Device } from "./device_desk.ts";

/** How long a code lives where the scenario leaves its end out of the answer, in seconds. */
const UNTOLD_LIFETIME_SECONDS = 900;

/** `POST /api/accounts/deviceauth/usercode`. */
export const deviceCode: Handler = (incoming, { settings, devices }) => {
  const { disabled, interval, expiresIn } = settings.device;
  if (disabled === true) return apiError(404, { message: "Not found" });
  if (field(incoming, "client_id") !== CLIENT_ID) return invalidClient();
  const { id, device } = devices.begin(expiresIn ?? UNTOLD_LIFETIME_SECONDS);
  return jsonAnswer(200, {
    device_auth_id: id,
    user_code: device.userCode,
    ...(interval === null ? {} : { interval }),
    ...(expiresIn === null ? {} : { expires_at: instant(device.expiresAt) }),
  });
};

/** `POST /api/accounts/deviceauth/token`. */
export const devicePoll: Handler = async (incoming, world) => {
  const { settings, devices, clock } = world;
  const device = devices.find(field(incoming, "device_auth_id"), field(incoming, "user_code"));
  if (device === undefined) {
    return refused(403, "authorization_unknown", "Device authorization is unknown.");
  }
  const early = settings.device.slowDown && device.lastPoll !== undefined &&
    clock.now() - device.lastPoll < Number(settings.device.interval ?? 0) * 500;
  device.lastPoll = clock.now();
  device.polls += 1;
  if (early) {
    return apiError(403, { message: "You are polling too frequently.", code: "slow_down" });
  }
  if (device.expiresAt <= clock.now()) return expired();
  decideByItself(device, world);
  if (device.decision === undefined) return pending(device, world);
  if (device.decision === "deny") {
    return refused(403, "authorization_denied", "Device authorization was denied.");
  }
  if (settings.device.outcome === "expire") return expired();
  return await granted(device, incoming.url, world);
};

/** `GET` and `POST /codex/device`, in a browser. */
export const devicePage: Handler = (incoming, { devices }) => {
  if (incoming.method === "GET") return page(200, "Sign in with a code", CODE_FORM);
  const decision = field(incoming, "decision") === "deny" ? "deny" : "approve";
  const code = field(incoming, "user_code") ?? "";
  return devices.decide(code, decision)
    ? page(200, decision === "deny" ? "Denied" : "Approved", "<p>You may close this page.</p>")
    : page(
      400,
      "Unknown code",
      `<p>There is no code <code>${escapeHtml(code)}</code>. Look at your terminal again.</p>` +
        CODE_FORM,
    );
};

const CODE_FORM = `<form method="post"><p><label>Code ` +
  `<input name="user_code" required autofocus autocomplete="off"></label></p>` +
  `<button name="decision" value="approve">Approve</button> ` +
  `<button name="decision" value="deny">Deny</button></form>`;

function decideByItself(device: Device, { settings }: World): void {
  const { approveAfter, outcome, disabled } = settings.device;
  if (disabled === "account" || approveAfter === "page" || device.polls < approveAfter) return;
  device.decision ??= outcome === "deny" ? "deny" : "approve";
}

function pending(device: Device, { settings }: World): Response {
  const { pendingStatus } = settings.device;
  const status = pendingStatus === "alternate"
    ? (device.polls % 2 === 1 ? 403 : 404)
    : pendingStatus;
  return refused(
    status,
    "authorization_pending",
    "Device authorization is pending. Please try again.",
  );
}

/** The server makes the code verifier in this flow, and hands it over with the code. */
async function granted(device: Device, url: URL, { codes, settings }: World): Promise<Response> {
  if (device.grant === undefined) {
    const verifier = base64Url(crypto.getRandomValues(new Uint8Array(48)));
    const challenge = await challengeOf(verifier);
    const code = codes.issue(
      `${url.origin}/deviceauth/callback`,
      challenge,
      settings.workspaces[0],
    );
    device.grant = { code, verifier, challenge };
  }
  return jsonAnswer(200, {
    status: "success",
    user_code: device.userCode,
    user_code_expiration: instant(device.expiresAt),
    authorization_code: device.grant.code,
    code_challenge: device.grant.challenge,
    code_verifier: device.grant.verifier,
  });
}

function expired(): Response {
  return refused(403, "authorization_expired", "Device authorization has expired.");
}

function refused(status: number, code: string, message: string): Response {
  return apiError(status, { message, code: `deviceauth_${code}` });
}

function invalidClient(): Response {
  return apiError(400, { message: "Invalid client", code: "invalid_client" });
}

/** An instant as the issuer writes it: with an offset, not with a `Z`. */
function instant(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000+00:00");
}
