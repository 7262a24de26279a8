/** What `--verbose` adds on stderr: requests, retries, limits, timings, and where defaults come from. */
import type { RunEvent } from "../../agent/run_events.ts";
import { redact } from "../../base/redact.ts";
import type { RateLimits } from "../../responses/limits.ts";
import type { Cli } from "../cli.ts";
import { formatDuration, formatWhen } from "../time.ts";
import type { RunTools } from "./tools.ts";
import type { Choices } from "./choices.ts";

/** Variables that change what a run does; the values of the first ones are told. */
const TOLD = [
  "CODEX_PROFILE",
  "CODEX_AUTH_FILE",
  "CODEX_STDIN_TIMEOUT",
  "CODEX_ISSUER_URL",
  "CODEX_BASE_URL",
  "CODEX_API_BASE_URL",
  "CODEX_ORIGINATOR",
  "CODEX_CLIENT_VERSION",
  "CODEX_CA_CERTIFICATE",
  "SSL_CERT_FILE",
  "NO_PROXY",
] as const;
/** Of these, only that they are set: they hold secrets, or may. */
const NAMED = [
  "CODEX_ACCESS_TOKEN",
  "CODEX_AUTH_JSON",
  "HTTPS_PROXY",
  "HTTP_PROXY",
  "ALL_PROXY",
] as const;

/**
 * Tells where the defaults of a run come from.
 *
 * @param cli Where to.
 * @param choices What was chosen.
 * @param place What the tools may do; none for a run without tools.
 */
export function narrateDefaults(cli: Cli, { model, effort }: Choices, place?: RunTools): void {
  const say = (text: string) => cli.stderr.line(`codex: ${redact(text)}`);
  say(`model ${model.value ?? "the account's first"} (${model.origin})`);
  say(`effort ${effort.value ?? "the model's own"} (${effort.origin})`);
  if (place === undefined) say("no tools (--no-tools)");
  else {
    const { policy, origin, projectFiles } = place;
    const { mode } = policy;
    const network = mode === "danger-full-access"
      ? "nothing is confined"
      : policy.network
      ? "with network"
      : "without network";
    say(`sandbox ${mode}, ${network}, in ${policy.workspace} (${origin})`);
    say(`project instructions: ${projectFiles.join(", ") || "none"}`);
  }
  for (const name of TOLD) {
    const value = cli.env(name);
    if (value !== undefined) say(`${name} is set: ${value}`);
  }
  for (const name of NAMED) if (cli.env(name) !== undefined) say(`${name} is set`);
}

/**
 * Makes the teller of a run's events.
 *
 * @param cli Where to.
 */
export function narrator(cli: Cli): (event: RunEvent) => void {
  const started = cli.clock.now();
  const since = () => `${((cli.clock.now() - started) / 1000).toFixed(1)} s`;
  const say = (text: string) => cli.stderr.line(`codex: ${redact(text)}`);
  let told = "";
  return (event) => {
    switch (event.type) {
      case "step-start":
        return say(`step ${event.step}, after ${since()}`);
      case "start":
        return say(`model ${event.model}, request ${event.requestId ?? "?"}, after ${since()}`);
      case "retry":
        return say(
          `${event.code}, retry ${event.attempt} of ${event.of} in ${
            formatDuration(event.delayMs)
          }`,
        );
      case "limits": {
        const limits = limitsLine(event.limits, cli.clock.now());
        if (limits !== "" && limits !== told) say(limits);
        told = limits;
        return;
      }
      case "run-finish": {
        const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = event.usage;
        const first = event.firstTokenMs === undefined
          ? ""
          : `, first text after ${(event.firstTokenMs / 1000).toFixed(1)} s`;
        return say(
          `${event.reason} after ${(event.ms / 1000).toFixed(1)} s${first}, ` +
            `${inputTokens} tokens in (${cachedInputTokens} cached), ` +
            `${outputTokens} out (${reasoningTokens} reasoning)`,
        );
      }
    }
  };
}

function limitsLine({ primary, secondary }: RateLimits, now: number): string {
  const windows = [primary, secondary].flatMap((window) => {
    if (window === undefined) return [];
    const { usedPercent, windowSeconds, resetsAt } = window;
    const span = windowSeconds === undefined ? "window" : formatDuration(windowSeconds * 1000);
    const reset = Date.parse(resetsAt ?? "");
    const when = Number.isNaN(reset) ? "" : `, resets ${formatWhen(reset, now)}`;
    return [`${span} ${Math.round(usedPercent)}% used${when}`];
  });
  return windows.length === 0 ? "" : `limits: ${windows.join("; ")}`;
}
