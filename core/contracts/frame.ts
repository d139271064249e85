import type { Rational } from "../time/rational.ts";

/** Sample layout of an {@linkcode Image}: planar integers, one plane per component. */
export interface PixelFormat {
  /** `yuv`: planes Y, U, V. `rgb`: planes R, G, B. `gray`: one plane. */
  readonly model: "yuv" | "rgb" | "gray";
  /** Bit depth, 8 to 16. Samples of 8 bits are stored in a `Uint8Array`, deeper ones in the low bits of a `Uint16Array`. */
  readonly depth: number;
  /** Chroma subsampling: luma samples per chroma sample, horizontally and vertically. 4:2:0 is `[2, 2]`, 4:4:4 and RGB are `[1, 1]`. */
  readonly chroma: readonly [1 | 2 | 4, 1 | 2 | 4];
  /** Whether the last plane is straight (not premultiplied) alpha at full size. */
  readonly alpha: boolean;
}

/** Color tags. A field is `undefined` if the source has no such tag; the output then has none either. */
export interface Color {
  /** Color matrix as of ITU-T H.273, by its usual name: `bt709`, `bt470bg`, `bt2020nc`. */
  readonly matrix?: string | undefined;
  /** `limited`: luma is 16 to 235 at 8 bits. `full`: 0 to 255. */
  readonly range?: "limited" | "full" | undefined;
  /** Color primaries as of ITU-T H.273 (`bt709`, `bt2020`); copied to the output and not interpreted. */
  readonly primaries?: string | undefined;
  /** Transfer characteristics as of ITU-T H.273 (`bt709`, `smpte2084`); copied to the output and not interpreted. */
  readonly transfer?: string | undefined;
  /** Chroma location (`left`, `topleft`); copied to the output and not interpreted. */
  readonly chromaLocation?: string | undefined;
}

/** The samples of one plane, row by row, without padding. */
export type Plane = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** An image in the pixel format of its source. Immutable: its planes never change after creation. */
export interface Image {
  /** Width in pixels, above 0. */
  readonly width: number;
  /** Height in pixels, above 0. */
  readonly height: number;
  /** Layout of `planes`. */
  readonly format: PixelFormat;
  /** Color tags of the samples. */
  readonly color: Color;
  /** Planes in the order of `format.model`, then alpha. A chroma plane has `ceil(size / chroma)` samples in each direction. */
  readonly planes: readonly Plane[];
}

/** Optical flow and visibility mask of one interpolated frame, row by row, for inspection. */
export interface PairDetails {
  /** F(t→0), (dx, dy) in pixels, `2 · width · height` values. */
  readonly flowToFirst: Float32Array;
  /** F(t→1), (dx, dy) in pixels, `2 · width · height` values. */
  readonly flowToSecond: Float32Array;
  /** V(t←0) in [0, 1], `width · height` values. */
  readonly visibility: Float32Array;
}

/** Facts about an interpolated frame. */
export interface InterpolatedFacts {
  /** Time between the two source frames, in (0, 1). */
  readonly t: number;
  /** Its optical flow and visibility mask, if requested. */
  readonly details?: PairDetails | undefined;
}

/** Facts about a frame. Detectors add them, and the interpolation follows them. */
export interface FrameFacts {
  /** Whether a new shot begins with this frame. No frame is interpolated between the previous frame and this one. */
  readonly cut?: boolean;
  /** Whether the frame repeats the content of the previous one. */
  readonly duplicate?: boolean;
  /** Set if nothing is interpolated between the previous frame and this one: the previous one is held, or fades into this one. */
  readonly pair?: "hold" | "blend";
  /** Static weight of each pixel [H, W], from 0 (moves) to 255 (does not move since the previous frame), if it was requested. */
  readonly still?: Uint8Array;
  /** Present if the frame was interpolated; absent from source frames. */
  readonly interpolated?: InterpolatedFacts;
}

/** One image of a video, with its exact timestamp. */
export interface Frame {
  /** Presentation timestamp, in units of `timebase`. */
  readonly pts: bigint;
  /** Time base: seconds per unit of `pts`. */
  readonly timebase: Rational;
  /** Duration in units of `timebase`; `undefined` if the source does not store it, so that it follows from the next timestamp. */
  readonly duration?: bigint | undefined;
  /** The pixels. */
  readonly image: Image;
  /** Facts about the frame. */
  readonly facts: FrameFacts;
}
