import { deepStrictEqual as equal, ok } from "node:assert/strict";
import type { Networks } from "@slomo/core/manifest";
import { chooseBackend } from "../../engine/choose.ts";
import type { Batch } from "../data/batch.ts";
import { validate } from "./validate.ts";

const SIZE = 64;

/** Networks that return the first frame. */
const HOLDING: Networks = {
  warp: { warp: (image) => image.clone() },
  interpolator: {
    flow: "none",
    multiple: 1,
    parameters: [],
    interpolate: (_, { first }) => ({ frames: first.clone() }),
  },
};

/** A texture of squares, shifted to the right. */
function squares(shift: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 3 * SIZE * SIZE }, (_, i) => {
    const pixel = Math.floor(i / 3), x = pixel % SIZE - shift, y = Math.floor(pixel / SIZE);
    const noise = Math.sin(Math.floor(x / 3) * 12.9898 + Math.floor(y / 3) * 78.233) * 43758.5453;
    return noise - Math.floor(noise);
  });
}

/** A sample whose second frame is shifted by some pixels, and whose middle frame by half of that. */
const sample = (shift: number): Batch => ({
  ...{ index: 0, source: "squares", size: SIZE, pairs: 1, targets: 1, times: Float32Array.of(0.5) },
  ...{ first: squares(0), second: squares(shift), groundTruths: squares(shift / 2) },
});

Deno.test("validate() returns scores of all samples, and by the motion between their frames", async () => {
  const { backend } = await chooseBackend("cpu", "train");
  function* drawn() {
    for (const shift of [0, 12, 0]) yield sample(shift);
  }
  const { scores, byMotion, samples } = await validate(HOLDING, { flow: {}, interpolation: {} }, drawn(), 1);
  equal(byMotion.map(({ name, samples }) => [name, samples]), [["small", 2], ["medium", 1]]);
  const [small, medium] = byMotion.map(({ scores }) => scores.psnr) as [number, number];
  equal(small, 100);
  ok(medium > 5 && medium < 20, `${medium}`);
  ok(Math.abs(scores.psnr - (2 * small + medium) / 3) < 1e-9);
  equal(samples.length, 1);
  await backend.close();
});
