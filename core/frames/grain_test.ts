import assert from "node:assert/strict";
import type { Image } from "../contracts/frame.ts";
import { matchGrain } from "./grain.ts";

const WIDTH = 160, HEIGHT = 96;

/** Normal noise, averaged over `side`² pixels where its grain is coarser. */
function noise(deviation: number, side: number, seed: number): (x: number, y: number) => number {
  let state = seed * 7919 + 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 2 ** 32;
  };
  const columns = Math.ceil(WIDTH / side),
    values = Float32Array.from(
      { length: columns * Math.ceil(HEIGHT / side) },
      () => deviation * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    );
  return (x, y) => values[Math.floor(y / side) * columns + Math.floor(x / side)]!;
}

function image(value: (x: number, y: number) => number, depth = 8): Image {
  const pixels = Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const level = value(i % WIDTH, Math.floor(i / WIDTH)) * 2 ** (depth - 8);
    return Math.min(2 ** depth - 1, Math.max(0, Math.round(level)));
  });
  const plane = depth > 8 ? Uint16Array.from(pixels) : Uint8Array.from(pixels);
  const format = { model: "gray", depth, chroma: [1, 1], alpha: false } as const;
  return { width: WIDTH, height: HEIGHT, format, color: {}, planes: [plane] };
}

/** A gray image with noise. */
function grainy(seed: number, { deviation = 7.5, side = 1, depth = 8 } = {}): Image {
  const grain = noise(deviation, side, seed);
  return image((x, y) => 120 + grain(x, y), depth);
}

/** Mean, standard deviation, and that of the difference of neighbors, which tells the size of the grain. */
function statistics({ planes: [plane], format }: Image): [mean: number, deviation: number, step: number] {
  const unit = 2 ** (format.depth - 8), values = [...plane!].map((value) => value / unit);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const steps = values.slice(1).map((value, i) => (value - values[i]!) ** 2);
  return [mean, deviation, Math.sqrt(steps.reduce((sum, value) => sum + value, 0) / steps.length)];
}

Deno.test("matchGrain() gives interpolated frames the mean and the deviation of the source frames", () => {
  for (const [side, depth] of [[1, 8], [2, 8], [1, 10]] as const) {
    const [first, second] = [grainy(1, { side, depth }), grainy(2, { side, depth })];
    const smooth = grainy(3, { deviation: 3.7, side, depth });
    const matched = matchGrain(smooth, first, second, 5);
    const [wanted, found, before] = [statistics(first), statistics(matched), statistics(smooth)];
    assert.ok(Math.abs(found[0] - before[0]) < 0.2, `mean ${found[0]} instead of ${before[0]}`);
    assert.ok(Math.abs(found[1] / wanted[1] - 1) < 0.1, `deviation ${found[1]} instead of ${wanted[1]}`);
    assert.ok(Math.abs(found[2] / wanted[2] - 1) < 0.15, `step ${found[2]} instead of ${wanted[2]}`);
  }
});

Deno.test("matchGrain() adds independent noise by seed, and the same for the same seed", () => {
  const [a, b] = [grainy(1, { deviation: 6 }), grainy(2, { deviation: 6 })];
  const [one, again, other] = [1, 1, 2].map((seed) => matchGrain(image(() => 120), a, b, seed).planes[0]!);
  assert.deepEqual(one, again);
  const product = Float64Array.from(one!).reduce((sum, value, i) => sum + (value - 120) * (other![i]! - 120), 0) /
    one!.length;
  assert.ok(Math.abs(product) < 3, `${product}`);
});

Deno.test("matchGrain() adds nothing to clean video, textured or with black bars", () => {
  const texture = image((x, y) => y < 16 ? 16 : 120 + 60 * Math.sin(x / 9) * Math.cos(y / 7));
  assert.deepEqual(matchGrain(texture, texture, texture, 1).planes, texture.planes);
  const bars = (seed: number) => {
    const grain = noise(6, 1, seed);
    return image((x, y) => y < 48 ? 16 : 120 + grain(x, y));
  };
  const matched = matchGrain(image((_, y) => y < 48 ? 16 : 120), bars(1), bars(2), 1);
  const below = Float64Array.from(matched.planes[0]!).slice(WIDTH * 52);
  const deviation = Math.sqrt(below.reduce((sum, value) => sum + (value - 120) ** 2, 0) / below.length);
  assert.ok(deviation > 5 && deviation < 7, `${deviation}`);
});
