import { Random } from "./random.ts";
import { checkAnything, checkChunking, checkCut, checkDamaged, recordedStreams } from "./stream.ts";

// Some cases each, by a fixed seed; `stream.ts` as a program goes on for longer.

Deno.test("any chunking of a recorded stream gives the same events", async () => {
  const random = new Random(1);
  const streams = recordedStreams();
  for (let round = 0; round < 12; round++) await checkChunking(random.of(streams), random);
});

Deno.test("a recorded stream that is cut gives the beginning of its text, and says so", async () => {
  const random = new Random(2);
  const streams = recordedStreams();
  for (let round = 0; round < 30; round++) await checkCut(random.of(streams), random);
});

Deno.test("a recorded stream with damaged events is read the same way in any chunks", async () => {
  const random = new Random(4);
  const streams = recordedStreams();
  for (let round = 0; round < 24; round++) await checkDamaged(random.of(streams), random);
});

Deno.test("bytes of any kind end in an answer or a CodexError, and never hang", async () => {
  const random = new Random(3);
  for (let round = 0; round < 150; round++) await checkAnything(random);
});
