import {
  type DroppedItem,
  fileReasonOf,
  type Image,
  type MediaInfo,
  type PixelFormat,
  UsageError,
  type WriteOptions,
  type WritePlan,
} from "@slomo/core";
import { basename } from "@std/path";
import { checkFolder } from "../ffmpeg/write/target.ts";
import type { FfmpegTools } from "../ffmpeg/locate.ts";
import { graySource } from "../ffmpeg/gray_source.ts";
import { lastError, runProcess } from "../ffmpeg/process.ts";
import { formatName, layoutOf } from "../ffmpeg/pixel_formats.ts";
import type { ImageLike } from "./convert.ts";
import { endingFor, endingOf, type ImageEncoding, kindOf, writableEndings } from "./kinds.ts";
import { findPlace, findTarget, nameOf, type NamePattern, numberIn } from "./location.ts";

/** Location and encoding of the output. */
export interface ImagePlan {
  /** Folder of the files. */
  readonly folder: string;
  /** Pattern of the file names. */
  readonly pattern: NamePattern;
  /** Whether the folder as a whole is the target, rather than some names in it. */
  readonly wholeFolder: boolean;
  /** Encoding of the files. */
  readonly encoding: ImageEncoding;
  /** Size, layout and color of the encoder's input. */
  readonly target: ImageLike;
  /** ffmpeg's pixel format of the files. */
  readonly pixelFormat: string;
}

/** Returns the key of a layout in {@linkcode ImageEncoding.pixelFormats}. */
function pixelFormatKey({ model, depth, chroma, alpha }: PixelFormat): string {
  if (model === "gray") return `gray${depth}`;
  return model === "rgb" ? `rgb${alpha ? "a" : ""}${depth}` : `yuv${depth}:${chroma.join("x")}`;
}

/** Returns the supported layout of an encoding that keeps most properties of `from`. */
function chooseLayout(
  { model, gray, alpha, depth, pixelFormats }: ImageEncoding,
  from: PixelFormat,
  isRotated: boolean,
): PixelFormat {
  const whole = { chroma: [1, 1] as const, depth: from.depth > 8 ? depth : 8, alpha: from.alpha && alpha };
  if (model === "yuv") {
    const finer = pixelFormatKey({ ...from, depth: 8 }) in pixelFormats &&
      !(isRotated && from.chroma[0] !== from.chroma[1]);
    return { ...whole, model, chroma: finer ? from.chroma : [1, 1] };
  }
  const layout = { ...whole, model: from.model === "gray" && gray && !whole.alpha ? "gray" as const : model };
  return pixelFormatKey(layout) in pixelFormats ? layout : { ...layout, depth };
}

async function placeOf(
  { location, encoder }: WriteOptions,
): Promise<Pick<ImagePlan, "folder" | "pattern" | "wholeFolder">> {
  const place = await findTarget(location);
  if (!place) {
    throw new UsageError(
      `${location}: cannot write images: it is neither a folder nor a pattern such as folder/%05d.png`,
      { code: "unknown-format" },
    );
  }
  if (place.pattern) return { folder: place.folder, pattern: place.pattern, wholeFolder: false };
  const ending = encoder === undefined ? "png" : endingFor(encoder);
  if (!ending) {
    throw new UsageError(
      `${location}: cannot write images with \`encoder\` ${encoder}; name a pattern with one of the extensions ` +
        `${writableEndings().join(", ")} as output, or a video file`,
      { option: "encoder" },
    );
  }
  return { folder: place.folder, pattern: { before: "", digits: 5, after: `.${ending}` }, wholeFolder: true };
}

/** @throws {UsageError} If existing files may not be replaced, or files cannot be created. */
async function checkTarget(
  { folder, pattern, wholeFolder }: Awaited<ReturnType<typeof placeOf>>,
  { location, overwrite, copy }: WriteOptions,
) {
  const there = await Deno.stat(folder).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`${location}: cannot write images: ${fileReasonOf(error)}`, { code: "output-unwritable" });
  });
  if (!there) return;
  if (!there.isDirectory) {
    throw new UsageError(`${location}: cannot write images: ${folder} is a file, not a folder`, {
      code: "output-unwritable",
    });
  }
  const source = copy?.source.info.container === "images" ? await findPlace(copy.source.info.location) : undefined;
  if (source && await Deno.realPath(source.folder) === await Deno.realPath(folder)) {
    const taken = copy!.source.info.frameNames?.find((name) => numberIn(pattern, name) !== undefined);
    if (taken !== undefined || wholeFolder && !source.pattern) {
      const what = taken === undefined ? "" : `, and ${taken} in it would be replaced`;
      throw new UsageError(
        `${location}: cannot write images: ${folder} contains the source${what}; give another folder`,
        { code: "output-unwritable" },
      );
    }
  }
  await checkFolder(location, folder);
  if (overwrite) return;
  for await (const { name } of Deno.readDir(folder)) {
    const isConflict = wholeFolder ? !name.startsWith(".") : numberIn(pattern, name) !== undefined;
    if (isConflict) {
      throw new UsageError(
        `${location}: cannot write images: ${folder} already contains ${name}; ` +
          "name an empty folder, or set `overwrite` to replace its images",
        { code: "output-exists", option: "overwrite" },
      );
    }
  }
}

