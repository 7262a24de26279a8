/** What the simulator tells: its addresses, each request, and what was not as expected. */
import { shellWord } from "../../base/shell_word.ts";
import type { ExpectationProblem } from "../../testing/expectation.ts";
import type { RecordedRequest } from "../../testing/recorded.ts";
import type { SimulatorAddresses } from "../../testing/simulator_options.ts";

/** The page on which a person types a device code. */
function devicePage({ issuer }: SimulatorAddresses): string {
  return new URL("/codex/device", issuer).href;
}

/** The first line for a machine. */
export function addressRecord(
  addresses: SimulatorAddresses,
  env: Readonly<Record<string, string>>,
): string {
  const { issuer, baseUrl, apiBaseUrl } = addresses;
  const record = {
    type: "simulator",
    issuer: issuer.origin,
    baseUrl: baseUrl.href,
    apiBaseUrl: apiBaseUrl.href,
    devicePage: devicePage(addresses),
    env,
  };
  return `${JSON.stringify(record)}\n`;
}

/** The same for a person and for a shell: every line is one that `sh` can read. */
export function shellLines(
  addresses: SimulatorAddresses,
  env: Readonly<Record<string, string>>,
): string {
  return [
    `# The simulator listens on ${addresses.issuer.origin}; Ctrl-C ends it.`,
    `# Device codes are typed at ${devicePage(addresses)}`,
    ...Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`),
    "# ready",
    "",
  ].join("\n");
}

/** A request in one line: what it was, how it was answered, and by what of the scenario. */
export function requestLine({ method, path, status, turn, fault }: RecordedRequest): string {
  const by = [
    ...(fault === undefined ? [] : [`/faults/${fault}`]),
    ...(turn === undefined ? [] : [`/turns/${turn}`]),
  ];
  return [method, path, status ?? "dropped", ...by].join(" ");
}

/** What is not as expected, in lines. */
export function problemLines({ path, message, diff }: ExpectationProblem): readonly string[] {
  return [`codex: ${message} (${path})`, ...diff];
}

/** The last line for a machine. */
export function finishRecord(requests: number, problems: readonly ExpectationProblem[]): string {
  return `${JSON.stringify({ type: "simulator-finish", requests, problems })}\n`;
}
