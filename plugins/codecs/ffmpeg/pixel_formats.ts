import type { PixelFormat } from "@slomo/core";

/** Layout in which frames of a pixel format are piped: planar integers, least significant byte first. */
export interface Transport {
  /** The layout of the frames. */
  readonly format: PixelFormat;
  /** ffmpeg's name of the layout. */
  readonly name: string;
  /**
   * Whether ffmpeg must convert. It must not if the source has this layout already: up to ffmpeg 6, the option for `yuv420p`
   * changes the pixels of a full-range source.
   */
  readonly converted: boolean;
  /** Whether the conversion keeps every value. */
  readonly lossless: boolean;
  /** Intermediate format. Palettes are off by one level if they are converted to planes directly. */
  readonly via?: string | undefined;
}

const CHROMA = { "444": [1, 1], "422": [2, 1], "420": [2, 2], "440": [1, 2], "411": [4, 1], "410": [4, 4] } as const;

/** Bit depths that have a tag in NUT from ffmpeg 4.1 on. */
const DEPTHS: Readonly<Record<"yuv" | "odd" | "yuva" | "gray" | "rgb" | "rgba", readonly number[]>> = {
  yuv: [8, 9, 10, 12, 14, 16],
  odd: [8],
  yuva: [8, 9, 10, 16],
  gray: [8, 9, 10, 12, 14, 16],
  rgb: [8, 9, 10, 12, 14, 16],
  rgba: [8, 10, 12, 16],
};

/** Packed and semi-planar formats, and the planar format with the same values. */
const REPACKED: Readonly<Record<string, string>> = {
  nv12: "yuv420p",
  nv21: "yuv420p",
  nv16: "yuv422p",
  nv24: "yuv444p",
  nv42: "yuv444p",
  nv20: "yuv422p10",
  p010: "yuv420p10",
  p012: "yuv420p12",
  p016: "yuv420p16",
  p210: "yuv422p10",
  p212: "yuv422p12",
  p216: "yuv422p16",
  p410: "yuv444p10",
  p412: "yuv444p12",
  p416: "yuv444p16",
  yuyv422: "yuv422p",
  uyvy422: "yuv422p",
  yvyu422: "yuv422p",
  uyyvyy411: "yuv411p",
  y210: "yuv422p10",
  y212: "yuv422p12",
  y216: "yuv422p16",
  xv30: "yuv444p10",
  v30x: "yuv444p10",
  xv36: "yuv444p12",
  xv48: "yuv444p16",
  vuya: "yuva444p",
  vuyx: "yuv444p",
  ayuv: "yuva444p",
  uyva: "yuva444p",
  vyu444: "yuv444p",
  ayuv64: "yuva444p16",
  rgb24: "gbrp",
  bgr24: "gbrp",
  "0rgb": "gbrp",
  rgb0: "gbrp",
  "0bgr": "gbrp",
  bgr0: "gbrp",
  rgba: "gbrap",
  bgra: "gbrap",
  argb: "gbrap",
  abgr: "gbrap",
  pal8: "gbrap",
  ya8: "gbrap",
  rgb48: "gbrp16",
  bgr48: "gbrp16",
  rgba64: "gbrap16",
  bgra64: "gbrap16",
  ya16: "gbrap16",
  x2rgb10: "gbrp10",
  x2bgr10: "gbrp10",
  rgb8: "gbrp",
  bgr8: "gbrp",
  rgb4: "gbrp",
  bgr4: "gbrp",
  rgb4_byte: "gbrp",
  bgr4_byte: "gbrp",
  rgb565: "gbrp",
  bgr565: "gbrp",
  rgb555: "gbrp",
  bgr555: "gbrp",
  rgb444: "gbrp",
  bgr444: "gbrp",
  monow: "gray",
  monob: "gray",
};

/** Formats without an exact planar integer equivalent, and the nearest one. */
const NEAREST: readonly (readonly [RegExp, string])[] = [
  [/^gray(f|h|32)/, "gray16"],
  [/^yaf/, "gbrap16"],
  [/^(gbrap(f|h|32)|rgbaf|rgba128)/, "gbrap16"],
  [/^(gbrp(f|h)|rgbf|rgb96|bayer|xyz)/, "gbrp16"],
  [/^yuva\d+p/, "yuva444p16"],
  [/^yuv440p10/, "yuv444p10"],
  [/^yuv440p12/, "yuv444p12"],
];

