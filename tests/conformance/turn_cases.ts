/** The official client asks the model: text, tools, an image, a schema, a conversation resumed. */
import { combine, reasoning, reply, toolCall } from "../../testing.ts";
import type { Case } from "./case.ts";
import { OfficialDesk } from "./official.ts";

const EXEC = ["exec", "--skip-git-repo-check"];
const CLASSIC = [...EXEC, "-m", "gpt-5.5"];

/** Four by four pixels of one colour. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGP4z8AARwzEcQCukw/x0F8jng" +
  "AAAABJRU5ErkJggg==";

const SCHEMA = {
  type: "object",
  properties: { answer: { type: "string" } },
  required: ["answer"],
  additionalProperties: false,
};

/** The cases. */
export const TURN_CASES: readonly Case[] = [
  ["a text turn, and all that is asked beside it", async (program, check) => {
    const scenario = { turns: [reply("A bare answer.")] };
    await using desk = await OfficialDesk.open(program, { scenario, talkative: true });
    check.ended(await desk.run([...CLASSIC, "say hi"]), 0, "A bare answer.\n");
    const { simulator } = desk;
    check.request("accounts-check", simulator.requestsTo("accounts-check")[0]);
    check.request("models", simulator.requestsTo("models")[0]);
    check.request("websocket", simulator.requestsTo("websocket")[0]);
    const asked = simulator.requestsTo("responses");
    check.same("requests", asked.map(({ status }) => status), [200]);
    check.request("responses (text)", asked[0]);
    check.besides(desk);
  }],
  ["a text turn with a lite model", async (program, check) => {
    const scenario = { turns: [reply("A lite answer.")] };
    await using desk = await OfficialDesk.open(program, { scenario, talkative: true });
    check.ended(await desk.run([...EXEC, "say hi"]), 0, "A lite answer.\n");
    check.request("responses (text, lite)", desk.simulator.requestsTo("responses")[0]);
    check.besides(desk);
  }],
  ["a tool turn", async (program, check) => {
    const cmd = "echo hello; echo err >&2; exit 3";
    const turns = [
      combine(
        reasoning("**Planning** Run it"),
        reply("I'll run a command.", { phase: "commentary" }),
        toolCall("exec_command", { cmd }),
      ),
      reply("Done: hello"),
    ];
    await using desk = await OfficialDesk.open(program, { scenario: { turns } });
    const ended = await desk.run([...EXEC, "--json", "-m", "gpt-5.5", "run echo"]);
    check.ended(ended, 0);
    const events = ended.stdout.trim().split("\n").map((line) => JSON.parse(line));
    check.same("events", events.map(({ type, item }) => item?.type ?? type), [
      "thread.started",
      "turn.started",
      "reasoning",
      "agent_message",
      "command_execution",
      "command_execution",
      "agent_message",
      "turn.completed",
    ]);
    const [first, second] = desk.simulator.requestsTo("responses");
    check.request("responses (tool, 1)", first);
    check.request("responses (tool, 2)", second);
    check.has("what the tool said", second?.body ?? "", /exited with code 3.*hello/);
    check.besides(desk);
  }],
  ["an image", async (program, check) => {
    const scenario = { turns: [reply("A square.")] };
    await using desk = await OfficialDesk.open(program, { scenario });
    const image = await desk.dir.write("work/a.png", Uint8Array.fromBase64(PNG));
    const ended = await desk.run([...CLASSIC, "-i", image, "--", "what is this"]);
    check.ended(ended, 0, "A square.\n");
    const asked = desk.simulator.requestsTo("responses")[0];
    check.request("responses (image)", asked);
    check.has("the image", asked?.body ?? "", `data:image/png;base64,${PNG}`);
  }],
  ["an output schema", async (program, check) => {
    const scenario = { turns: [reply('{"answer":"yes"}')] };
    await using desk = await OfficialDesk.open(program, { scenario });
    await desk.dir.write("work/schema.json", JSON.stringify(SCHEMA));
    const flags = ["--output-schema", "schema.json", "-o", "last.txt"];
    check.ended(await desk.run([...CLASSIC, ...flags, "answer as json"]), 0, '{"answer":"yes"}\n');
    check.same("the file", await desk.dir.read("work/last.txt"), '{"answer":"yes"}');
    check.request("responses (schema)", desk.simulator.requestsTo("responses")[0]);
  }],
  ["a conversation resumed", async (program, check) => {
    const turns = [
      combine(reasoning("Thinking"), reply("The first answer.", { phase: "final_answer" })),
      reply("The second answer."),
    ];
    await using desk = await OfficialDesk.open(program, { scenario: { turns } });
    check.ended(await desk.run([...CLASSIC, "first question"]), 0, "The first answer.\n");
    const resume = ["exec", "resume", "--skip-git-repo-check", "--last", "-m", "gpt-5.5"];
    check.ended(await desk.run([...resume, "second question"]), 0, "The second answer.\n");
    const [first, second] = desk.simulator.requestsTo("responses");
    check.request("responses (resumed, 1)", first);
    check.request("responses (resumed, 2)", second);
    check.has("the history", second?.body ?? "", /first question.*The first answer.*second q/);
  }],
];
