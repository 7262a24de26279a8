/** What bubblewrap says of itself while a command runs: one JSON object a line. */
import { numberAt, parseJson } from "../../base/json.ts";

/** What bubblewrap has said. */
export interface Status {
  /**
   * The first process in the sandbox, by its number outside of it. Only what is said first counts:
   * whoever could write here later must not name us a process to be killed.
   */
  readonly childPid: Promise<number | undefined>;
  /**
   * The exit status of what ran in it, once the stream has ended; `undefined` when it was ended
   * from outside.
   */
  readonly exitCode: Promise<number | undefined>;
}

/** No line is longer that matters. */
const MOST_LINE = 8192;

/**
 * Reads what bubblewrap says.
 *
 * @param stream The descriptor that it was given for that.
 */
export function readStatus(stream: ReadableStream<Uint8Array>): Status {
  const first = Promise.withResolvers<number | undefined>();
  let exitCode: number | undefined;
  const onLine = (line: string): void => {
    const value = parseJson(line);
    const childPid = numberAt(value, "child-pid");
    if (childPid !== undefined && childPid > 1) first.resolve(childPid);
    exitCode = numberAt(value, "exit-code") ?? exitCode;
  };
  const read = async () => {
    try {
      let rest = "";
      const decoder = new TextDecoder();
      for await (const bytes of stream) {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
        rest = (lines.pop() ?? "").slice(0, MOST_LINE);
        lines.forEach(onLine);
      }
      onLine(rest);
      return exitCode;
    } finally {
      first.resolve(undefined);
    }
  };
  return { childPid: first.promise, exitCode: read() };
}
