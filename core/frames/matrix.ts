import type { Image } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";

/** Color matrix and range for the conversion of an image, tagged or guessed. */
export interface ColorMeaning {
  /** Color matrix, such as `bt709`; `gbr` for RGB and gray. */
  readonly matrix: string;
  /** Range of the samples; alpha is always full. */
  readonly range: "limited" | "full";
  /** Whether `matrix` differs from the tag of the source, because the tag is missing, invalid or not supported. */
  readonly guessed: boolean;
}

/** Linear conversion between RGB and YUV for luma in [0, 1] and chroma in [−0.5, 0.5]. */
export interface Matrix {
  /** Rows of Y, U and V over (R, G, B). */
  readonly toYuv: readonly [Row, Row, Row];
  /** Coefficients of (U, V) that are added to Y for R, G and B. */
  readonly toRgb: readonly [readonly [number, number], readonly [number, number], readonly [number, number]];
}

type Row = readonly [number, number, number];

/** ITU-T H.273, table 4: the weights K_R and K_B of each matrix. */
const WEIGHTS: Readonly<Record<string, readonly [kr: number, kb: number]>> = {
  bt709: [0.2126, 0.0722],
  fcc: [0.30, 0.11],
  bt470bg: [0.299, 0.114],
  smpte170m: [0.299, 0.114],
  smpte240m: [0.212, 0.087],
  bt2020nc: [0.2627, 0.0593],
};

/** Returns the matrix of H.273, equations 38 to 40, and its inverse. */
function fromWeights(kr: number, kb: number): Matrix {
  const kg = 1 - kr - kb, u = 2 * (1 - kb), v = 2 * (1 - kr);
  return {
    toYuv: [[kr, kg, kb], [-kr / u, -kg / u, 0.5], [0.5, -kg / v, -kb / v]],
    toRgb: [[0, v], [-kb * u / kg, -kr * v / kg], [u, 0]],
  };
}

/** H.273 equations 44 to 46; the U plane is Cg, the V plane Co. */
const YCGCO: Matrix = {
  toYuv: [[0.25, 0.5, 0.25], [-0.25, 0.5, -0.25], [0.5, 0, -0.5]],
  toRgb: [[-1, 1], [1, 0], [-1, -1]],
};

/** Matrices that are not supported, and the most similar supported ones. */
const NEAREST: Readonly<Record<string, string>> = {
  bt2020c: "bt2020nc",
  ictcp: "bt2020nc",
  "ipt-c2": "bt2020nc",
  smpte2085: "bt2020nc",
  "ycgco-re": "ycgco",
  "ycgco-ro": "ycgco",
};

/** Returns the matrix with the weights of the primaries, for matrices that are derived from them. */
function ofPrimaries(primaries: string | undefined): string {
  if (primaries === "bt2020") return "bt2020nc";
  return primaries === "bt470bg" || primaries === "smpte170m" ? "smpte170m" : "bt709";
}

/** Returns the coefficients of a matrix that {@linkcode colorMeaning} returned. */
export function matrixOf(name: string): Matrix {
  const weights = WEIGHTS[name];
  return weights ? fromWeights(...weights) : YCGCO;
}

/**
 * Returns the color matrix and range of an image. Missing tags are guessed: YUV without a matrix, or with that of RGB, is
 * BT.601 below a height of 720 and BT.709 from there; YUV without a range is limited, RGB and gray are full. A nonlinear
 * coding, such as `bt2020c` or `ictcp`, is replaced by the most similar linear matrix. The conversion back is the exact
 * inverse, so only the RGB values of the networks are approximate.
 *
 * @throws {UsageError} If the matrix is unknown.
 */
export function colorMeaning({ format, color, height }: Omit<Image, "planes">): ColorMeaning {
  const range = color.range ?? (format.model === "yuv" ? "limited" : "full");
  if (format.model !== "yuv") return { matrix: "gbr", range, guessed: false };
  const tagged = color.matrix === "gbr" || color.matrix === "rgb" ? undefined : color.matrix;
  const matrix = tagged === undefined
    ? (height < 720 ? "smpte170m" : "bt709")
    : tagged.startsWith("chroma-derived")
    ? ofPrimaries(color.primaries)
    : NEAREST[tagged] ?? tagged;
  if (!(matrix in WEIGHTS) && matrix !== "ycgco") {
    const known = [...Object.keys(WEIGHTS), "ycgco"].join(", ");
    throw new UsageError(
      `color: the matrix must be one of ${known}, got ${matrix}; convert the source to one of these first`,
    );
  }
  return { matrix, range, guessed: color.matrix !== matrix };
}
