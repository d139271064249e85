import { deepStrictEqual as equal } from "node:assert/strict";
import type { Frame } from "../contracts/frame.ts";
import { format, rational } from "../time/rational.ts";
import { fillDuplicates } from "./fill_duplicates.ts";
import { intervalsOf } from "./intervals.ts";
import { flat } from "./_testing.ts";

const image = flat(0);

/** Returns intervals and outputs of frames at timestamps in units of 1/24 s; `*` marks duplicates, `|` scene cuts. */
async function filled(video: string, { loop = false, factor = 2 } = {}): Promise<string[]> {
  async function* frames(): AsyncGenerator<Frame> {
    for (const text of video.split(" ")) {
      const facts = { duplicate: text.endsWith("*"), cut: text.endsWith("|") };
      yield { pts: BigInt(parseInt(text)), timebase: rational(1, 24), duration: 1n, image, facts };
    }
  }
  const sampling = { kind: "factor" as const, factor: rational(factor) };
  const intervals = intervalsOf(frames(), { sampling, slowdown: rational(1), holdLast: true, loop });
  const shown: string[] = [];
  for await (const { first, second, outputs } of fillDuplicates(intervals)) {
    shown.push(`${first.pts}-${second.pts}: ${outputs.map(({ pts, t }) => `${pts}@${format(t)}`).join(" ")}`);
  }
  return shown;
}

Deno.test("fillDuplicates() interpolates over the whole time for which content stays the same", async () => {
  equal(await filled("0 1* 2 3"), ["0-2: 0@0 1@1/4 2@1/2 3@3/4", "2-3: 4@0 5@1/2", "3-3: 6@0 7@0"]);
  equal(await filled("0 1* 2* 3"), ["0-3: 0@0 1@1/6 2@1/3 3@1/2 4@2/3 5@5/6", "3-3: 6@0 7@0"]);
});

Deno.test("fillDuplicates() follows the timestamps of a variable frame rate", async () => {
  equal((await filled("0 1* 4"))[0], "0-4: 0@0 1@1/8 2@1/4 5@5/8");
});

Deno.test("fillDuplicates() keeps stalls of more than a third of a second", async () => {
  const eight = await filled("0 1* 2* 3* 4* 5* 6* 7* 8", { factor: 1 });
  equal(eight[0], "0-8: 0@0 1@1/8 2@1/4 3@3/8 4@1/2 5@5/8 6@3/4 7@7/8");
  const nine = await filled("0 1* 2* 3* 4* 5* 6* 7* 8* 9", { factor: 1 });
  equal(nine, Array.from({ length: 9 }, (_, i) => `${i}-${i + 1}: ${i}@0`).concat("9-9: 9@0"));
  const long = await filled(`0 ${Array.from({ length: 40 }, (_, i) => `${i + 1}*`).join(" ")} 41 42* 43`, {
    factor: 1,
  });
  equal(long.slice(40), ["40-41: 40@0", "41-43: 41@0 42@1/2", "43-43: 43@0"]);
});

Deno.test("fillDuplicates() does not merge intervals across a cut or the end of the video, but across the end of a loop", async () => {
  equal(await filled("0 1* 2|", { factor: 1 }), ["0-1: 0@0", "1-2: 1@0", "2-2: 2@0"]);
  equal(await filled("0 1 2*", { factor: 1 }), ["0-1: 0@0", "1-2: 1@0", "2-2: 2@0"]);
  equal(await filled("0 1 2*", { factor: 1, loop: true }), ["0-1: 0@0", "1-0: 1@0 2@1/2"]);
});

Deno.test("fillDuplicates() keeps all output frames and timestamps for every pattern of duplicates", async () => {
  const timestamps = (steps: string[]) =>
    steps.flatMap((step) => step.split(": ")[1]!.split(" ").map((s) => parseInt(s)));
  for (let bits = 0; bits < 256; bits++) {
    const video = Array.from({ length: 9 }, (_, i) => `${i}${i > 0 && bits >> (i - 1) & 1 ? "*" : ""}`).join(" ");
    equal(timestamps(await filled(video)), Array.from({ length: 18 }, (_, i) => i), video);
  }
});
