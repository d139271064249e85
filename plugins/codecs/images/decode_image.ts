import { isDeepStrictEqual } from "node:util";
import { type Image, JobError, type PixelFormat } from "@slomo/core";
import type { FfmpegTools } from "../ffmpeg/locate.ts";
import { NutReader } from "../ffmpeg/nut/reader.ts";
import { imageByteLength, imageFromBytes } from "../ffmpeg/image_bytes.ts";
import { processError, startProcess } from "../ffmpeg/process.ts";
import { transportOf } from "../ffmpeg/pixel_formats.ts";
import { TruncatedError } from "../ffmpeg/nut/byte_reader.ts";
import { passthrough } from "../ffmpeg/version.ts";
import { convertImage, type ImageLike } from "./convert.ts";
import type { ImageHeader } from "./header.ts";

/** Filters that rotate and flip a stored image upright, by EXIF orientation. */
const UPRIGHT: Readonly<Record<number, string>> = {
  2: "hflip",
  3: "hflip,vflip",
  4: "vflip",
  5: "transpose=cclock_flip",
  6: "transpose=clock",
  7: "transpose=clock_flip",
  8: "transpose=cclock",
};

/** An image file. */
export interface ImageFile {
  /** Its path. */
  readonly path: string;
  /** Its header. */
  readonly header: ImageHeader;
}

/** Layout in which ffmpeg decodes a file. */
export interface ImageLayout {
  /** Layout of the output. */
  readonly format: PixelFormat;
  /** ffmpeg's name of the layout if it must convert; absent if the file has the layout. */
  readonly pixelFormat?: string | undefined;
  /** Whether the layout is that of the file's header, so that nothing is lost. */
  readonly isOwn?: boolean;
  /** Color, if it differs from that of the frames. */
  readonly color?: Image["color"] | undefined;
}

/**
 * Tests whether images of a layout are piped as packed RGBA: ffmpeg 5.1 changes values by one level when it converts 8-bit RGBA
 * to planes.
 */
export function isPacked({ model, depth, alpha }: PixelFormat): boolean {
  return model === "rgb" && depth === 8 && alpha;
}

function unpack(data: Uint8Array, like: ImageLike): Image {
  const planes = [0, 1, 2, 3].map((channel) => {
    const plane = new Uint8Array(like.width * like.height);
    for (let i = 0, o = channel; i < plane.length; i++, o += 4) plane[i] = data[o]!;
    return plane;
  });
  return { ...like, planes };
}

/** Divides the colors of an image by its alpha. Pixels without alpha stay as they are. */
function unpremultiply(image: Image): Image {
  const { planes, format } = image, alpha = planes[3];
  if (!format.alpha || format.model !== "rgb" || !alpha) return image;
  const most = 2 ** format.depth - 1;
  const colors = planes.slice(0, 3).map((plane) =>
    plane.map((value, i) => alpha[i] ? Math.min(most, Math.round(value * most / alpha[i])) : value)
  );
  return { ...image, planes: [...colors, alpha] };
}

/** Tests whether conversion from `stored` to `target` loses alpha, bit depth, color or chroma resolution. */
function loses(stored: PixelFormat, target: PixelFormat): boolean {
  if (stored.depth > target.depth || stored.alpha && !target.alpha) return true;
  if (target.model === "rgb") return false;
  return stored.model !== target.model || stored.chroma.some((step, i) => step < target.chroma[i]!);
}

/** Returns the first error message of ffmpeg, without its source. */
function firstError(errors: readonly string[]): string | undefined {
  return errors.map((line) => /\[(?:error|fatal|panic)\] (.*)/.exec(line)?.[1]).find((text) => text !== undefined);
}

