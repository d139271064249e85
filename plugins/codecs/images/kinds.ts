/** A kind of image file. */
export interface ImageKind {
  /** ffmpeg's demuxer that knows the file by its content and takes its name as it is, with `%` and `:`. */
  readonly demuxer: string;
  /** How files of this kind are written; `undefined` where they are read only. */
  readonly encoding?: ImageEncoding;
}

/** How files of one kind are written, and what they can hold. */
export interface ImageEncoding {
  /** ffmpeg's encoder. */
  readonly encoder: string;
  /** Color model of its samples; JPEG alone keeps YUV, of full range. */
  readonly model: "rgb" | "yuv";
  /** Whether a gray picture has a form of its own. */
  readonly gray: boolean;
  /** Whether it holds alpha. */
  readonly alpha: boolean;
  /** The most bits a sample. */
  readonly depth: 8 | 16;
  /** ffmpeg's pixel format for a layout, as {@linkcode pixelFormatKey} writes it. */
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

/** Kinds by the ending of their files' names, lower case. */
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

/** The ending of a file's name, lower case, without the dot. */
export function endingOf(name: string): string {
  return /\.([^.\\/]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** The kind of image that a name's ending stands for. */
export function kindOf(ending: string): ImageKind | undefined {
  return Object.hasOwn(KINDS, ending) ? KINDS[ending] : undefined;
}

/** The endings of the kinds that can be written, for messages. */
export function writableEndings(): string[] {
  return Object.keys(KINDS).filter((ending) => KINDS[ending]!.encoding);
}

/** The ending for files of an encoder, by ffmpeg's name. */
export function endingFor(encoder: string): string | undefined {
  return Object.keys(KINDS).find((ending) => KINDS[ending]!.encoding?.encoder === encoder);
}
