/** One case of the conformance run: what was looked at, and what was not as it should be. */
import type { RecordedRequest } from "../../testing.ts";
import type { Ended, OfficialDesk } from "./official.ts";
import { difference, shapeOf } from "./shape.ts";

/** What the official client was recorded to send to another server than the simulator. */
interface Recorded {
  /** Each request as lines; where it names another, what it has more (`+`) and less (`-`). */
  readonly requests: Readonly<Record<string, readonly string[] | Derived>>;
  /** What it asks beside the way, as method and path. */
  readonly beside: readonly string[];
  /** Hosts that it asks beside the simulated ones. */
  readonly hosts: readonly string[];
}

interface Derived {
  readonly like: string;
  readonly difference: readonly string[];
}

const RECORDED: Recorded = JSON.parse(
  await Deno.readTextFile(new URL("../fixtures/official/requests.json", import.meta.url)),
);

/** Collects what is wrong, so that one mistake does not hide the next. */
export class Check {
  /** What is wrong, in the order in which it was found. */
  readonly problems: string[] = [];

  /** That two values are the same, as JSON. */
  same(what: string, found: unknown, expected: unknown): void {
    const [is, should] = [JSON.stringify(found), JSON.stringify(expected)];
    if (is !== should) this.problems.push(`${what}: ${is} in place of ${should}`);
  }

  /** That a text has something in it. */
  has(what: string, text: string, pattern: RegExp | string): void {
    const found = typeof pattern === "string" ? text.includes(pattern) : pattern.test(text);
    if (!found) this.problems.push(`${what}: ${JSON.stringify(text.slice(-600))} lacks ${pattern}`);
  }

  /** That a command ended as it should, and what its answer was. */
  ended(ended: Ended, code: number, stdout?: string): void {
    this.same("status", ended.code, code);
    if (stdout !== undefined) this.same("stdout", ended.stdout, stdout);
    if (this.problems.length > 0) this.problems.push(`stderr: ${ended.stderr.slice(-600)}`);
  }

  /** That a request is like the recorded one of this name. */
  request(name: string, found: RecordedRequest | undefined): void {
    if (found === undefined) {
      this.problems.push(`no request like "${name}"`);
      return;
    }
    const { method, headers, body: text, json, form } = found;
    const url = new URL(found.url);
    const body = form ?? json ?? (text === "" ? undefined : text);
    const shape = shapeOf({ method, target: url.pathname + url.search, headers, body });
    this.lines(name, shape);
  }

  /** That lines are those of the recorded request of this name. */
  lines(name: string, found: readonly string[]): void {
    const wrong = difference(linesOf(name), found);
    if (wrong.length > 0) {
      this.problems.push(
        `${name} differs:`,
        ...wrong.map((line) => `  ${line}`),
      );
    }
  }

  /** That nothing was asked but what is known, neither here nor elsewhere. */
  besides(desk: OfficialDesk): void {
    const asked = desk.simulator.requests.filter(({ route }) => route === "unknown");
    for (const { method, path } of asked) {
      const line = `${method} ${path}`;
      if (!RECORDED.beside.includes(line)) this.problems.push(`asks ${line}, which is new`);
    }
    for (const { host, allowed } of desk.proxy.requests) {
      if (!allowed && !RECORDED.hosts.includes(host)) this.problems.push(`asks the host ${host}`);
    }
  }
}

function linesOf(name: string): readonly string[] {
  const recorded = RECORDED.requests[name];
  if (recorded === undefined) throw new Error(`nothing recorded is called "${name}"`);
  if (!("like" in recorded)) return recorded;
  const less = recorded.difference.filter((line) => line.startsWith("- "));
  const more = recorded.difference.filter((line) => line.startsWith("+ "));
  const base = linesOf(recorded.like).filter((line) => !less.includes(`- ${line}`));
  return [...base, ...more.map((line) => line.slice(2))];
}
