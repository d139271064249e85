import type { Image, PairDetails, PairEngine, PairJob, PairResult } from "@slomo/core";
import { newPlane, planeSizes } from "@slomo/core/frames";
import { cropImage, type Tile, type TileOptions, tilesOf, usableTile } from "./grid.ts";

/** A plane of an image, or flow or visibility: values row by row. */
interface Plane {
  readonly values: Float32Array | Uint8Array | Uint16Array;
  readonly width: number;
  readonly height: number;
  /** Values per pixel. */
  readonly channels: number;
}

/** Position of a tile, and the pixels over which it fades in. */
interface Placement {
  /** Left edge in the frame. */
  readonly x: number;
  /** Top edge in the frame. */
  readonly y: number;
  /** Width of the fade at the left edge; 0 for none. */
  readonly fadeX: number;
  /** Height of the fade at the top edge; 0 for none. */
  readonly fadeY: number;
}

/** Returns the weight of a tile in a fade, which takes the middle half: a tile is least accurate at its edges. */
const weightAt = (at: number, length: number): number =>
  at < length ? Math.min(1, Math.max(0, 2 * (at + 0.5) / length - 0.5)) : 1;

/** Blends `tile` over `target`, in place, and cuts off what lies beyond it. Integers are rounded. */
function blend(target: Plane, tile: Plane, { x, y, fadeX, fadeY }: Placement): void {
  const { channels } = target, half = target.values instanceof Float32Array ? 0 : 0.5;
  const width = Math.min(tile.width, target.width - x), height = Math.min(tile.height, target.height - y);
  for (let row = 0; row < height; row++) {
    const rowWeight = weightAt(row, fadeY);
    let to = ((y + row) * target.width + x) * channels, from = row * tile.width * channels;
    for (let column = 0; column < width; column++) {
      const weight = rowWeight * weightAt(column, fadeX);
      for (let c = 0; c < channels; c++, to++, from++) {
        const below = target.values[to]!, above = tile.values[from]!;
        target.values[to] = weight === 1 ? above + half : below + (above - below) * weight + half;
      }
    }
  }
}

/** Values per pixel of {@linkcode PairDetails}: both flows, then visibility. */
const DETAIL_CHANNELS = [2, 2, 1] as const;

const planesOfDetails = ({ flowToFirst, flowToSecond, visibility }: PairDetails, width: number, height: number) =>
  [flowToFirst, flowToSecond, visibility].map((values, i): Plane => {
    return { values, width, height, channels: DETAIL_CHANNELS[i]! };
  });

const planesOfImage = ({ width, height, format, planes }: Image): Plane[] =>
  planeSizes(width, height, format).map(([w, h], i) => ({ values: planes[i]!, width: w, height: h, channels: 1 }));

/** Returns all planes of a result at one time: those of the image, then the details. */
function planesOf({ images, details }: PairResult, index: number): Plane[] {
  const image = images[index]!, detail = details?.[index];
  return [...planesOfImage(image), ...(detail ? planesOfDetails(detail, image.width, image.height) : [])];
}

/**
 * Creates empty planes for an image and its details.
 *
 * @param isExact Whether the planes hold integers as the image does, rather than floats that are blended again.
 */
function emptyPlanes({ format }: Image, width: number, height: number, isExact: boolean, hasDetails: boolean): Plane[] {
  const empty = (values: Plane["values"], width: number, height: number, channels: number): Plane => {
    return { values, width, height, channels };
  };
  const planes = planeSizes(width, height, format).map(([w, h]) =>
    empty(isExact ? newPlane(format.depth, w * h) : new Float32Array(w * h), w, h, 1)
  );
  const details = (hasDetails ? DETAIL_CHANNELS : []).map((channels) =>
    empty(new Float32Array(width * height * channels), width, height, channels)
  );
  return [...planes, ...details];
}

/**
 * Blends all planes of a tile over those of a frame.
 *
 * @param size Size of the tile in pixels; subsampled planes are smaller.
 * @param placement Position in pixels of the frame.
 */
