import { DATA_TYPES } from "../binding/constants.ts";
import { bool, ints, typeOf } from "./attributes.ts";
import type { RawOps } from "./raw_ops.ts";

const { TF_FLOAT, TF_INT32, TF_BOOL } = DATA_TYPES;
const OF_FLOATS = [typeOf("T", TF_FLOAT)], OF_INTEGERS = [typeOf("T", TF_INT32)];
const TO_INTEGERS = [typeOf("SrcT", TF_FLOAT), typeOf("DstT", TF_INT32), bool("Truncate", false)];
const TO_FLOATS = [typeOf("SrcT", TF_BOOL), typeOf("DstT", TF_FLOAT), bool("Truncate", false)];
const GATHER = [typeOf("Tparams", TF_FLOAT), typeOf("Tindices", TF_INT32)];

/** Elementwise ops on the binding's tensors, as short as formulas. */
export class Formula {
  readonly #raw: RawOps;

  constructor(raw: RawOps) {
    this.#raw = raw;
  }

  /** `op` of two float tensors. */
  floats(op: "Add" | "Sub" | "Mul" | "Minimum" | "Maximum", a: number, b: number): number {
    return this.#raw.run(op, OF_FLOATS, [a, b]).id;
  }

  /** `op` of two integer tensors. */
  integers(op: "Add" | "Mul" | "Minimum" | "Maximum", a: number, b: number): number {
    return this.#raw.run(op, OF_INTEGERS, [a, b]).id;
  }

  /** `low` + (`high` − `low`) · `weight`: `low` to the bit where the weight is 0. */
  mix(low: number, high: number, weight: number): number {
    return this.floats("Add", low, this.floats("Mul", this.floats("Sub", high, low), weight));
  }

  /** The same values in another shape. */
  reshape(id: number, shape: readonly number[], type: number = TF_FLOAT): number {
    return this.#raw.run("Reshape", [typeOf("T", type), typeOf("Tshape", TF_INT32)], [id, this.#raw.integers(shape)])
      .id;
  }
}

/** Where a warp reads along one axis. */
export interface Axis {
  /** The place, not clamped [T, H, W]. */
  readonly place: number;
  /** The place within the picture. */
  readonly clamped: number;
  /** The pixel at or before it, an integer. */
  readonly low: number;
  /** The pixel after it, or the last. */
  readonly high: number;
  /** How far the place is beyond the pixel [T·H·W, 1]. */
  readonly weight: number;
}

/** One axis of the places: `flow` [T, H, W] plus each pixel's own position, which `shape` lays along the axis. */
function axis(raw: RawOps, flow: number, size: number, shape: readonly number[], count: number): Axis {
  const formula = new Formula(raw);
  const own = raw.floats(shape, Float32Array.from({ length: size }, (_, i) => i));
  const zero = raw.floats([], Float32Array.of(0)), last = raw.floats([], Float32Array.of(size - 1));
  const place = formula.floats("Add", flow, own);
  const clamped = formula.floats("Maximum", formula.floats("Minimum", place, last), zero);
  const floor = raw.run("Floor", OF_FLOATS, [clamped]).id;
  // A flow that is not a number passes every clamp of floats, and becomes an integer far outside.
  const low = formula.integers("Maximum", raw.run("Cast", TO_INTEGERS, [floor]).id, raw.integer(0));
  const high = formula.integers("Minimum", formula.integers("Add", low, raw.integer(1)), raw.integer(size - 1));
  return { place, clamped, low, high, weight: formula.reshape(formula.floats("Sub", clamped, floor), [count, 1]) };
}

/** What a warp reads: the four pixels around each place, [T·H·W, C] each, and where they lie between. */
export interface WarpSamples {
  /** Upper left, upper right, lower left, lower right. */
  readonly corners: readonly [number, number, number, number];
  /** Along the width. */
  readonly x: Axis;
  /** Along the height. */
  readonly y: Axis;
}

/** Reads `image` [N, H, W, C] around the places of `flow` [T, H, W, 2]; N is T or 1. */
export function sampleCorners(
  raw: RawOps,
  image: number,
  [n, h, w, c]: readonly [number, number, number, number],
  flow: number,
  times: number,
): WarpSamples {
  const formula = new Formula(raw), count = times * h * w;
  const [dx, dy] = raw.runMany("Unpack", [...OF_FLOATS, ints("num", 2), ints("axis", 3)], [flow], 2);
  if (dx === undefined || dy === undefined) throw new RangeError("backwardWarp: a flow has two channels");
  const x = axis(raw, dx.id, w, [1, 1, w], count), y = axis(raw, dy.id, h, [1, h, 1], count);
  const width = raw.integer(w), pixels = formula.reshape(image, [n * h * w, c]);
  const first = raw.integers(Array.from({ length: n === 1 ? 1 : times }, (_, i) => i * h * w));
  const start = formula.reshape(first, [n === 1 ? 1 : times, 1, 1], TF_INT32);
  const row = (pixel: number) => formula.integers("Add", formula.integers("Mul", pixel, width), start);
  const upper = row(y.low), lower = row(y.high);
  const read = (row: number, column: number) => {
    const index = formula.reshape(formula.integers("Add", row, column), [count, 1], TF_INT32);
    return raw.run("GatherNd", GATHER, [pixels, index]).id;
  };
  return { corners: [read(upper, x.low), read(upper, x.high), read(lower, x.low), read(lower, x.high)], x, y };
}

/** 1 where a place lies within the picture along an axis, 0 where it was clamped [T·H·W, 1]. */
export function inside(raw: RawOps, { place, clamped }: Axis, count: number): number {
  const equal = raw.run("Equal", [...OF_FLOATS, bool("incompatible_shape_error", true)], [place, clamped]).id;
  return new Formula(raw).reshape(raw.run("Cast", TO_FLOATS, [equal]).id, [count, 1]);
}
