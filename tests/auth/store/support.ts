/** What the tests of the stores share. */
import type { OAuthCredentials } from "../../../src/base/credentials.ts";
import type { FaultPoint } from "../../../src/auth/store/file_store.ts";
import type { ChildResult, ChildSpec } from "./update_child.ts";

/** A sign-in that can be told from others by its number. */
export function signIn(number: number = 1): OAuthCredentials {
  return {
    type: "oauth",
    refresh: `rt_${number}`,
    access: "access-token-of-a-test",
    expires: number,
    accountId: "acct-1",
  };
}

/** The text of a credential file with one sign-in, as the store writes it. */
export function fileText(credentials: OAuthCredentials, key: string = "openai"): string {
  const members = Object.entries(credentials)
    .map(([name, value]) => `    ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `{\n  "${key}": {\n${members.join(",\n")}\n  }\n}\n`;
}

const CHILD = new URL("update_child.ts", import.meta.url).pathname;

/** How a process is run. */
export interface ProcessOptions {
  /** A program that runs it, with its arguments. */
  readonly wrapper?: readonly string[];
  /** Shell commands that come first, in the same namespaces. */
  readonly shell?: string;
  /** Deno's flags for it. */
  readonly permissions?: readonly string[];
}

/** A second process with a store of its own. */
export class StoreProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  /** Starts one. */
  constructor(spec: ChildSpec, options: ProcessOptions = {}) {
    const { wrapper = [], shell = "", permissions = ["-A"] } = options;
    const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", ...permissions];
    const run = [...deno, CHILD, JSON.stringify(spec)];
    const command = shell === "" ? run : ["sh", "-ec", `${shell}\nexec "$@"`, "sh", ...run];
    const [program = "", ...args] = [...wrapper, ...command];
    this.#child = new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      env: { RUST_BACKTRACE: "0" },
    }).spawn();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits until it stands still at the step that its spec names. */
  async stopped(point: FaultPoint): Promise<void> {
    while (!this.#text.includes(`at ${point}\n`)) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`the process ended before it came to ${point}: ${this.#text}`);
      this.#text += value;
    }
  }

  /** Ends it as nothing can be caught. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#rest();
  }

  /** Waits for its end, and reads how it went. */
  async result(): Promise<ChildResult> {
    const { success } = await this.#rest();
    if (!success) throw new Error(`the process failed: ${this.#text}`);
    return JSON.parse(this.#text.trim().split("\n").at(-1) ?? "");
  }

  async #rest(): Promise<Deno.CommandStatus> {
    await this.#child.stdin.close().catch(() => {});
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) break;
      this.#text += value;
    }
    return await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#rest();
  }
}

/** Runs a process to its end. */
export async function runStoreProcess(
  spec: ChildSpec,
  options: ProcessOptions = {},
): Promise<ChildResult> {
  await using process = new StoreProcess(spec, options);
  return await process.result();
}

/** A token of the issuer's shape, with claims of the test's choice and no signature. */
export function jwt(claims: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value))
      .toBase64({ alphabet: "base64url", omitPadding: true });
  return `${part({ alg: "RS256" })}.${part(claims)}.c2lnbmF0dXJl`;
}
