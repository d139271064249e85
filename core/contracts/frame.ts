import type { Rational } from "../time/rational.ts";

/** How the samples of an {@linkcode Image} are laid out: always planar, integers, one plane a component. */
export interface PixelFormat {
  /** `yuv`: planes Y, U, V. `rgb`: planes R, G, B. `gray`: one plane. */
  readonly model: "yuv" | "rgb" | "gray";
  /** Bits a sample that count, 8 to 16. 8 is held in a `Uint8Array`, more in a `Uint16Array`, low bits. */
  readonly depth: number;
  /** Luma samples for one chroma sample, horizontally and vertically: 4:2:0 is `[2, 2]`, 4:4:4 and RGB `[1, 1]`. */
  readonly chroma: readonly [1 | 2 | 4, 1 | 2 | 4];
  /** Whether a last plane holds straight (not premultiplied) alpha at full size. */
  readonly alpha: boolean;
}

/** What the numbers mean as color. A field is `undefined` where the source does not say; it then stays unsaid. */
export interface Color {
  /** Coefficients between RGB and YUV as of ITU-T H.273, in a word: `bt709`, `bt470bg`, `bt2020nc`. */
  readonly matrix?: string | undefined;
  /** `limited`: luma 16 to 235 at 8 bit. `full`: 0 to 255. */
  readonly range?: "limited" | "full" | undefined;
  /** Primaries as of ITU-T H.273, in a word (`bt709`, `bt2020`); carried and never interpreted. */
  readonly primaries?: string | undefined;
  /** Transfer function as of ITU-T H.273, in a word (`bt709`, `smpte2084`); carried and never interpreted. */
  readonly transfer?: string | undefined;
  /** Where chroma samples sit, in a word (`left`, `topleft`); carried and never interpreted. */
  readonly chromaLocation?: string | undefined;
}

/** The samples of one plane, rows without padding. */
export type Plane = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** A picture as the source stores it. Owned by whoever holds it; never changed once made. */
export interface Image {
  /** Pixels a row, above 0. */
  readonly width: number;
  /** Rows, above 0. */
  readonly height: number;
  /** Layout of `planes`. */
  readonly format: PixelFormat;
  /** Meaning of the samples. */
  readonly color: Color;
  /** Planes in the order of `format.model`, then alpha. A chroma plane is `ceil(size / chroma)` samples each way. */
  readonly planes: readonly Plane[];
}

/** Flow and visibility of one frame that was made, row by row, for people to look at. */
export interface PairDetails {
  /** F(t→0), (dx, dy) in pixels, `2 · width · height` values. */
  readonly flowToFirst: Float32Array;
  /** F(t→1), (dx, dy) in pixels. */
  readonly flowToSecond: Float32Array;
  /** V(t←0) in [0, 1]. */
  readonly visibility: Float32Array;
}

/** How a frame was made. */
export interface InterpolatedFacts {
  /** Place between its two neighbors, in (0, 1). */
  readonly t: number;
  /** What it was made of, where asked for. */
  readonly details?: PairDetails | undefined;
}

/** What detectors found out about a frame; the interpolator obeys. */
export interface FrameFacts {
  /** A new shot begins with this frame: nothing is invented between the frame before and this one. */
  readonly cut?: boolean;
  /** The frame shows the same picture as the one before it. */
  readonly duplicate?: boolean;
  /** How far each pixel [H, W] stands still between the frame before and this one, 0 to 255, where that was looked for. */
  readonly still?: Uint8Array;
  /** The frame was computed and does not exist in the source. */
  readonly interpolated?: InterpolatedFacts;
}

/** A picture with its exact time and what is known of it. */
export interface Frame {
  /** Presentation time in units of `timebase`. */
  readonly pts: bigint;
  /** Seconds a unit of `pts`. */
  readonly timebase: Rational;
  /** How long the frame is shown, in units of `timebase`; `undefined` where only the next frame tells. */
  readonly duration?: bigint | undefined;
  /** The picture. */
  readonly image: Image;
  /** What detectors found. */
  readonly facts: FrameFacts;
}