/** Parses the name of a planar format, or returns `undefined` for other names. `yuvj…` have full range. */
function parseName(name: string): PixelFormat | undefined {
  const found = /^(yuv|yuvj|yuva|gbr|gbra|gray)(4\d\d)?(p?)(\d*)(?:le|be|msble|msbbe)?$/.exec(name);
  if (!found) return undefined;
  const [, kind, sampling, planar, digits] = found, depth = digits === "" ? 8 : Number(digits);
  const chroma = sampling === undefined ? [1, 1] as const : CHROMA[sampling as keyof typeof CHROMA];
  if (!chroma || (kind === "gray") !== (planar === "") || kind!.startsWith("yuv") !== (sampling !== undefined)) {
    return undefined;
  }
  const model = kind === "gray" ? "gray" : kind!.startsWith("gbr") ? "rgb" : "yuv";
  return { model, depth, chroma, alpha: kind!.endsWith("a") };
}

function isSupported({ model, depth, chroma, alpha }: PixelFormat): boolean {
  const odd = model === "yuv" && (chroma[1] > chroma[0] || chroma[0] === 4);
  const family = odd ? "odd" : model === "gray" ? "gray" : alpha ? `${model}a` as const : model;
  return DEPTHS[family].includes(depth) && !(odd && alpha) && !(model === "gray" && alpha);
}

/**
 * Returns ffmpeg's name of a layout.
 *
 * @throws {RangeError} If ffmpeg has none, as for gray with alpha.
 */
export function formatName(format: PixelFormat): string {
  if (!isSupported(format)) {
    throw new RangeError(`ffmpeg: there is no pixel format for the layout ${JSON.stringify(format)}`);
  }
  const { model, depth, chroma, alpha } = format;
  const ending = depth === 8 ? "" : `${depth}le`;
  if (model === "gray") return `gray${ending}`;
  if (model === "rgb") return `gbr${alpha ? "a" : ""}p${ending}`;
  const [sampling] = Object.entries(CHROMA).find(([, [x, y]]) => x === chroma[0] && y === chroma[1])!;
  return `yuv${alpha ? "a" : ""}${sampling}p${ending}`;
}

/** Returns the layout in which frames of a pixel format of ffmpeg are piped. */
export function transportOf(pixelFormat: string): Transport {
  const plain = pixelFormat.replace(/(le|be)$/, "");
  const own = parseName(pixelFormat);
  if (own && isSupported(own) && !pixelFormat.includes("msb")) {
    return { format: own, name: formatName(own), converted: pixelFormat.endsWith("be"), lossless: true };
  }
  const repacked = REPACKED[plain] ?? (own && isSupported(own) ? plain.replace(/msb$/, "") : undefined);
  const nearest = repacked ?? NEAREST.find(([pattern]) => pattern.test(pixelFormat))?.[1] ?? "gbrp16";
  const format = parseName(nearest)!;
  const via = plain === "pal8" ? "bgra" : undefined;
  return { format, name: formatName(format), converted: true, lossless: repacked !== undefined, via };
}

/** Returns the layout of a pixel format of ffmpeg, or `undefined` for hardware formats. */
export function layoutOf(pixelFormat: string): PixelFormat | undefined {
  return parseName(pixelFormat) ?? parseName(REPACKED[pixelFormat.replace(/(le|be)$/, "")] ?? "");
}

/** Returns ffmpeg's tag of a layout in NUT files. */
export function fourcc(format: PixelFormat): Uint8Array {
  const { model, depth, chroma, alpha } = format;
  const text = (tag: string) => new TextEncoder().encode(tag);
  if (model === "rgb") return Uint8Array.of(0x47, alpha ? 0x34 : 0x33, 0, depth);
  if (model === "gray") return depth === 8 ? text("Y800") : Uint8Array.of(0x59, 0x31, 0, depth);
  if (depth === 8 && !alpha) {
    const tags = {
      yuv420p: "I420",
      yuv422p: "Y42B",
      yuv444p: "444P",
      yuv440p: "440P",
      yuv411p: "Y41B",
      yuv410p: "YUV9",
    };
    return text(tags[formatName(format) as keyof typeof tags]);
  }
  return Uint8Array.of(0x59, alpha ? 0x34 : 0x33, chroma[0] === 1 ? 0 : chroma[1] === 1 ? 10 : 11, depth);
}
