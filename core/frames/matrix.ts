import type { Image } from "../contracts/frame.ts";
import { UsageError } from "../errors.ts";

/** How the numbers of a picture are read as colour, tagged or guessed. */
export interface ColourMeaning {
  /** Coefficients between RGB and YUV, in a word; `gbr` where there are none. */
  readonly matrix: string;
  /** Range of the samples; alpha is always full. */
  readonly range: "limited" | "full";
  /** Whether the source did not name the matrix though one is needed; worth a line in the log. */
  readonly guessed: boolean;
}

/** The linear part of a YUV coding on unscaled values: luma in [0, 1], chroma in [−0.5, 0.5]. */
export interface Matrix {
  /** Rows of Y, U and V over (R, G, B). */
  readonly toYuv: readonly [Row, Row, Row];
  /** What (U, V) add to Y for R, G and B. */
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

/** H.273 equations 38 to 40 for weights, solved for RGB too. */
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

/** The coefficients of a matrix that {@linkcode colourMeaning} named. */
export function matrixOf(name: string): Matrix {
  const weights = WEIGHTS[name];
  return weights ? fromWeights(...weights) : YCGCO;
}

/**
 * How to read a picture's samples. What the source does not say is guessed: YUV without a matrix is BT.601 below
 * 720 lines and BT.709 from there; YUV without a range is limited, RGB and grey are full.
 *
 * @throws {UsageError} If the matrix is one that has no linear inverse here, such as `bt2020c` or `ictcp`.
 */
export function colourMeaning({ format, colour, height }: Omit<Image, "planes">): ColourMeaning {
  const range = colour.range ?? (format.model === "yuv" ? "limited" : "full");
  if (format.model !== "yuv") return { matrix: "gbr", range, guessed: false };
  const matrix = colour.matrix ?? (height < 720 ? "smpte170m" : "bt709");
  if (!(matrix in WEIGHTS) && matrix !== "ycgco") {
    const known = [...Object.keys(WEIGHTS), "ycgco"].join(", ");
    throw new UsageError(
      `colour: the matrix must be one of ${known}, got ${matrix}; convert the source to one of these first`,
    );
  }
  return { matrix, range, guessed: colour.matrix === undefined };
}
