import assert from "node:assert/strict";
import type { Image, PixelFormat } from "../../contracts/frame.ts";
import { newPlane } from "../image.ts";
import { drawScene, HEIGHT, lumaPsnr, PATTERNS, PERIODS, PLACES, type Scene, WIDTH } from "./_testing.ts";
import { findPatterns, restorePatterns } from "./restore.ts";

/** A network's result that lost the pattern. */
const torn = (image: Image): Image => ({
  ...image,
  planes: image.planes.map((plane) =>
    newPlane(image.format.depth, plane.length).fill(120 * 2 ** (image.format.depth - 8))
  ),
});

/** Returns the mean of two images. */
const blended = (a: Image, b: Image): Image => ({
  ...a,
  planes: a.planes.map((plane, i) => plane.map((value, k) => Math.round((value + b.planes[i]![k]!) / 2))),
});

function restored(first: Image, second: Image, t = 0.5): Image {
  const patterns = findPatterns(first, second), made = torn(first);
  return patterns ? restorePatterns(made, first, second, t, patterns) : made;
}

for (const place of PLACES) {
  Deno.test(`patterns ${place === "alone" ? "all over the frame" : `${place} a ball`} are at most 1 dB below blending`, () => {
    // Each pattern, period and speed in some combinations; the bench goes through all.
    const scenes: Scene[] = Object.keys(PATTERNS).flatMap((pattern, i) =>
      [1, 3, 4, 0].map((speed, k) => ({ pattern, period: PERIODS[(i + 2 * k) % PERIODS.length]!, speed, place }))
    );
    for (const scene of scenes) {
      const [first, second, truth] = [0, 1, 0.5].map((time) => drawScene(scene, time)) as [Image, Image, Image];
      const score = lumaPsnr(
        place === "beside"
          // The network's result is needed where there is no pattern.
          ? mixed(restored(first, second), truth)
          : restored(first, second),
        truth,
      );
      const blending = lumaPsnr(blended(first, second), truth);
      assert.ok(
        score > blending - 1,
        `${JSON.stringify(scene)}: ${score.toFixed(1)} dB, blending ${blending.toFixed(1)}`,
      );
    }
  });
}

/** Returns an image with the pixels of another one where it is as the network made it. */
function mixed(image: Image, other: Image): Image {
  const planes = image.planes.map((plane, i) => plane.map((value, k) => value === 120 ? other.planes[i]![k]! : value));
  return { ...image, planes };
}

Deno.test("restorePatterns() moves patterns exactly, at all times and in all pixel formats", () => {
  const formats: PixelFormat[] = [
    { model: "gray", depth: 8, chroma: [1, 1], alpha: false },
    { model: "yuv", depth: 10, chroma: [2, 2], alpha: true },
    { model: "rgb", depth: 16, chroma: [1, 1], alpha: true },
  ];
  for (const format of formats) {
    const [width, height] = [101, 63], scale = 2 ** (format.depth - 8);
    const draw = (moved: number): Image => {
      const isChroma = (plane: number) => format.model === "yuv" && (plane === 1 || plane === 2);
      const planes = Array.from({ length: (format.model === "gray" ? 1 : 3) + (format.alpha ? 1 : 0) }, (_, plane) => {
        const columns = isChroma(plane) ? Math.ceil(width / 2) : width,
          rows = isChroma(plane) ? Math.ceil(height / 2) : height;
        return newPlane(format.depth, columns * rows).map((_, i) => {
          const x = i % columns * (isChroma(plane) ? 2 : 1);
          return Math.round(scale * (120 + 80 * Math.sin(2 * Math.PI * (x - moved) / 24)));
        }) as Image["planes"][number];
      });
      return { width, height, format, color: {}, planes };
    };
    for (const t of [0.25, 0.5, 0.75]) {
      const image = restored(draw(0), draw(2), t), truth = draw(2 * t);
      image.planes.forEach((plane, index) => {
        const columns = plane.length === width * height ? width : Math.ceil(width / 2);
        plane.forEach((value, i) => {
          const x = i % columns;
          // At the edges, a source frame lacks the pixels that move in.
          if (x < 3 || x >= columns - 3 || i < 3 * columns || i >= plane.length - 3 * columns) return;
          const error = Math.abs(value - truth.planes[index]![i]!) / scale;
          assert.ok(error <= 3, `${format.model} plane ${index} at ${t}: ${error}`);
        });
      });
    }
  }
});

Deno.test("restorePatterns() leaves the network's result where an object may be", () => {
  const scene: Scene = { pattern: "vertical", period: 8, speed: 0, place: "alone" };
  // A ball in the first frame only.
  const second = drawScene(scene, 0), first = drawScene({ ...scene, place: "behind" }, 0);
  const { planes: [luma] } = restored(first, second);
  assert.equal(luma![48 * WIDTH + 50], 120);
  assert.equal(luma![48 * WIDTH + 130], second.planes[0]![48 * WIDTH + 130]);
});

Deno.test("findPatterns() finds none in other textures, and where patterns change", () => {
  const image = (level: (x: number, y: number) => number): Image => {
    const luma = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => level(i % WIDTH, Math.floor(i / WIDTH)));
    const format = { model: "gray", depth: 8, chroma: [1, 1], alpha: false } as const;
    return { width: WIDTH, height: HEIGHT, format, color: {}, planes: [luma] };
  };
  const noise = (x: number, y: number) => Math.imul((x * 7 + y * 1009) ** 2 + 1, 2654435761 | 0) >>> 24;
  const edge = (x: number) => x < 80 ? 60 : 180;
  const gradient = (x: number, y: number) => (x + y) / 2;
  for (const level of [noise, edge, gradient]) {
    assert.equal(findPatterns(image(level), image((x, y) => level(x - 1, y))), undefined);
  }
  const stripes = (x: number) => x % 8 < 4 ? 60 : 180;
  assert.equal(findPatterns(image(stripes), image(noise)), undefined);
  assert.equal(findPatterns(image(stripes), image(edge)), undefined);
  assert.ok(findPatterns(image(stripes), image((x) => stripes(x + 1))));
});

Deno.test("findPatterns() finds patterns that move differently", () => {
  const scene = { pattern: "vertical", period: 8, place: "alone" } as const;
  const halves = (time: number): Image => {
    const [above, below] = [0, 2].map((speed) => drawScene({ ...scene, speed }, time).planes[0]!);
    const luma = above!.map((value, i) => i < WIDTH * 48 ? value : below![i]!);
    return {
      ...drawScene({ ...scene, speed: 0 }, 0),
      planes: [luma, ...drawScene({ ...scene, speed: 0 }, 0).planes.slice(1)],
    };
  };
  const shifts = findPatterns(halves(0), halves(1))!.regions.map(({ motion: { shift } }) => [...shift]);
  assert.deepEqual(shifts.toSorted(([a], [b]) => a! - b!), [[0, 0], [2, 0]]);
});