function blendAll(
  targets: readonly Plane[],
  planes: readonly Plane[],
  size: { readonly width: number; readonly height: number },
  placement: Placement,
): void {
  planes.forEach((plane, i) => {
    const scaleX = plane.width === size.width ? 1 : Math.round(size.width / plane.width);
    const scaleY = plane.height === size.height ? 1 : Math.round(size.height / plane.height);
    blend(targets[i]!, plane, {
      x: placement.x / scaleX,
      y: placement.y / scaleY,
      fadeX: Math.floor(placement.fadeX / scaleX),
      fadeY: Math.floor(placement.fadeY / scaleY),
    });
  });
}

/** Returns the overlap of a tile with the previous one. */
const overlapWith = (previous: number | undefined, start: number, length: number) =>
  previous === undefined ? 0 : previous + length - start;

/**
 * Creates an engine that interpolates a frame pair tile by tile on another engine, so that memory depends on the size of
 * the tile and not of the frame. Where tiles overlap, the later one fades in over the earlier one. It holds one row of
 * tiles and the result, and runs `inner.parallel` tiles at a time. Closing it closes `inner`.
 */
export function tiledEngine(inner: PairEngine, options: TileOptions): PairEngine {
  const tile = usableTile(options), { overlap } = options;

  async function interpolate(
    job: PairJob,
    rows: readonly (readonly Tile[])[],
    signal?: AbortSignal,
  ): Promise<PairResult> {
    const { first, times } = job, timing: Record<string, number> = {};
    const runTile = async (part: Tile) => {
      const result = await inner.run(
        { ...job, first: cropImage(job.first, part), second: cropImage(job.second, part) },
        signal,
      );
      for (const [stage, spent] of Object.entries(result.timing)) timing[stage] = (timing[stage] ?? 0) + spent;
      return result;
    };
    const tiles = rows.flat(), started: (Promise<PairResult> | undefined)[] = [];
    const results = (async function* () {
      for (let i = 0; i < tiles.length; i++) {
        while (started.length < Math.min(tiles.length, i + inner.parallel)) {
          const next = runTile(tiles[started.length]!);
          next.catch(() => {});
          started.push(next);
        }
        const result = await started[i]!;
        started[i] = undefined;
        yield result;
      }
    })();
    let frames: Plane[][] = [], hasDetails = false;
    for (const [r, row] of rows.entries()) {
      const { y, height, width } = row[0]!, size = { width, height };
      let strips: Plane[][] = [];
      for (const [c, part] of row.entries()) {
        const result = (await results.next()).value!;
        hasDetails = result.details !== undefined;
        if (c === 0) strips = times.map(() => emptyPlanes(first, first.width, height, false, hasDetails));
        const fadeX = overlapWith(row[c - 1]?.x, part.x, width);
        times.forEach((_, i) => blendAll(strips[i]!, planesOf(result, i), size, { x: part.x, y: 0, fadeX, fadeY: 0 }));
      }
      if (r === 0) frames = times.map(() => emptyPlanes(first, first.width, first.height, true, hasDetails));
      const fadeY = overlapWith(rows[r - 1]?.[0]?.y, y, height);
      strips.forEach((strip, i) =>
        blendAll(frames[i]!, strip, { width: first.width, height }, { x: 0, y, fadeX: 0, fadeY })
      );
    }
    return { ...resultOf(frames, first, hasDetails), timing };
  }

  return {
    backend: inner.backend,
    device: `${inner.device}, tiles of ${tile} pixels with an overlap of ${overlap}`,
    parallel: 1,
    run(job, signal) {
      const rows = tilesOf(job.first.width, job.first.height, { ...options, tile });
      return rows.length * rows[0]!.length === 1 ? inner.run(job, signal) : interpolate(job, rows, signal);
    },
    close: () => inner.close(),
  };
}

function resultOf(
  frames: readonly Plane[][],
  like: Image,
  hasDetails: boolean,
): Pick<PairResult, "images" | "details"> {
  const count = like.planes.length;
  const images = frames.map((planes): Image => ({
    ...like,
    planes: planes.slice(0, count).map(({ values }) => values as Image["planes"][number]),
  }));
  if (!hasDetails) return { images };
  const details = frames.map((planes): PairDetails => {
    const [flowToFirst, flowToSecond, visibility] = planes.slice(count).map(({ values }) => values as Float32Array);
    return { flowToFirst: flowToFirst!, flowToSecond: flowToSecond!, visibility: visibility! };
  });
  return { images, details };
}
