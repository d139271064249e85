import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import type { PairEngine, PairJob, PairResult } from "../../core/contracts/engine.ts";
import type { Image, PixelFormat } from "../../core/contracts/frame.ts";
import { newPlane, planeSizes } from "../../core/frames/image.ts";
import { cropImage, tileAlignment, tilesOf, usableTile } from "./grid.ts";
import { tiledEngine } from "./tiled_engine.ts";

const FORMATS: readonly PixelFormat[] = [
  { model: "yuv", depth: 8, chroma: [2, 2], alpha: false },
  { model: "yuv", depth: 10, chroma: [2, 1], alpha: true },
  { model: "rgb", depth: 16, chroma: [1, 1], alpha: false },
];

/** Alignment for networks that halve five times, as the shipped ones do; tiles then start at multiples of 128. */
const ALIGNMENT = 32, STEP = 128;

/** An image without repetition. */
function image(width: number, height: number, format: PixelFormat, seed: number): Image {
  const planes = planeSizes(width, height, format).map(([w, h], p) => {
    const plane = newPlane(format.depth, w * h);
    for (let i = 0; i < plane.length; i++) {
      plane[i] = (Math.sin((i % w) / 17 + seed + p) * Math.cos(Math.floor(i / w) / 23) + 1) * 120;
    }
    return plane;
  });
  return { width, height, format, color: {}, planes };
}

/** Means over `reach` pixels on each side: each pixel depends on that many around it. */
function blurred({ planes, ...image }: Image, reach: number): Image {
  const sizes = planeSizes(image.width, image.height, image.format);
  return {
    ...image,
    planes: planes.map((plane, p) => {
      const [w, h] = sizes[p]!, sums = new Float64Array(plane.length), out = newPlane(image.format.depth, plane.length);
      for (let y = 0; y < h; y++) addSums(plane, sums, { start: y * w, step: 1, length: w }, reach);
      for (let x = 0; x < w; x++) addSums(plane, sums, { start: x, step: w, length: h }, reach);
      for (let i = 0; i < out.length; i++) out[i] = sums[i]! / (4 * reach + 2) + 0.5;
      return out;
    }),
  };
}