/** Returns the filters that convert an image and rotate it upright. */
function filtersOf({ header }: ImageFile, pixelFormat: string | undefined): string[] {
  const rotation = UPRIGHT[header.orientation];
  // ffmpeg changes values by up to two levels when it converts a palette to planes directly.
  const steps = pixelFormat === "gbrp" ? ["rgb24", "gbrp"] : pixelFormat ? [pixelFormat] : [];
  return [...steps.map((name) => `format=${name}`), ...(rotation ? [rotation] : [])];
}

// Prints the log level of each message, to distinguish the pixel format, at `info`, from errors.
const GLOBAL = ["-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info", "-noautorotate"];

const inputOf = ({ path, header }: ImageFile): string[] => ["-f", header.demuxer, "-i", `file:${path}`];

const outputTo = (pixelFormat: string | undefined): string[] => [
  ...(pixelFormat ? ["-pix_fmt", pixelFormat] : []),
  ...["-c:v", "rawvideo", "-f", "nut", "pipe:1"],
];

function decodeArguments(file: ImageFile, pixelFormat: string | undefined): string[] {
  const filters = filtersOf(file, pixelFormat);
  return [
    ...[...GLOBAL, ...inputOf(file), "-map", "0:v:0", "-frames:v", "1"],
    ...(filters.length ? ["-vf", filters.join(",")] : []),
    ...outputTo(pixelFormat),
  ];
}

/** Returns the image of decoded samples in the layout of `like`. */
function imageOf({ header }: ImageFile, data: Uint8Array<ArrayBuffer>, own: ImageLike, like: ImageLike): Image {
  const image = isPacked(own.format) ? unpack(data, own) : imageFromBytes(data, own);
  return convertImage(header.isPremultiplied ? unpremultiply(image) : image, like);
}

/**
 * Decodes an image file, upright, to the layout of `like`.
 *
 * @throws {JobError} If the file is damaged, or conversion to the layout would lose something; the message names the file.
 */
export async function decodeImage(
  tools: FfmpegTools,
  file: ImageFile,
  { format, pixelFormat, isOwn, color }: ImageLayout,
  like: ImageLike,
  signal?: AbortSignal,
): Promise<Image> {
  const child = startProcess(tools.ffmpeg, decodeArguments(file, pixelFormat), { signal });
  try {
    const reader = new NutReader(child.output());
    let data: Uint8Array<ArrayBuffer> | undefined;
    try {
      for await (const frame of reader.frames()) data ??= frame.data;
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error;
    }
    const exit = await child.exit;
    signal?.throwIfAborted();
    if (exit.signal) throw processError(tools.ffmpeg, exit, `reading ${file.path}`);
    const why = firstError(exit.errors);
    if (!data || why !== undefined || exit.code !== 0) {
      throw new JobError(
        `${file.path}: cannot decode the image: ${why ?? "it contains no image"}; repair or remove it`,
        { code: "input-damaged" },
      );
    }
    const stored = exit.errors.map((line) => /: Video: [^,]*, (\w+)/.exec(line)?.[1]).find((name) =>
      name !== undefined
    );
    const other = (what: string) =>
      new JobError(
        `${file.path}: cannot convert ${what} to the layout of the first image without loss; ` +
          "convert all images to one pixel format",
        { code: "input-damaged" },
      );
    if (stored && !isOwn && loses(transportOf(stored).format, format)) throw other(stored);
    const { width, height } = reader.stream!;
    if (width !== like.width || height !== like.height) {
      throw new JobError(`${file.path} is ${width}×${height}, the images before it ${like.width}×${like.height}`, {
        code: "input-damaged",
      });
    }
    const own = { ...like, format, color: color ?? like.color };
    if (data.length !== imageByteLength(own)) throw other(stored ?? "another layout");
    return imageOf(file, data, own, like);
  } finally {
    await child.kill();
  }
}

/** Most images that one process decodes. */
const MOST_TOGETHER = 8;

/** Most bytes of the images that one process decodes. Larger images take much longer than the start of a process. */
const BYTES_TOGETHER = 2 ** 24;

