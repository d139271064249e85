import { deepStrictEqual as equal, notDeepStrictEqual as differ, ok } from "node:assert/strict";
import { random } from "../random.ts";
import { inverseAt } from "./motion.ts";
import { render } from "./render.ts";
import { drawScene, type Layer, type Scene } from "./scene.ts";
import { syntheticSource } from "./source.ts";
import { drawProceduralTexture } from "./texture.ts";

const SIZE = 48;

/** A smooth texture, for which the error of bilinear sampling is far below that of wrong flow. */
function smooth(size: number): Float32Array {
  return Float32Array.from({ length: size * size * 3 }, (_, i) => {
    const x = Math.floor(i / 3) % size, y = Math.floor(i / 3 / size);
    return 0.5 + 0.2 * Math.sin(x / 5 + i % 3) + 0.2 * Math.cos(y / 6 + i % 3);
  });
}

function sample(image: Float32Array, x: number, y: number, channel: number): number | undefined {
  const left = Math.floor(x), top = Math.floor(y), fx = x - left, fy = y - top;
  if (left < 0 || top < 0 || left + 1 >= SIZE || top + 1 >= SIZE) return undefined;
  const at = (dx: number, dy: number) => image[((top + dy) * SIZE + left + dx) * 3 + channel]!;
  return (at(0, 0) * (1 - fx) + at(1, 0) * fx) * (1 - fy) + (at(0, 1) * (1 - fx) + at(1, 1) * fx) * fy;
}

/** A scene of smooth textures, with the motion and the masks of `drawScene`. */
function smoothScene(seed: number): Scene {
  const scene = drawScene(random("scene", seed), SIZE, (_, size) => smooth(size));
  // Repeating patterns are not smooth.
  return { ...scene, layers: scene.layers.map((layer) => ({ ...layer, texture: smooth(scene.textureSize) })) };
}

/** Pixels that their layer covers completely, also at the end of their flow; found with layers that are painted with their number. */
function labels(scene: Scene, t: number): Float32Array {
  const flat = scene.layers.map((layer, n): Layer => ({
    ...layer,
    texture: new Float32Array(layer.texture.length).fill(n / 8),
  }));
  return render({ ...scene, layers: flat }, t).image;
}

for (const direction of ["forward", "backward"] as const) {
  Deno.test(`syntheticSource() returns flow that maps one frame to the other, except at occlusions, ${direction}`, () => {
    let worst = 0, compared = 0;
    for (let seed = 0; seed < 8; seed++) {
      const scene = smoothScene(seed), [from, to] = direction === "forward" ? [0, 1] : [1, 0];
      const here = render(scene, from!), there = render(scene, to!);
      const layerHere = labels(scene, from!), layerThere = labels(scene, to!), sign = direction === "forward" ? 1 : -1;
      for (let i = 0; i < SIZE * SIZE; i++) {
        const x = i % SIZE + sign * here.displacement[2 * i]!;
        const y = Math.floor(i / SIZE) + sign * here.displacement[2 * i + 1]!;
        const label = sample(layerThere, x, y, 0);
        if (label === undefined || Math.abs(label - layerHere[3 * i]!) > 1e-6 || (label * 8) % 1 > 1e-6) continue;
        compared++;
        worst = Math.max(worst, Math.abs(sample(there.image, x, y, 1)! - here.image[3 * i + 1]!));
      }
    }
    ok(compared > 8 * SIZE * SIZE / 3, `${compared} pixels compared`);
    ok(worst < 0.02, `the worst pixel differs by ${worst}`);
  });
}

Deno.test("render() moves each point of a layer in a straight line at constant speed", () => {
  const { motion } = smoothScene(3).layers[1]!, x = 7, y = -4;
  for (const t of [0, 0.3, 0.5, 1]) {
    const px = x + t * (motion.b[0] * x + motion.b[1] * y + motion.c[0]);
    const py = y + t * (motion.b[2] * x + motion.b[3] * y + motion.c[1]);
    const { m, d } = inverseAt(motion, t);
    ok(Math.hypot(m[0] * px + m[1] * py + d[0] - x, m[2] * px + m[3] * py + d[1] - y) < 1e-9);
  }
});

Deno.test("render() at t agrees with flow scaled by t", () => {
  const scene = { ...smoothScene(5), layers: smoothScene(5).layers.slice(0, 1) };
  const start = render(scene, 0), middle = render(scene, 0.25);
  for (let i = 0; i < SIZE * SIZE; i++) {
    const x = i % SIZE + 0.25 * start.displacement[2 * i]!,
      y = Math.floor(i / SIZE) + 0.25 * start.displacement[2 * i + 1]!;
    const found = sample(middle.image, x, y, 0);
    if (found !== undefined) ok(Math.abs(found - start.image[3 * i]!) < 0.02);
  }
});

Deno.test("syntheticSource() returns the same sample for the same seed", () => {
  const source = syntheticSource(drawProceduralTexture);
  const [a, b, c] = [random(1), random(1), random(2)].map((stream) => source.draw(stream, 32, 3));
  equal(a, b);
  differ(a, c);
  equal(a!.times.length, 3);
  equal(a!.groundTruths.map((groundTruth) => groundTruth.length), [3 * 32 * 32, 3 * 32 * 32, 3 * 32 * 32]);
  ok(a!.times.every((t) => t > 0 && t < 1));
});

Deno.test("syntheticSource() reaches the requested motion", () => {
  const mean = (translation: number) => {
    let sum = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { flow } = syntheticSource(drawProceduralTexture, { translation }).draw(random(seed), 32, 1);
      for (let i = 0; i < flow!.forward.length; i += 2) sum += Math.hypot(flow!.forward[i]!, flow!.forward[i + 1]!);
    }
    return sum / (40 * 32 * 32) / 32;
  };
  const [small, large] = [mean(0.02), mean(0.1)];
  ok(small > 0.01 && small < 0.06 && large > 0.06 && large < 0.25, `${small}, ${large}`);
});
