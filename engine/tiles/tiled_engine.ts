import type { PairDetails, PairEngine, PairJob, PairResult } from "@slomo/core";
import type { Image } from "@slomo/core";
import { newPlane, planeSizes } from "@slomo/core/frames";
import { cropImage } from "./crop.ts";
import { type Tile, type TileOptions, tilesOf, usableTile } from "./grid.ts";
import { lay, type Place, type Sheet } from "./lay.ts";

/** Numbers a pixel of the sheets of {@linkcode PairDetails}: both flows, then visibility. */
const DETAIL_CHANNELS = [2, 2, 1] as const;

const sheetsOfDetails = ({ flowToFirst, flowToSecond, visibility }: PairDetails, width: number, height: number) =>
  [flowToFirst, flowToSecond, visibility].map((values, i): Sheet => {
    return { values, width, height, channels: DETAIL_CHANNELS[i]! };
  });

const sheetsOfImage = ({ width, height, format, planes }: Image): Sheet[] =>
  planeSizes(width, height, format).map(([w, h], i) => ({ values: planes[i]!, width: w, height: h, channels: 1 }));

/** All sheets of one result at one time: the planes, then the details. */
function sheetsOf({ images, details }: PairResult, index: number): Sheet[] {
  const image = images[index]!, found = details?.[index];
  return [...sheetsOfImage(image), ...(found ? sheetsOfDetails(found, image.width, image.height) : [])];
}

/**
 * Empty sheets of a size, for the planes of an image's format and for details where there are any.
 *
 * @param isExact Whether planes hold whole numbers as the image's do, rather than numbers that are to be laid on others.
 */
function ground({ format }: Image, width: number, height: number, isExact: boolean, hasDetails: boolean): Sheet[] {
  const empty = (values: Sheet["values"], width: number, height: number, channels: number): Sheet => {
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

/** Lays each of `sheets` on its ground; `place` is in pixels of the picture, whose part they are has the size `size`. */
function layAll(
  grounds: readonly Sheet[],
  sheets: readonly Sheet[],
  size: { readonly width: number; readonly height: number },
  place: Place,
): void {
  sheets.forEach((sheet, i) => {
    const scaleX = sheet.width === size.width ? 1 : Math.round(size.width / sheet.width);
    const scaleY = sheet.height === size.height ? 1 : Math.round(size.height / sheet.height);
    lay(grounds[i]!, sheet, {
      x: place.x / scaleX,
      y: place.y / scaleY,
      fadeX: Math.floor(place.fadeX / scaleX),
      fadeY: Math.floor(place.fadeY / scaleY),
    });
  });
}

/** Pixels that a tile shares with the one before it. */
const shared = (before: number | undefined, now: number, length: number) =>
  before === undefined ? 0 : before + length - now;

/**
 * An engine that fills a pair tile by tile on another one, which then never sees more than a tile: its memory depends on the
 * tile and not on the frame. Where tiles overlap, the later fades in over the earlier. Holds one row of tiles and what it
 * gives, and keeps `inner` busy. Closing it closes `inner`.
 */
export function tiledEngine(inner: PairEngine, options: TileOptions): PairEngine {
  const tile = usableTile(options), { overlap } = options;

  async function fill(job: PairJob, rows: readonly (readonly Tile[])[], signal?: AbortSignal): Promise<PairResult> {
    const { first, times } = job, timing: Record<string, number> = {};
    const runTile = async (part: Tile) => {
      const result = await inner.run(
        { ...job, first: cropImage(job.first, part), second: cropImage(job.second, part) },
        signal,
      );
      for (const [stage, spent] of Object.entries(result.timing)) timing[stage] = (timing[stage] ?? 0) + spent;
      return result;
    };
    const tiles = rows.flat(), begun: (Promise<PairResult> | undefined)[] = [];
    const results = (async function* () {
      for (let i = 0; i < tiles.length; i++) {
        while (begun.length < Math.min(tiles.length, i + inner.parallel)) {
          const next = runTile(tiles[begun.length]!);
          next.catch(() => {});
          begun.push(next);
        }
        const result = await begun[i]!;
        begun[i] = undefined;
        yield result;
      }
    })();
    let wholes: Sheet[][] = [], hasDetails = false;
    for (const [r, row] of rows.entries()) {
      const { y, height, width } = row[0]!, size = { width, height };
      let strips: Sheet[][] = [];
      for (const [c, part] of row.entries()) {
        const result = (await results.next()).value!;
        hasDetails = result.details !== undefined;
        if (c === 0) strips = times.map(() => ground(first, first.width, height, false, hasDetails));
        const fadeX = shared(row[c - 1]?.x, part.x, width);
        times.forEach((_, i) => layAll(strips[i]!, sheetsOf(result, i), size, { x: part.x, y: 0, fadeX, fadeY: 0 }));
      }
      if (r === 0) wholes = times.map(() => ground(first, first.width, first.height, true, hasDetails));
      const fadeY = shared(rows[r - 1]?.[0]?.y, y, height);
      strips.forEach((strip, i) =>
        layAll(wholes[i]!, strip, { width: first.width, height }, { x: 0, y, fadeX: 0, fadeY })
      );
    }
    return { ...resultOf(wholes, first, hasDetails), timing };
  }

  return {
    backend: inner.backend,
    device: `${inner.device}, tiles of ${tile} pixels that share ${overlap}`,
    parallel: 1,
    run(job, signal) {
      const rows = tilesOf(job.first.width, job.first.height, { tile, overlap });
      return rows.length * rows[0]!.length === 1 ? inner.run(job, signal) : fill(job, rows, signal);
    },
    close: () => inner.close(),
  };
}

function resultOf(
  wholes: readonly Sheet[][],
  like: Image,
  hasDetails: boolean,
): Pick<PairResult, "images" | "details"> {
  const count = like.planes.length;
  const images = wholes.map((sheets): Image => ({
    ...like,
    planes: sheets.slice(0, count).map(({ values }) => values as Image["planes"][number]),
  }));
  if (!hasDetails) return { images };
  const details = wholes.map((sheets): PairDetails => {
    const [flowToFirst, flowToSecond, visibility] = sheets.slice(count).map(({ values }) => values as Float32Array);
    return { flowToFirst: flowToFirst!, flowToSecond: flowToSecond!, visibility: visibility! };
  });
  return { images, details };
}
