import { compare, multiply, type Rational, rational } from "@slomo/core/time";
import {
  type Frame,
  type Image,
  JobError,
  type MediaInfo,
  type MediaReader,
  type PixelFormat,
  type ReadOptions,
  UsageError,
} from "@slomo/core";
import { basename } from "@std/path";
import type { FfmpegTools } from "../ffmpeg/locate.ts";
import { formatName, transportOf } from "../ffmpeg/pixel_formats.ts";
import { lastError, runProcess } from "../ffmpeg/process.ts";
import { colorOf } from "../ffmpeg/color_tags.ts";
import type { ProbedStream } from "../ffmpeg/ffprobe.ts";
import { showFirstFrame } from "../ffmpeg/showinfo.ts";
import { countTogether, decodeImages, type ImageFile, type ImageLayout, isPacked } from "./decode_image.ts";
import { readHeader, type StoredLayout } from "./header.ts";
import { findPlace } from "./location.ts";
import { findSequence } from "./sequence.ts";

/** Number of processes that decode images ahead. */
const AHEAD = 2;

/** Properties of a sequence beyond {@linkcode MediaInfo}. */
interface Details {
  readonly files: readonly ImageFile[];
  /** Returns the layout in which a file is decoded. */
  readonly layoutOf: (file: ImageFile) => ImageLayout;
}

/** Probes an image with ffprobe, or else with ffmpeg. */
async function probeImage(tools: FfmpegTools, { path, header }: ImageFile): Promise<ProbedStream> {
  const args = ["-v", "error", "-f", header.demuxer, "-of", "json", "-show_streams", `file:${path}`];
  const { stdout, code, errors } = await runProcess(tools.ffprobe, args, { timeout: 60_000 });
  const found = code === 0
    ? (JSON.parse(stdout) as { readonly streams?: readonly ProbedStream[] }).streams?.[0]
    : undefined;
  const stream = found?.pix_fmt
    ? found
    : { index: 0, ...found, ...await showFirstFrame(tools, path, 0, header.demuxer) };
  if (!stream.pix_fmt || !stream.width || !stream.height) {
    throw new UsageError(`${path}: cannot read the image: ${lastError(errors)}`, { code: "input-unreadable" });
  }
  return stream;
}

/** @throws {UsageError} If two images have different sizes. */
function checkSizes(files: readonly ImageFile[]): void {
  const sized = files.filter(({ header }) => header.width !== undefined), first = sized[0];
  const other = sized.find(({ header }) =>
    header.width !== first!.header.width || header.height !== first!.header.height
  );
  if (first && other) {
    const size = ({ path, header }: ImageFile) => `${path} is ${header.width}×${header.height}`;
    throw new UsageError(
      `images: cannot read the sequence: ${size(first)}, but ${size(other)}; scale all images to one size`,
      { code: "size-mismatch" },
    );
  }
}

/** Returns the layout in which images are piped. Gray with alpha becomes color with alpha. */
function transportLayout(format: PixelFormat): ImageLayout {
  return isPacked(format) ? { format, pixelFormat: "rgba" } : { format, pixelFormat: formatName(format) };
}

function formatOf({ depth, gray, alpha }: StoredLayout): PixelFormat {
  return { model: gray && !alpha ? "gray" : "rgb", depth, chroma: [1, 1], alpha };
}

/** Layout in which color JPEGs are decoded if the sequence is RGB, or has JPEGs of several layouts. */
const MIXED_JPEG: ImageLayout = {
  format: { model: "yuv", depth: 8, chroma: [1, 1], alpha: false },
  pixelFormat: "yuvj444p",
  isOwn: true,
  color: { matrix: "bt470bg", range: "full" },
};

/** Returns the layout of the frames, and the layouts in which files are decoded. */
function layouts(
  files: readonly ImageFile[],
  stored: string,
): { readonly format: PixelFormat; readonly layoutOf: Details["layoutOf"] } {
  const facts = files.flatMap(({ header }) => header.stored ?? []);
  // JPEGs of one layout are read without conversion.
  const isOneYuv =
    facts.every(({ chroma, gray }) =>
      (gray || chroma) && `${chroma}${gray}` === `${facts[0]!.chroma}${facts[0]!.gray}`
    ) &&
    files.every(({ header }) => header.demuxer === "jpeg_pipe");
  if (facts.length === files.length && !isOneYuv) {
    const format = formatOf({
      depth: facts.some(({ depth }) => depth === 16) ? 16 : 8,
      gray: facts.every(({ gray }) => gray),
      alpha: facts.some(({ alpha }) => alpha),
    });
    return {
      format,
      layoutOf: ({ header }) =>
        header.stored!.chroma ? MIXED_JPEG : { ...transportLayout(formatOf(header.stored!)), isOwn: true },
    };
  }
  const { format, name, converted } = transportOf(stored);
  // Rotation by 90 degrees would swap unequal horizontal and vertical chroma subsampling.
  const isRotated = files.some(({ header }) => header.orientation >= 5);
  const layout: ImageLayout = isRotated && format.chroma[0] !== format.chroma[1]
    ? { format: { ...format, chroma: [1, 1] }, pixelFormat: stored.replace(/4\d\d/, "444") }
    : isPacked(format)
    ? transportLayout(format)
    : { format, pixelFormat: converted ? name : undefined };
  return { format: layout.format, layoutOf: () => layout };
}

/**
 * Probes an image sequence with a frame interval of `1/rate` seconds.
 *
 * @throws {UsageError} If there are no images, one is unreadable, or their sizes differ.
 */
