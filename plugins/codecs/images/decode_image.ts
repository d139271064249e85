import { type Image, JobError, type PixelFormat } from "@slomo/core";
import type { FfmpegTools } from "../ffmpeg/locate.ts";
import { NutReader } from "../ffmpeg/nut/reader.ts";
import { imageByteLength, imageFromBytes } from "../ffmpeg/image_bytes.ts";
import { processError, startProcess } from "../ffmpeg/process.ts";
import { transportOf } from "../ffmpeg/pixel_formats.ts";
import { TruncatedError } from "../ffmpeg/nut/byte_reader.ts";
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

function decodeArguments({ path, header }: ImageFile, pixelFormat: string | undefined): string[] {
  const rotation = UPRIGHT[header.orientation];
  // ffmpeg changes values by up to two levels when it converts a palette to planes directly.
  const steps = pixelFormat === "gbrp" ? ["rgb24", "gbrp"] : pixelFormat ? [pixelFormat] : [];
  const filters = [...steps.map((name) => `format=${name}`), ...(rotation ? [rotation] : [])];
  return [
    // Prints the log level of each message, to distinguish the pixel format, at `info`, from errors.
    ...["-nostdin", "-hide_banner", "-nostats", "-loglevel", "level+info", "-noautorotate"],
    ...["-f", header.demuxer, "-i", `file:${path}`, "-map", "0:v:0", "-frames:v", "1"],
    ...(filters.length ? ["-vf", filters.join(",")] : []),
    ...(pixelFormat ? ["-pix_fmt", pixelFormat] : []),
    ...["-c:v", "rawvideo", "-f", "nut", "pipe:1"],
  ];
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
    const image = isPacked(format) ? unpack(data, own) : imageFromBytes(data, own);
    return convertImage(file.header.isPremultiplied ? unpremultiply(image) : image, like);
  } finally {
    await child.kill();
  }
}
