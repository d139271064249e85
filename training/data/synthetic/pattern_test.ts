import { ok } from "node:assert/strict";
import { random } from "../random.ts";
import { drawPattern } from "./pattern.ts";
import { drawScene } from "./scene.ts";

const SIZE = 96;

/** Returns the shifts up to 40 pixels along a direction by which a texture nearly repeats, and its mean deviation. */
function repeats(texture: Float32Array, dx: number, dy: number): { shifts: number[]; deviation: number } {
  const at = (x: number, y: number) => texture[(y * SIZE + x) * 3]! + texture[(y * SIZE + x) * 3 + 1]!;
  const difference = (shift: number) => {
    let sum = 0;
    for (let y = 0; y < 48; y++) {
      for (let x = 0; x < 48; x++) sum += Math.abs(at(x, y) - at(x + dx * shift, y + dy * shift));
    }
    return sum / 48 ** 2;
  };
  const all = Array.from({ length: 40 }, (_, i) => difference(i + 1)), deviation = Math.max(...all);
  return { shifts: all.flatMap((value, i) => value < deviation / 3 ? [i + 1] : []), deviation };
}

Deno.test("drawPattern() draws patterns that repeat after 4 to 32 pixels, in [0, 1]", () => {
  let short = 0, repeating = 0;
  for (let seed = 0; seed < 40; seed++) {
    const texture = drawPattern(random("pattern", seed), SIZE);
    ok(texture.every((value) => value >= 0 && value <= 1));
    const [across, down] = [repeats(texture, 1, 0), repeats(texture, 0, 1)];
    ok(Math.max(across.deviation, down.deviation) > 0.02, `seed ${seed} is flat`);
    const shifts = [across, down].filter(({ deviation }) => deviation > 0.02).flatMap(({ shifts }) => shifts);
    if (shifts.some((shift) => shift >= 3)) repeating++;
    if (shifts.some((shift) => shift >= 3 && shift <= 12)) short++;
  }
  ok(repeating > 30 && short > 12, `${repeating} repeat, ${short} of them soon`);
});

Deno.test("drawScene() has patterns in the background and in layers, still and moving", () => {
  const counts = { stillBackground: 0, movingBackground: 0, layer: 0, drawn: 0 };
  for (let seed = 0; seed < 300; seed++) {
    const drawn = new Set<Float32Array>();
    const scene = drawScene(random("scene", seed), 8, (_, size) => {
      const texture = new Float32Array(size * size * 3);
      drawn.add(texture);
      return texture;
    });
    const [background, ...layers] = scene.layers, isStill = background!.motion.c.every((value) => value === 0);
    counts.drawn += drawn.size;
    counts.layer += layers.filter(({ texture }) => !drawn.has(texture)).length;
    if (!drawn.has(background!.texture)) counts[isStill ? "stillBackground" : "movingBackground"]++;
  }
  const { stillBackground, movingBackground, layer, drawn } = counts;
  ok(stillBackground > 5 && movingBackground > 5, `${stillBackground} still, ${movingBackground} moving`);
  ok(layer > 40 && drawn > 6 * layer, `${layer} of ${layer + drawn}`);
});
