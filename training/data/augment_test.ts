import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { type Change, changeSample, drawChange } from "./augment.ts";
import { random } from "./random.ts";
import type { Sample } from "./sample.ts";

const SIZE = 16;
const NOTHING: Change = { turn: false, flipX: false, flipY: false, reverse: false, colors: [0, 1, 2] };

/** Two smooth pictures, the second one the first moved by (3, 1), and flow that says so. */
function moved(): Sample {
  const picture = (dx: number, dy: number) =>
    Float32Array.from({ length: SIZE * SIZE * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % SIZE - dx, y = Math.floor(i / 3 / SIZE) - dy;
      return x * 100 + y * 10 + i % 3;
    });
  const flow = (dx: number, dy: number) => Float32Array.from({ length: SIZE * SIZE * 2 }, (_, i) => i % 2 ? dy : dx);
  return {
    size: SIZE,
    first: picture(0, 0),
    second: picture(3, 1),
    truths: [picture(1, 1 / 3), picture(2, 2 / 3)],
    times: [1 / 3, 2 / 3],
    flow: { forward: flow(3, 1), backward: flow(-3, -1) },
  };
}

/** Follows the forward flow of each pixel and compares; the number of pixels that could be followed. */
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

Deno.test("changeSample() turns flow along with the pictures, whatever the change", () => {
  for (let bits = 0; bits < 16; bits++) {
    const [turn, flipX, flipY, reverse] = [1, 2, 4, 8].map((bit) => (bits & bit) > 0) as [
      boolean,
      boolean,
      boolean,
      boolean,
    ];
    const changed = changeSample(moved(), { turn, flipX, flipY, reverse, colors: [2, 0, 1] });
    ok(follow(changed) > SIZE * SIZE / 2);
  }
});

Deno.test("changeSample() turns clockwise", () => {
  const { first } = changeSample(moved(), { ...NOTHING, turn: true });
  equal(first[0], 10 * (SIZE - 1));
  equal(first[3 * (SIZE - 1)], 0);
});

Deno.test("changeSample() reverses times and truths", () => {
  const sample = moved(), { first, truths, times, flow } = changeSample(sample, { ...NOTHING, reverse: true });
  equal(first, sample.second);
  equal(truths[0], sample.truths[1]);
  ok(Math.abs(times[0]! - 1 / 3) < 1e-9 && Math.abs(times[1]! - 2 / 3) < 1e-9);
  equal(flow!.forward, sample.flow!.backward);
});

Deno.test("drawChange() makes each change as often as it is told", () => {
  const stream = random(1), count = 4000;
  const changes = Array.from(
    { length: count },
    () => drawChange(stream, { turn: 1, flipX: 0, flipY: 0.25, reverse: 0.5, colors: 0 }),
  );
  const share = (of: (change: Change) => boolean) => changes.filter(of).length / count;
  equal([share((c) => c.turn), share((c) => c.flipX)], [1, 0]);
  ok(Math.abs(share((c) => c.flipY) - 0.25) < 0.03 && Math.abs(share((c) => c.reverse) - 0.5) < 0.03);
  equal(changes[0]!.colors, [0, 1, 2]);
});
