import type { Image } from "../contracts/frame.ts";
import { alphaOf, imageToRgb, rgbToImage } from "./color.ts";

/** Conversion between the stored values of a transfer characteristic and light, both nominally in [0, 1]. */
interface Transfer {
  readonly toLight: (value: number) => number;
  readonly fromLight: (light: number) => number;
}

/** ITU-T H.273, table 3: curves with a linear part near black. */
function withLinearPart(scale: number, power: number, slope: number, from: number): Transfer {
  return {
    toLight: (value) => value < slope * from ? value / slope : ((value + scale - 1) / scale) ** (1 / power),
    fromLight: (light) => light < from ? slope * light : scale * light ** power - (scale - 1),
  };
}

const gamma = (power: number): Transfer => ({
  toLight: (value) => Math.max(0, value) ** power,
  fromLight: (light) => Math.max(0, light) ** (1 / power),
});

const [M1, M2, C1, C2, C3] = [2610 / 16384, 2523 / 32, 107 / 128, 2413 / 128, 2392 / 128];
const [A, B, C] = [0.17883277, 0.28466892, 0.55991073];

const BT709 = withLinearPart(1.09929682680944, 0.45, 4.5, 0.018053968510807);

/** Transfer characteristics by their names in H.273; others are as BT.709. */
const TRANSFERS: Readonly<Record<string, Transfer>> = {
  "iec61966-2-1": withLinearPart(1.055, 1 / 2.4, 12.92, 0.0031308),
  bt470m: gamma(2.2),
  gamma22: gamma(2.2),
  bt470bg: gamma(2.8),
  gamma28: gamma(2.8),
  linear: gamma(1),
  smpte2084: {
    toLight: (value) => {
      const root = Math.max(0, value) ** (1 / M2);
      return (Math.max(0, root - C1) / (C2 - C3 * root)) ** (1 / M1);
    },
    fromLight: (light) => {
      const power = Math.max(0, light) ** M1;
      return ((C1 + C2 * power) / (1 + C3 * power)) ** M2;
    },
  },
  "arib-std-b67": {
    toLight: (value) => value <= 0.5 ? value * value / 3 : (Math.exp((value - C) / A) + B) / 12,
    fromLight: (light) => light <= 1 / 12 ? Math.sqrt(3 * Math.max(0, light)) : A * Math.log(12 * light - B) + C,
  },
};

/** Entries of the table that converts values in [0, 1] to light. */
const ENTRIES = 4096;

const tables = new Map<Transfer, Float32Array>();

function tableOf(transfer: Transfer): Float32Array {
  let table = tables.get(transfer);
  if (!table) {
    table = Float32Array.from({ length: ENTRIES + 2 }, (_, i) => transfer.toLight(Math.min(1, i / ENTRIES)));
    tables.set(transfer, table);
  }
  return table;
}

/**
 * Returns the mean of images in linear light, as a camera that is exposed to all of them records it. Alpha is taken into account.
 *
 * @param images At least one, all of one size, pixel format and color.
 * @throws {UsageError} If the color matrix of the images is not supported.
 *
 * @example
 * ```ts
 * import { meanImage } from "@slomo/core/frames";
 * import assert from "node:assert/strict";
 *
 * const gray = (level: number) => ({
 *   ...{ width: 1, height: 1, format: { model: "gray", depth: 8, chroma: [1, 1], alpha: false } as const },
 *   ...{ color: { transfer: "iec61966-2-1" }, planes: [new Uint8Array([level])] },
 * });
 * // Half of the light of white is 188 in sRGB.
 * assert.equal(meanImage([gray(0), gray(255)]).planes[0]![0], 188);
 * ```
 */
export function meanImage(images: readonly Image[]): Image {
  const first = images[0]!;
  if (images.every((image) => image === first)) return first;
  const transfer = TRANSFERS[first.color.transfer ?? ""] ?? BT709, table = tableOf(transfer);
  const size = first.width * first.height, sum = new Float32Array(3 * size), rgb = new Float32Array(3 * size);
  const opacity = first.format.alpha ? new Float32Array(size) : undefined;
  for (const image of images) {
    const alpha = alphaOf(image);
    imageToRgb(image, rgb);
    for (let i = 0, k = 0; i < size; i++) {
      const weight = alpha ? alpha[i]! : 1;
      if (opacity) opacity[i]! += weight;
      for (const end = k + 3; k < end; k++) {
        const value = rgb[k]!, at = value * ENTRIES, index = Math.floor(at);
        // Values beyond black and white are rare.
        const light = value >= 0 && value <= 1
          ? table[index]! + (table[index + 1]! - table[index]!) * (at - index)
          : value < 0
          ? transfer.toLight(0) + value
          : transfer.toLight(value);
        sum[k]! += weight * light;
      }
    }
  }
  for (let i = 0, k = 0; i < size; i++) {
    const total = opacity ? opacity[i]! : images.length;
    for (const end = k + 3; k < end; k++) {
      const light = total > 0 ? sum[k]! / total : 0;
      sum[k] = light < 0 ? light : transfer.fromLight(light);
    }
    if (opacity) opacity[i]! /= images.length;
  }
  return rgbToImage(sum, first, opacity);
}