/** Returns how many images of a layout one process decodes. */
export function countTogether(like: ImageLike): number {
  return Math.max(1, Math.min(MOST_TOGETHER, Math.floor(BYTES_TOGETHER / imageByteLength(like))));
}

/** Layouts to which ffmpeg converts files of the same layout without any arithmetic, in every kind of filter graph. */
const REARRANGED = ["gray", "gray16le", "gbrp", "gbrp16le", "rgba", "gbrap16le"];

/** Pixel format of each input in the messages of ffmpeg, with what it says of color. */
const STORED = /^\[info\] +Stream #\d+:0\b.*: Video: [^,]*, (\w+(?:\([^)]*\))?)/;

/**
 * Decodes image files of one layout, as {@linkcode decodeImage} does, with one process.
 *
 * @returns The images; `undefined` if anything is unusual, so that each file is to be decoded alone.
 */
async function decodeTogether(
  tools: FfmpegTools,
  files: readonly ImageFile[],
  { format, pixelFormat, isOwn, color }: ImageLayout,
  like: ImageLike,
  signal: AbortSignal | undefined,
): Promise<Image[] | undefined> {
  if (pixelFormat && !(isOwn && REARRANGED.includes(pixelFormat))) return undefined;
  const chains = files.map((file, i) =>
    `[${i}:v:0]${["trim=end_frame=1", ...filtersOf(file, pixelFormat)].join(",")}[i${i}];`
  );
  const joined = `${files.map((_, i) => `[i${i}]`).join("")}concat=n=${files.length},settb=1/25,setpts=N[out]`;
  const args = [...files.flatMap(inputOf), "-filter_complex", chains.join("") + joined, "-map", "[out]"];
  const child = startProcess(
    tools.ffmpeg,
    [...GLOBAL, ...args, ...passthrough(tools.version), ...outputTo(pixelFormat)],
    { signal },
  );
  try {
    const reader = new NutReader(child.output()), found: Uint8Array<ArrayBuffer>[] = [];
    try {
      for await (const { data } of reader.frames()) found.push(data);
    } catch {
      return undefined;
    }
    const { code, errors } = await child.exit;
    const stored = errors.flatMap((line) => STORED.exec(line)?.[1] ?? []).slice(0, files.length);
    const own = { ...like, format, color: color ?? like.color }, [first] = stored;
    // Gray with alpha is converted with arithmetic, and so are layouts that differ.
    const isUsual = code === 0 && firstError(errors) === undefined && found.length === files.length &&
      stored.length === files.length && stored.every((name) => name === first) && !first!.startsWith("ya") &&
      (isOwn || !loses(transportOf(first!.replace(/\(.*/, "")).format, format)) &&
      reader.stream!.width === like.width && reader.stream!.height === like.height;
    const length = imageByteLength(own);
    if (!isUsual || found.some((data) => data.length !== length)) return undefined;
    return files.map((file, i) => imageOf(file, found[i]!, own, like));
  } finally {
    await child.kill();
    signal?.throwIfAborted();
  }
}

/**
 * Decodes image files, as {@linkcode decodeImage} does, with one process if they have one layout and nothing is wrong: starting
 * a process takes longer than decoding a small image.
 *
 * @param layoutOf Returns the layout in which a file is decoded.
 * @returns An image per file.
 */
export function decodeImages(
  tools: FfmpegTools,
  files: readonly ImageFile[],
  layoutOf: (file: ImageFile) => ImageLayout,
  like: ImageLike,
  signal?: AbortSignal,
): Promise<Image>[] {
  const layouts = files.map(layoutOf), [layout, ...others] = layouts;
  const isOne = others.length > 0 && others.every((other) => isDeepStrictEqual(other, layout));
  const together = isOne ? decodeTogether(tools, files, layout!, like, signal) : Promise.resolve(undefined);
  return files.map(async (file, i) =>
    (await together)?.[i] ?? await decodeImage(tools, file, layouts[i]!, like, signal)
  );
}