/** A row or a column of a plane. */
interface Line {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** Adds to each pixel of a line the sum over `reach` pixels on each side; the line continues with its end pixels. */
function addSums(
  plane: Image["planes"][number],
  sums: Float64Array,
  { start, step, length }: Line,
  reach: number,
): void {
  const at = (i: number) => plane[start + step * Math.min(length - 1, Math.max(0, i))]!;
  let sum = 0;
  for (let i = -reach; i <= reach; i++) sum += at(i);
  for (let i = 0; i < length; i++) {
    sums[start + step * i]! += sum;
    sum += at(i + 1 + reach) - at(i - reach);
  }
}

function blurringEngine(
  reach: number,
  parallel = 2,
): PairEngine & { most: number; running: number; sizes: Set<string> } {
  return {
    ...{ backend: "blur", device: "test", parallel, most: 0, running: 0, sizes: new Set<string>() },
    async run({ first, times, details }: PairJob, signal): Promise<PairResult> {
      this.most = Math.max(this.most, ++this.running);
      this.sizes.add(`${first.width}×${first.height}`);
      await Promise.resolve();
      this.running--;
      signal?.throwIfAborted();
      const { width, height } = first, count = width * height;
      const found = {
        flowToFirst: new Float32Array(2 * count).map((_, i) => i % 2 ? -3 : 2),
        flowToSecond: new Float32Array(2 * count).fill(1),
        visibility: new Float32Array(count).fill(0.25),
      };
      return {
        images: times.map(() => blurred(first, reach)),
        details: details ? times.map(() => found) : undefined,
        timing: { flow: 1 },
      };
    },
    close: () => Promise.resolve(),
  };
}

Deno.test("tilesOf() covers every pixel with aligned tiles of one size that overlap enough", () => {
  for (const [width, height] of [[640, 360], [641, 1000], [384, 385], [1920, 1080], [200, 3000]] as const) {
    for (const [tile, overlap] of [[384, 128], [512, 0], [384, 200]] as const) {
      const rows = tilesOf(width, height, { tile, overlap, alignment: ALIGNMENT });
      const check = (starts: number[], length: number, side: number) => {
        equal(starts[0], 0);
        ok(starts.at(-1)! + length >= side && starts.at(-1)! + length < side + STEP);
        starts.slice(1).forEach((start, i) => ok(starts[i]! + length - start >= overlap && start > starts[i]!));
        ok(starts.every((start) => start % STEP === 0));
      };
      check(rows.map(([first]) => first!.y), rows[0]![0]!.height, height);
      for (const row of rows) check(row.map(({ x }) => x), row[0]!.width, width);
      equal(new Set(rows.flat().map((part) => `${part.width}×${part.height}`)).size, 1);
    }
  }
});

Deno.test("cropImage() repeats the edge beyond the image, in planes of every size", () => {
  const whole = image(150, 140, FORMATS[0]!, 0), part = cropImage(whole, { x: 128, y: 128, width: 32, height: 16 });
  equal(part.planes.map(({ length }) => length), [32 * 16, 16 * 8, 16 * 8]);
  equal([part.planes[0]![21], part.planes[0]![31]], [
    whole.planes[0]![128 * 150 + 149],
    whole.planes[0]![128 * 150 + 149],
  ]);
  equal(part.planes[0]!.at(-1), whole.planes[0]!.at(-1));
  equal(part.planes[1]![0], whole.planes[1]![64 * 75 + 64]);
  equal(part.planes[1]!.at(-1), whole.planes[1]!.at(-1));
});

Deno.test("tiledEngine() equals whole frames if the overlap covers the pixels that a pixel depends on", async () => {
  for (const format of FORMATS) {
    for (const [width, height] of [[401, 300], [640, 257]] as const) {
      const job = {
        first: image(width, height, format, 1),
        second: image(width, height, format, 2),
        details: true,
      };
      const untiled = blurringEngine(12), inner = blurringEngine(12);
      const wanted = await untiled.run({ ...job, times: [0.25, 0.5] });
      const tiled = await tiledEngine(inner, { tile: 256, overlap: 128, alignment: ALIGNMENT }).run({
        ...job,
        times: [0.25, 0.5],
      });
      equal([...inner.sizes], ["256×256"]);
      equal(inner.most, 2);
      equal(tiled.images.length, 2);
      tiled.images.forEach(({ planes, ...rest }, i) => {
        const { planes: right, ...like } = wanted.images[i]!;
        equal(rest, like);
        planes.forEach((plane, p) => equal(plane, right[p], `${width}×${height} ${format.model}, plane ${p}`));
      });
      equal(tiled.details, wanted.details);
    }
  }
});

Deno.test("tiledEngine() spreads differences between tiles over the overlap", async () => {
  const flatTile: PairEngine = {
    ...blurringEngine(1, 1),
    run: ({ first }) => {
      // A tile has the value of its first pixel, so that neighboring tiles differ as much as possible.
      const planes = first.planes.map((plane) => plane.slice().fill(plane[0]!));
      return Promise.resolve({ images: [{ ...first, planes }], timing: {} });
    },
  };
  const format = { model: "gray", depth: 8, chroma: [1, 1], alpha: false } as const;
  const first: Image = { width: 640, height: 64, format, color: {}, planes: [new Uint8Array(640 * 64)] };
  first.planes[0]!.forEach((_, i) => first.planes[0]![i] = (i % 640) / 4);
  const job = { first, second: first, times: [0.5], details: false };
  const { images: [output] } = await tiledEngine(flatTile, { tile: 256, overlap: 128, alignment: ALIGNMENT }).run(job);
  for (let x = 1; x < 640; x++) {
    ok(Math.abs(output!.planes[0]![x]! - output!.planes[0]![x - 1]!) <= 1, `a step at ${x}`);
  }
});

Deno.test("tiledEngine() passes small frames and errors on, and aborts", async () => {
  const inner = blurringEngine(2), tiles = tiledEngine(inner, { tile: 256, overlap: 128, alignment: ALIGNMENT });
  const small = { first: image(200, 100, FORMATS[0]!, 1), second: image(200, 100, FORMATS[0]!, 1), times: [0.5] };
  await tiles.run({ ...small, details: false });
  equal([...inner.sizes], ["200×100"]);
  equal(tiles.device, "test, tiles of 256 pixels with an overlap of 128");
  const big = { first: image(600, 300, FORMATS[0]!, 1), second: image(600, 300, FORMATS[0]!, 1), times: [0.5] };
  await rejects(tiles.run({ ...big, details: false }, AbortSignal.abort(new Error("enough"))), /enough/);
  const broken = { ...inner, run: () => Promise.reject(new Error("no memory")) };
  await rejects(
    tiledEngine(broken, { tile: 256, overlap: 0, alignment: ALIGNMENT }).run({ ...big, details: false }),
    /no memory/,
  );
});

Deno.test("tileAlignment() is a common multiple for all networks and chroma planes", () => {
  equal([[32, 32], [1, 1], [8, 12], [64]].map(tileAlignment), [32, 4, 24, 64]);
  equal(usableTile({ tile: 200, overlap: 128, alignment: ALIGNMENT }), 256);
  equal(usableTile({ tile: 500, overlap: 128, alignment: ALIGNMENT }), 512);
  equal(usableTile({ tile: 30, overlap: 16, alignment: 4 }), 32);
});
