import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { type Augmentation, augmentSample, drawAugmentation } from "./augment.ts";
import { random } from "./random.ts";
import type { Sample } from "./sample.ts";

const SIZE = 16;
const NOTHING: Augmentation = { rotate: false, flipX: false, flipY: false, reverse: false, colors: [0, 1, 2] };

/** Two smooth images, of which the second is the first moved by (3, 1), with their flow. */
function moved(): Sample {
  const image = (dx: number, dy: number) =>
    Float32Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % SIZE - dx, y = Math.floor(i / 3 / SIZE) - dy;
      return x * 100 + y * 10 + i % 3;
    });
  const flow = (dx: number, dy: number) => Float32Array.from({ length: SIZE * SIZE * 2 }, (_, i) => i % 2 ? dy : dx);
  return {
    size: SIZE,
    first: image(0, 0),
    second: image(3, 1),
    groundTruths: [image(1, 1 / 3), image(2, 2 / 3)],
    times: [1 / 3, 2 / 3],
    flow: { forward: flow(3, 1), backward: flow(-3, -1) },
  };
}

/** Compares each pixel with the one that its forward flow points to; returns the number of compared pixels. */
function follow({ first, second, flow }: Sample): number {
  let followed = 0;
  for (let i = 0; i < SIZE * SIZE; i++) {
    const x = i % SIZE + flow!.forward[2 * i]!, y = Math.floor(i / SIZE) + flow!.forward[2 * i + 1]!;
    if (x < 0 || y < 0 || x >= SIZE || y >= SIZE) continue;
    followed++;
    for (let c = 0; c < 3; c++) equal(second[3 * (y * SIZE + x) + c], first[3 * i + c]);
  }
  return followed;
}

Deno.test("augmentSample() transforms flow with the images, for every augmentation", () => {
  for (let bits = 0; bits < 16; bits++) {
    const [rotate, flipX, flipY, reverse] = [1, 2, 4, 8].map((bit) => (bits & bit) > 0) as [
      boolean,
      boolean,
      boolean,
      boolean,
    ];
    const changed = augmentSample(moved(), { rotate, flipX, flipY, reverse, colors: [2, 0, 1] });
    ok(follow(changed) > SIZE * SIZE / 2);
  }
});

Deno.test("augmentSample() rotates clockwise", () => {
  const { first } = augmentSample(moved(), { ...NOTHING, rotate: true });
  equal(first[0], 10 * (SIZE - 1));
  equal(first[3 * (SIZE - 1)], 0);
});

Deno.test("augmentSample() reverses times and ground-truth frames", () => {
  const sample = moved(), { first, groundTruths, times, flow } = augmentSample(sample, { ...NOTHING, reverse: true });
  equal(first, sample.second);
  equal(groundTruths[0], sample.groundTruths[1]);
  ok(Math.abs(times[0]! - 1 / 3) < 1e-9 && Math.abs(times[1]! - 2 / 3) < 1e-9);
  equal(flow!.forward, sample.flow!.backward);
});

Deno.test("drawAugmentation() draws each augmentation with its probability", () => {
  const stream = random(1), count = 4000;
  const changes = Array.from(
    { length: count },
    () => drawAugmentation(stream, { rotate: 1, flipX: 0, flipY: 0.25, reverse: 0.5, colors: 0 }),
  );
  const share = (of: (change: Augmentation) => boolean) => changes.filter(of).length / count;
  equal([share((c) => c.rotate), share((c) => c.flipX)], [1, 0]);
  ok(Math.abs(share((c) => c.flipY) - 0.25) < 0.03 && Math.abs(share((c) => c.reverse) - 0.5) < 0.03);
  equal(changes[0]!.colors, [0, 1, 2]);
});
