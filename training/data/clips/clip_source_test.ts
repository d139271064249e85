import { deepStrictEqual as equal, ok, throws } from "node:assert/strict";
import { UsageError } from "../../../core/errors.ts";
import { random } from "../random.ts";
import type { Clip } from "./clip_index.ts";
import { type ReadClip, readRegion } from "./clip_reader.ts";
import { clipSource, clipTextures, describeShortClips } from "./clip_source.ts";

const WIDTH = 40, HEIGHT = 24, FRAMES = 9;

function clip(overrides: Partial<Clip> = {}): Clip {
  const base = {
    source: "s",
    split: "train",
    frames: FRAMES,
    width: WIDTH,
    height: HEIGHT,
    rate: "30",
    start: 0,
  } as const;
  return { file: "a.rgb", motion: 8, ...base, ...overrides };
}

/** Frames whose pixels are `level(frame)` in red, the column in green and the row in blue. */
function videoOf(level: (frame: number) => number): ReadClip {
  return (_, offset, into) => {
    for (let i = 0; i < into.length; i++) {
      const at = offset + i, pixel = Math.floor(at / 3), frame = Math.floor(pixel / (WIDTH * HEIGHT));
      into[i] = [level(frame), pixel % WIDTH, Math.floor(pixel / WIDTH) % HEIGHT][at % 3]!;
    }
  };
}

Deno.test("readRegion() returns the pixels of a part of a frame", () => {
  const { values } = readRegion(videoOf((frame) => 20 * frame), clip(), 3, { x: 7, y: 5, width: 2, height: 2 });
  equal([...values], [60, 7, 5, 60, 8, 5, 60, 7, 6, 60, 8, 6]);
});

Deno.test("clipSource() draws frames in order, at their times, from one region", () => {
  const source = clipSource([clip()], videoOf((frame) => 12 * frame), { gaps: [4], scales: [1] });
  for (let seed = 0; seed < 20; seed++) {
    const { first, second, groundTruths, times } = source.draw(random(seed), 16, 2);
    equal(groundTruths.length, 2);
    const level = (image: Float32Array) => Math.round(image[0]! * 255) / 12;
    equal(level(second) - level(first), 4);
    groundTruths.forEach((groundTruth, i) => {
      ok(Math.abs((level(groundTruth) - level(first)) / 4 - times[i]!) < 1e-9);
      equal([groundTruth[1], groundTruth[2]], [first[1], first[2]]);
    });
  }
});

Deno.test("clipSource() scales regions to the sample's size", () => {
  for (const scale of [0.5, 1.5, 100]) {
    const source = clipSource([clip()], videoOf((frame) => 10 * frame), { gaps: [2], scales: [scale] });
    equal(source.draw(random(1), 16, 1).groundTruths[0]!.length, 16 * 16 * 3);
  }
});

Deno.test("clipSource() draws again for duplicate frames, no motion or a scene cut", () => {
  const levels = [0, 0, 20, 40, 60, 80, 80, 255, 255];
  const source = clipSource([clip()], videoOf((frame) => levels[frame]!), { gaps: [2], scales: [1] });
  let still = 0;
  for (let seed = 0; seed < 50; seed++) {
    const { first, second, groundTruths } = source.draw(random(seed), 16, 1);
    const [a, b, c] = [first, groundTruths[0]!, second].map((image) => Math.round(image[0]! * 255)) as [
      number,
      number,
      number,
    ];
    if (a === c) still++;
    else equal([b - a, c - b], [20, 20]);
  }
  ok(still < 10);
});

Deno.test("clipSource() rejects clips that are too short", () => {
  const open = (gaps: number[]) => clipSource([clip({ frames: 4 })], videoOf(() => 0), { gaps, scales: [1] });
  throws(() => open([5, 4]), (error) => error instanceof UsageError && /no clip has the 5 frames/.test(error.message));
});

Deno.test("clipSource() draws the gaps that fit into a clip", () => {
  const triplets = [clip({ frames: 3 }), clip({ file: "b.rgb", frames: 2 })];
  const source = clipSource(triplets, videoOf((frame) => 20 * frame), { gaps: [2, 3, 4], scales: [1] });
  for (let seed = 0; seed < 20; seed++) {
    const { first, second, times } = source.draw(random(seed), 16, 1);
    equal([Math.round(second[0]! * 255) - Math.round(first[0]! * 255), times], [40, [0.5]]);
  }
});

Deno.test("describeShortClips() counts the clips that are too short for some gaps", () => {
  equal(describeShortClips([clip()], [2, 2, 4]), undefined);
  const text = "2 of 3 clips are too short for gaps of 3, 4 frames; only shorter gaps are drawn from them";
  equal(describeShortClips([clip(), clip({ frames: 3 }), clip({ frames: 4 })], [4, 2, 3]), text);
  const some = "2 of 2 clips are too short for gaps of 2, 3 frames; only shorter gaps are drawn from them, and 1 clips";
  equal(describeShortClips([clip({ frames: 2 }), clip({ frames: 3 })], [2, 3]), `${some} are not used`);
});

Deno.test("clipTextures() returns regions of the frames, in [0, 1]", () => {
  const texture = clipTextures([clip()], videoOf((frame) => 10 * frame))(random(3), 20);
  equal(texture.length, 20 * 20 * 3);
  ok(texture.every((value) => value >= 0 && value <= 1) && texture.some((value) => value > 0));
});