async function probeImages(
  tools: FfmpegTools,
  location: string,
  rate: Rational,
): Promise<{ readonly info: MediaInfo; readonly details: Details }> {
  const place = await findPlace(location);
  if (!place) {
    // Throws for an animated WebP.
    await readHeader(location);
    throw new UsageError(
      `${location}: cannot read images: it is neither a folder nor a pattern such as folder/%05d.png`,
      { code: "unknown-format" },
    );
  }
  const { files: found, notes } = await findSequence(location, place);
  const files: ImageFile[] = [];
  for (const { path } of found) files.push({ path, header: await readHeader(path) });
  checkSizes(files);

  const first = files[0]!, stream = await probeImage(tools, first);
  const { format, layoutOf } = layouts(files, stream.pix_fmt!);
  const isRotated = first.header.orientation >= 5;
  const { matrix, ...color } = colorOf(stream, undefined);
  const codec = stream.codec_name ?? "unknown";
  const info: MediaInfo = {
    location,
    container: "images",
    video: {
      index: 0,
      codec,
      width: first.header.width ?? stream.width!,
      height: first.header.height ?? stream.height!,
      format,
      color: format.model === "yuv" ? { matrix, ...color } : { ...color, range: color.range ?? "full" },
      timebase: rational(rate.den, rate.num),
      start: rational(0),
      rate,
      constantRate: true,
      frames: files.length,
      duration: rational(BigInt(files.length) * rate.den, rate.num),
      rotation: 0,
      sampleAspect: sampleAspect(stream, isRotated),
      fieldOrder: "progressive",
    },
    streams: [{ index: 0, kind: "video", codec }],
    frameNames: files.map(({ path }) => basename(path)),
    chapters: 0,
    notes: [
      ...notes,
      ...(transportOf(stream.pix_fmt!).lossless ? [] : [
        `pixel format ${stream.pix_fmt} is read as ${transportOf(stream.pix_fmt!).name}${
          clippingNote(stream.pix_fmt!)
        }`,
      ]),
      ...(files.some(({ header }) => header.isPremultiplied)
        ? ["the images have associated alpha: their colors are divided by alpha"]
        : []),
      ...(files.some(({ header }) => header.hasProfile)
        ? ["the ICC color profile of the images is not kept; pixel values are unchanged"]
        : []),
    ],
  };
  return { info, details: { files, layoutOf } };
}

/** Returns a note on values that integers cannot represent. */
function clippingNote(pixelFormat: string): string {
  return /f32|f16/.test(pixelFormat) ? ": values below 0 and above 1 are clipped" : "";
}

function sampleAspect(stream: ProbedStream, isRotated: boolean): Rational {
  const found = /^([1-9]\d*):([1-9]\d*)$/.exec(stream.sample_aspect_ratio ?? "");
  if (!found) return rational(1);
  const [, across, down] = found as unknown as [string, string, string];
  return isRotated ? rational(BigInt(down), BigInt(across)) : rational(BigInt(across), BigInt(down));
}

/**
 * Yields the frames of an image sequence, upright and in order. It decodes some images ahead.
 *
 * @throws {JobError} If an image is damaged or its layout differs from the first; the message names it.
 */
async function* readImages(
  tools: FfmpegTools,
  info: MediaInfo,
  details: Details,
  { start, end, signal }: ReadOptions,
): AsyncGenerator<Frame> {
  const { video } = info;
  const { width, height, format, color } = video;
  const timeOf = (index: number) => multiply(rational(index), video.timebase);
  const isWanted = (index: number) =>
    (!start || compare(timeOf(index), start) >= 0) && (!end || compare(timeOf(index), end) < 0);
  const wanted = details.files.map((file, index) => ({ file, index })).filter(({ index }) => isWanted(index));
  if (wanted.length === 0) {
    throw new UsageError(`${info.location}: cannot read images: there are none from \`start\` to \`end\``, {
      code: "empty-range",
      option: "start",
    });
  }

  const stop = new AbortController();
  const both = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const like = { width, height, format, color }, together = countTogether(like);
  const decode = (from: number) => {
    const files = wanted.slice(from, from + together).map(({ file }) => file);
    const images = decodeImages(tools, files, details.layoutOf, like, both);
    for (const image of images) image.catch(() => {});
    return images;
  };
  const coming: Promise<Image>[] = [];
  try {
    for (const [i, { index }] of wanted.entries()) {
      while (coming.length <= AHEAD * together && i + coming.length < wanted.length) {
        coming.push(...decode(i + coming.length));
      }
      const image = await coming.shift()!;
      both.throwIfAborted();
      yield { pts: BigInt(index), timebase: video.timebase, duration: 1n, image, facts: {} };
    }
  } finally {
    stop.abort();
    await Promise.allSettled(coming);
  }
}

/** An open image sequence. */
export class ImageReader implements MediaReader {
  readonly #tools: FfmpegTools;
  readonly #details: Details;
  readonly #closed = new AbortController();

  private constructor(tools: FfmpegTools, readonly info: MediaInfo, details: Details) {
    [this.#tools, this.#details] = [tools, details];
  }

  /**
   * Opens an image sequence whose frames are `1/rate` seconds apart.
   *
   * @throws {UsageError} If the location has no images, one is unreadable, or their sizes differ.
   */
  static async open(tools: FfmpegTools, location: string, rate: Rational): Promise<ImageReader> {
    const { info, details } = await probeImages(tools, location, rate);
    return new ImageReader(tools, info, details);
  }

  /** Yields the images upright and in order. */
  frames(options: ReadOptions = {}): AsyncGenerator<Frame> {
    const signals = [this.#closed.signal, ...options.signal ? [options.signal] : []];
    return readImages(this.#tools, this.info, this.#details, { ...options, signal: AbortSignal.any(signals) });
  }

  /** Stops running decoders. */
  close(): Promise<void> {
    this.#closed.abort(new JobError(`${this.info.location}: cannot read images: the source is closed`));
    return Promise.resolve();
  }
}
