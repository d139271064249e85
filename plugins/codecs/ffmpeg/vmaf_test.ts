import { match, ok, rejects } from "node:assert/strict";
import { type Image, JobError, type PairOfImages, UsageError } from "@slomo/core";
import { testEachFfmpeg, testFfmpegs } from "../_testing.ts";
import type { FfmpegTools } from "./locate.ts";
import { measureVmaf, vmafMetric } from "./vmaf.ts";

const WIDTH = 97, HEIGHT = 65;

/** Returns a texture, moved by `x` pixels to the right and with `noise` intensity levels of noise. */
function pan(x: number, noise = 0): Image {
  const planes = [0, 30, 60].map((phase) =>
    Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
      const u = i % WIDTH - x, v = Math.floor(i / WIDTH), random = Math.sin(12.9898 * i + phase) * 43758.5453 % 1;
      return 128 + 40 * Math.sin(u / 3 + Math.sin(v / 7)) + 40 * Math.sin((v + phase) / 4 + u / 11) + noise * random;
    })
  );
  const format = { model: "rgb", depth: 8, chroma: [1, 1], alpha: false } as const;
  return { width: WIDTH, height: HEIGHT, format, color: { range: "full" }, planes };
}

async function* pairs(noise: number, count = 4): AsyncGenerator<PairOfImages> {
  for (let i = 0; i < count; i++) yield await Promise.resolve([pan(2 * i, noise), pan(2 * i)] as const);
}

/** Tests the metric if this ffmpeg has it, and otherwise how it is refused. */
async function unlessMissing(tools: FfmpegTools, test: () => Promise<void>): Promise<void> {
  const metric = vmafMetric(() => Promise.resolve(tools)), described = await metric.describe().catch((error) => error);
  if (!(described instanceof UsageError)) {
    match(described, /^ffmpeg .*, libvmaf with its default model/);
    return await test();
  }
  match(described.message, /^vmaf: cannot measure: ffmpeg .* has no working filter libvmaf; set `ffmpeg` to a build/);
}

testEachFfmpeg(
  await testFfmpegs(),
  "measureVmaf() is high for equal videos of odd sizes, and falls with noise",
  (tools) =>
    unlessMissing(tools, async () => {
      const [equal, near, far] = [
        await measureVmaf(tools, pairs(0)),
        await measureVmaf(tools, pairs(8)),
        await measureVmaf(tools, pairs(40)),
      ];
      ok(equal > 95 && equal <= 100, `${equal}`);
      ok(equal > near && near > far && far >= 0, `${equal}, ${near}, ${far}`);
    }),
);

testEachFfmpeg(
  await testFfmpegs(),
  "measureVmaf() fails for no frames and for other sizes, and ends its input",
  (tools) =>
    unlessMissing(tools, async () => {
      await rejects(
        measureVmaf(tools, pairs(0, 0)),
        (error) => error instanceof JobError && /no frames/.test(error.message),
      );
      let ended = false;
      const mixed = async function* (): AsyncGenerator<PairOfImages> {
        try {
          yield await Promise.resolve([pan(0), pan(0)] as const);
          for (;;) yield await Promise.resolve([pan(0), { ...pan(0), width: WIDTH - 1 }] as const);
        } finally {
          ended = true;
        }
      };
      await rejects(measureVmaf(tools, mixed()), /frames must have one size, got 97×65 and 96×65/);
      ok(ended);
    }),
);
