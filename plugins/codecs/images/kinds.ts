/** An image format. */
export interface ImageKind {
  /** ffmpeg's demuxer, which detects the file by its content and accepts `%` and `:` in its name. */
  readonly demuxer: string;
  /** Encoding; `undefined` if the format is read only. */
  readonly encoding?: ImageEncoding;
}

/** Encoder of a format, and the layouts that it supports. */
export interface ImageEncoding {
  /** ffmpeg's encoder. */
  readonly encoder: string;
  /** Color model of its samples; only JPEG is YUV, with full range. */
  readonly model: "rgb" | "yuv";
  /** Whether it supports gray images. */
  readonly gray: boolean;
  /** Whether it supports alpha. */
  readonly alpha: boolean;
  /** Maximum number of bits per sample. */
  readonly depth: 8 | 16;
  /** ffmpeg's pixel formats by the keys of {@linkcode pixelFormatKey}. */
  readonly pixelFormats: Readonly<Record<string, string>>;
  /** Further options of the encoder. */
  readonly options: readonly string[];
}

const PNG: ImageEncoding = {
  encoder: "png",
  model: "rgb",
  gray: true,
  alpha: true,
  depth: 16,
  pixelFormats: {
    rgb8: "rgb24",
    rgb16: "rgb48be",
    rgba8: "rgba",
    rgba16: "rgba64be",
    gray8: "gray",
    gray16: "gray16be",
  },
  options: ["-pred", "mixed"],
};

const TIFF: ImageEncoding = {
  ...PNG,
  encoder: "tiff",
  pixelFormats: {
    rgb8: "rgb24",
    rgb16: "rgb48le",
    rgba8: "rgba",
    rgba16: "rgba64le",
    gray8: "gray",
    gray16: "gray16le",
  },
  options: ["-compression_algo", "deflate"],
};

const JPEG: ImageEncoding = {
  encoder: "mjpeg",
  model: "yuv",
  gray: false,
  alpha: false,
  depth: 8,
  pixelFormats: { "yuv8:2x2": "yuvj420p", "yuv8:2x1": "yuvj422p", "yuv8:1x1": "yuvj444p" },
  options: ["-q:v", "1", "-qmin", "1", "-huffman", "optimal"],
};

const WEBP: ImageEncoding = {
  encoder: "libwebp",
  model: "rgb",
  gray: false,
  alpha: true,
  depth: 8,
  pixelFormats: { rgb8: "bgra", rgba8: "bgra" },
  options: ["-lossless", "1"],
};

const BMP: ImageEncoding = {
  encoder: "bmp",
  model: "rgb",
  gray: false,
  alpha: true,
  depth: 8,
  pixelFormats: { rgb8: "bgr24", rgba8: "bgra" },
  options: [],
};

const EXR: ImageEncoding = {
  encoder: "exr",
  model: "rgb",
  gray: false,
  alpha: true,
  depth: 16,
  pixelFormats: { rgb16: "gbrpf32le", rgba16: "gbrapf32le" },
  options: ["-compression", "zip16"],
};

/** Formats by file extension, in lower case. */
const KINDS: Readonly<Record<string, ImageKind>> = {
  png: { demuxer: "png_pipe", encoding: PNG },
  jpg: { demuxer: "jpeg_pipe", encoding: JPEG },
  jpeg: { demuxer: "jpeg_pipe", encoding: JPEG },
  webp: { demuxer: "webp_pipe", encoding: WEBP },
  tif: { demuxer: "tiff_pipe", encoding: TIFF },
  tiff: { demuxer: "tiff_pipe", encoding: TIFF },
  bmp: { demuxer: "bmp_pipe", encoding: BMP },
  exr: { demuxer: "exr_pipe", encoding: EXR },
  dpx: { demuxer: "dpx_pipe" },
};

/** Returns the extension of a file name in lower case, without the dot. */
export function endingOf(name: string): string {
  return /\.([^.\\/]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** Returns the image format of a file extension. */
export function kindOf(ending: string): ImageKind | undefined {
  return Object.hasOwn(KINDS, ending) ? KINDS[ending] : undefined;
}

/** Returns the extensions of the formats that can be written, for messages. */
export function writableEndings(): string[] {
  return Object.keys(KINDS).filter((ending) => KINDS[ending]!.encoding);
}

/** Returns the file extension for an encoder of ffmpeg. */
export function endingFor(encoder: string): string | undefined {
  return Object.keys(KINDS).find((ending) => KINDS[ending]!.encoding?.encoder === encoder);
}
