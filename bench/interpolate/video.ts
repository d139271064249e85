import type { Frame, Image } from "@slomo/core";
import { rational } from "@slomo/core/time";

/** Returns an image of smooth waves that move by (3, 2) pixels per frame, 8-bit 4:2:0. */
function image(width: number, height: number, index: number): Image {
  const plane = (w: number, h: number, scale: number) =>
    Uint8Array.from({ length: w * h }, (_, i) => {
      const x = (i % w) * scale - 3 * index, y = Math.floor(i / w) * scale - 2 * index;
      return 128 + 60 * Math.sin(x / 9) * Math.cos(y / 7) + 30 * Math.sin((x + y) / 23);
    });
  const w = Math.ceil(width / 2), h = Math.ceil(height / 2);
  return {
    width,
    height,
    format: { model: "yuv", depth: 8, chroma: [2, 2], alpha: false },
    color: { matrix: "bt709", range: "limited" },
    planes: [plane(width, height, 1), plane(w, h, 2), plane(w, h, 2)],
  };
}

/** Returns the first `count` frames of a video of these images at 25 fps. */
export function makeFrames(width: number, height: number, count: number): Frame[] {
  return Array.from({ length: count }, (_, i) => ({
    pts: BigInt(i),
    timebase: rational(1, 25),
    duration: 1n,
    image: image(width, height, i),
    facts: {},
  }));
}