function droppedItems(ending: string, target: PixelFormat, { image, copy }: WriteOptions): DroppedItem[] {
  const dropped: DroppedItem[] = [];
  if (image.format.alpha && !target.alpha) dropped.push({ what: "alpha", why: `${ending} does not support it` });
  if (image.format.depth > target.depth) {
    dropped.push({ what: `${image.format.depth} bit`, why: `${ending} supports ${target.depth} bits per sample` });
  }
  const { primaries, transfer } = image.color;
  const wide = [primaries, transfer].filter((tag) => tag === "bt2020" || tag === "smpte2084" || tag === "arib-std-b67");
  if (wide.length) dropped.push({ what: `color tags ${wide.join(", ")}`, why: "image files are written without them" });
  return [...dropped, ...streamsOf(copy?.source.info)];
}

function streamsOf(info: MediaInfo | undefined): DroppedItem[] {
  const why = "image files contain images only";
  const streams = (info?.streams ?? []).filter(({ index }) => index !== info!.video.index).map((
    { kind, index, codec },
  ) => ({
    what: `${kind} stream ${index} (${codec})`,
    why,
  }));
  return info?.chapters ? [...streams, { what: `${info.chapters} chapters`, why }] : streams;
}

/** @throws {UsageError} If this ffmpeg cannot encode images of that size and format. */
async function tryEncoder(tools: FfmpegTools, { encoding, target, pixelFormat }: ImagePlan): Promise<void> {
  const output = await runProcess(tools.ffmpeg, [
    ...["-nostdin", "-v", "error", "-f", "lavfi", "-i", graySource(target, formatName(target.format), "d=0.04")],
    ...["-frames:v", "1", "-pix_fmt", pixelFormat, "-c:v", encoding.encoder, ...encoding.options, "-f", "null", "-"],
  ], { timeout: 60_000 });
  if (output.code !== 0) {
    throw new UsageError(
      `ffmpeg: cannot encode ${target.width}×${target.height} ${pixelFormat} with ${encoding.encoder}: ` +
        `${lastError(output.errors)}; choose another file name extension, or set \`ffmpeg\` to another ffmpeg`,
      { code: "encoder-failed", option: "ffmpeg" },
    );
  }
}

/**
 * Plans the output, and lists what it loses.
 *
 * @throws {UsageError} If the images cannot be written, or existing files may not be replaced.
 */
export async function planImages(
  tools: FfmpegTools,
  options: WriteOptions,
): Promise<{ readonly plan: Omit<WritePlan, "open">; readonly images: ImagePlan }> {
  const place = await placeOf(options);
  const ending = endingOf(basename(place.pattern.after)), encoding = kindOf(ending)?.encoding;
  if (!encoding) {
    throw new UsageError(`${options.location}: cannot write .${ending} images; use ${writableEndings().join(", ")}`, {
      code: "unknown-format",
    });
  }
  if (options.encoder !== undefined && options.encoder !== encoding.encoder) {
    throw new UsageError(
      `${options.location}: cannot write .${ending} files with \`encoder\` ${options.encoder}; leave it out`,
      { option: "encoder" },
    );
  }
  await checkTarget(place, options);

  const { image } = options;
  const wanted = options.pixelFormat === undefined ? image.format : layoutOf(options.pixelFormat);
  if (!wanted) {
    throw new UsageError(
      `${options.location}: cannot write images with \`pixelFormat\` ${options.pixelFormat}: it is unknown; leave it out`,
      { option: "pixelFormat" },
    );
  }
  const format = chooseLayout(encoding, wanted, options.rotation === 90 || options.rotation === 270);
  const color: Image["color"] = encoding.model === "yuv" ? { matrix: "bt470bg", range: "full" } : { range: "full" };
  const images: ImagePlan = {
    ...place,
    encoding,
    target: { width: image.width, height: image.height, format, color },
    pixelFormat: encoding.pixelFormats[pixelFormatKey(format)]!,
  };
  await tryEncoder(tools, images);
  const plan = {
    container: "images",
    encoder: encoding.encoder,
    pixelFormat: images.pixelFormat,
    holdsLast: false,
    dropped: droppedItems(ending, format, options),
    notes: [
      ...(options.crf === undefined ? [] : ["image files ignore `crf`, which is for video encoders"]),
      ...(place.wholeFolder ? [`the images are named ${nameOf(place.pattern, 1)} and so on`] : []),
    ],
  };
  return { plan, images };
}
