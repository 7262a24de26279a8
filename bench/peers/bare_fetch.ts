/**
 * The least that a Deno program can do for the same answer: one `fetch`, lines, JSON, text. It has
 * no sign-in to look after, no retries, no options; what the command costs beyond it is what those
 * cost.
 */
const { BARE_URL = "", BARE_ACCESS = "", BARE_ACCOUNT = "" } = Deno.env.toObject();

const response = await fetch(BARE_URL, {
  method: "POST",
  headers: {
    "content-type": "application/json",
    accept: "text/event-stream",
    authorization: `Bearer ${BARE_ACCESS}`,
    "chatgpt-account-id": BARE_ACCOUNT,
  },
  body: JSON.stringify({
    model: "gpt-5.5",
    stream: true,
    store: false,
    instructions: "Answer briefly.",
    input: [{ role: "user", content: [{ type: "input_text", text: Deno.args[0] }] }],
    include: ["reasoning.encrypted_content"],
  }),
});
if (!response.ok || response.body === null) Deno.exit(1);

const encoder = new TextEncoder();
const decoder = new TextDecoder();
let rest = "";
for await (const chunk of response.body) {
  const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    if (!line.startsWith("data: ")) continue;
    const event = JSON.parse(line.slice("data: ".length));
    if (event.type === "response.output_text.delta") {
      Deno.stdout.writeSync(encoder.encode(event.delta));
    }
  }
}
Deno.stdout.writeSync(encoder.encode("\n"));
