/** A real browser without a window, steered over its DevTools protocol: for pages that people see. */
import { TempDir } from "./temp_dir.ts";

/** Nothing but loopback is reached, and nothing is asked that a first start would ask. */
const FLAGS = [
  "--headless",
  // As root there is no other way.
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'",
  "--remote-debugging-port=0",
];

/** A browser that somebody else starts, by the value of `BROWSER` that is given to them. */
export class Chromium implements AsyncDisposable {
  readonly #folder: TempDir;
  #page: Promise<Page> | undefined;

  private constructor(folder: TempDir) {
    this.#folder = folder;
  }

  /** Prepares one: `await using browser = await Chromium.prepare()`. */
  static async prepare(): Promise<Chromium> {
    const folder = await TempDir.make();
    const flags = [...FLAGS, `--user-data-dir=${folder.join("profile")}`].join(" ");
    const script = `#!/bin/sh\nchromium ${flags} "$1"\n: >${folder.join("ended")}\n`;
    await folder.write("browser.sh", script, 0o755);
    return new Chromium(folder);
  }

  /** What `BROWSER` has to be for the command to start it. */
  get variable(): string {
    return this.#folder.join("browser.sh");
  }

  /** The page of the browser, once it has been started. */
  page(): Promise<Page> {
    return this.#page ??= this.#connect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#page !== undefined) {
      await (await this.#page).closeBrowser();
      // It goes on writing for a while after it has said goodbye.
      await until("the browser to end", async () => {
        return (await this.#folder.list()).includes("ended") || undefined;
      });
    }
    await this.#folder[Symbol.asyncDispose]();
  }

  async #connect(): Promise<Page> {
    const port = await until("the browser to start", async () => {
      const text = await this.#folder.read("profile/DevToolsActivePort").catch(() => "");
      return text.split("\n", 1)[0] || undefined;
    });
    const url = await until("the page", async () => {
      const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
      return targets.find(({ type }: { type: string }) => type === "page")?.webSocketDebuggerUrl;
    });
    return await Page.open(url);
  }
}

/** A page of it. */
export class Page {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  /** What the page complained about: its console, its network, its policies. */
  readonly complaints: string[] = [];
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
  }

  static async open(url: string): Promise<Page> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const page = new Page(socket);
    await page.send("Log.enable");
    return page;
  }

  /** Sends a command of the protocol. */
  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    this.#answers.set(id, answer);
    this.#socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.send("Runtime.evaluate", { expression, returnByValue: true });
    return (result as { value?: unknown } | undefined)?.value;
  }

  /** Waits until the page has a heading, and returns all of its text. */
  async waitForHeading(wanted: string): Promise<string> {
    await until(
      `a page with the heading ${wanted}`,
      async () =>
        await this.evaluate("document.querySelector('h1')?.textContent") === wanted || undefined,
    );
    return String(await this.evaluate("document.body.innerText"));
  }

  /** Clicks on the link with a text, as a person does. */
  async click(text: string): Promise<void> {
    const spot = await this.evaluate(`(() => {
      const link = [...document.links].find((one) => one.textContent === ${JSON.stringify(text)});
      const { x, y, width, height } = link.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    const press = { ...Object(spot), button: "left", clickCount: 1 };
    await this.send("Input.dispatchMouseEvent", { type: "mousePressed", ...press });
    await this.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...press });
  }

  async closeBrowser(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    await this.send("Browser.close");
    await closed;
  }

  #receive(message: Record<string, unknown>): void {
    if (message["method"] === "Log.entryAdded") {
      const { entry } = message["params"] as { entry: { text: string; url?: string } };
      this.complaints.push(`${entry.text} ${entry.url ?? ""}`);
    }
    const answer = this.#answers.get(Number(message["id"]));
    if (answer === undefined) return;
    this.#answers.delete(Number(message["id"]));
    if (message["error"] === undefined) answer.resolve(Object(message["result"]));
    else answer.reject(new Error(JSON.stringify(message["error"])));
  }
}

/** Tries until there is a value. */
async function until<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const value = await attempt();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
