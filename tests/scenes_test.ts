import { deepStrictEqual as equal } from "node:assert/strict";
import type { Frame } from "@slomo/core";
import { annotateCuts } from "@slomo/core/frames";
import { rational } from "@slomo/core/time";
import { fromFileUrl, join } from "@std/path";
import { programs } from "./_tools.ts";
import { testUnless } from "./_unless.ts";

const [WIDTH, HEIGHT, COUNT] = [320, 180, 12];
const VIDEOS = fromFileUrl(new URL("../../shared/data/train/videos/", import.meta.url));
const PAIRS = [
  ["Grounded-SAM-2__04_coffee.mp4", "mmaction2__test.mp4"],
  ["LivePortrait__d3.mp4", "Video-Depth-Anything__Tokyo-Walk_rgb.mp4"],
  ["Track-Anything__test-sample2.mp4", "sam2__bedroom.mp4"],
] as const;

/** Returns the luma of the first frames of a video. */
async function lumaPlanes(name: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const { stdout } = await new Deno.Command((await programs()).ffmpeg, {
    args: ["-v", "error", "-nostdin", "-i", join(VIDEOS, name), "-frames:v", `${COUNT}`]
      .concat("-vf", `scale=${WIDTH}:${HEIGHT}:flags=area,format=gray`, "-f", "rawvideo", "-"),
  }).output();
  const size = WIDTH * HEIGHT;
  return Array.from({ length: stdout.length / size }, (_, i) => stdout.slice(i * size, (i + 1) * size));
}

async function* framesOf(planes: readonly Uint8Array<ArrayBuffer>[]): AsyncGenerator<Frame> {
  const format = { model: "gray", depth: 8, chroma: [1, 1], alpha: false } as const;
  for (const [i, plane] of planes.entries()) {
    const image = { width: WIDTH, height: HEIGHT, format, color: {}, planes: [plane] };
    yield { pts: BigInt(i), timebase: rational(1, 25), image, facts: {} };
  }
}

const found = await Promise.all(PAIRS.flat().map((name) => Deno.stat(join(VIDEOS, name)).catch(() => undefined)));
const missing = found.includes(undefined) ? "the videos are not here" : undefined;

testUnless(missing, "annotateCuts() finds the one cut between two videos", async () => {
  for (const [a, b] of PAIRS) {
    const planes = [...await lumaPlanes(a), ...await lumaPlanes(b)], cuts: number[] = [];
    equal(planes.length, 2 * COUNT);
    for await (const frame of annotateCuts(framesOf(planes))) {
      equal(typeof frame.facts.cut, "boolean");
      if (frame.facts.cut) cuts.push(Number(frame.pts));
    }
    equal(cuts, [COUNT], `${a} then ${b}`);
  }
});
