import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import type { Frame } from "../../../core/contracts/frame.ts";
import { rational } from "../../../core/time/rational.ts";
import { type CutClip, cutClips, type DroppedFrames } from "./cut_clips.ts";
import { createDuplicateFilter, fingerprintOf } from "./fingerprint.ts";

const OPTIONS = { size: 8, shortest: 3, longest: 6, minMotion: 0.5, maxMotion: 40 };

/** A frame of one level, whose first column is white. */
function frame(level: number, facts: Frame["facts"] = {}, width = 16, height = 8): Frame {
  const plane = new Uint8Array(width * height).fill(level);
  for (let y = 0; y < height; y++) plane[y * width] = 255;
  const format = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false } as const;
  const image = { width, height, format, color: { range: "full" as const }, planes: [plane, plane, plane] };
  return { pts: 0n, timebase: rational(1n, 25n), image, facts };
}

async function cut(frames: readonly Frame[], options = OPTIONS) {
  const clips: CutClip[] = [], dropped: DroppedFrames[] = [];
  async function* video() {
    await Promise.resolve();
    yield* frames;
  }
  for await (const result of cutClips(video(), options)) {
    if ("clip" in result) clips.push(result.clip);
    else dropped.push(result.dropped);
  }
  return { clips, dropped };
}

const levels = (...of: number[]) => of.map((level) => frame(level));

Deno.test("cutClips() begins a clip at each cut and divides long shots", async () => {
  const frames = [...levels(0, 4, 8, 12), frame(200, { cut: true }), ...levels(196, 192, 188, 184, 180, 176, 172, 168)];
  const { clips, dropped } = await cut(frames);
  equal(clips.map(({ start, frames: { length } }) => [start, length]), [[0, 4], [4, 6], [10, 3]]);
  equal(dropped, []);
  equal(clips[0]!.frames[2]!.slice(0, 6), Uint8Array.of(255, 255, 255, 8, 8, 8));
  ok(Math.abs(clips[0]!.motion - 4) < 1.1);
});

Deno.test("cutClips() drops short clips, and clips with too little motion, too much, or duplicates, with the reason", async () => {
  const cases: [Frame[], RegExp][] = [
    [levels(0, 4), /2 frames are fewer than 3/],
    [levels(7, 7, 7, 7), /motion is too small: 0\.00 intensity levels are below 0\.5/],
    [levels(0, 200, 0, 200), /motion is too large/],
  ];
  for (const [frames, why] of cases) {
    const { clips, dropped } = await cut(frames);
    equal([clips.length, dropped.length], [0, 1]);
    match(dropped[0]!.why, why);
  }
  const { dropped } = await cut([
    ...levels(0, 9),
    frame(18, { duplicate: true }),
    frame(9, { duplicate: true }),
    frame(0),
  ]);
  match(dropped[0]!.why, /2 of its 5 frames are duplicates/);
});

Deno.test("cutClips() scales frames down to the size", async () => {
  const { clips } = await cut([0, 4, 8].map((level) => frame(level, {}, 24, 16)));
  equal([clips[0]!.width, clips[0]!.height], [12, 8]);
  equal(clips[0]!.frames[0]!.slice(0, 4), Uint8Array.of(128, 128, 128, 0));
});

Deno.test("createDuplicateFilter() finds clips that differ only by noise, at any mean", () => {
  const image = (seed: number, noise = 0) => ({
    width: 24,
    height: 24,
    values: Uint8Array.from(
      { length: 24 * 24 * 3 },
      (_, i) => (i * seed + Math.floor(i / 700) * 30) % 200 + noise * (i % 2),
    ),
  });
  const find = createDuplicateFilter();
  equal(find("a", fingerprintOf([image(3)])), undefined);
  equal(find("b", fingerprintOf([image(7)])), undefined);
  equal(find("c", fingerprintOf([image(3, 2)])), "a");
  equal(find("d", fingerprintOf([image(3, 60)])), undefined);
});
