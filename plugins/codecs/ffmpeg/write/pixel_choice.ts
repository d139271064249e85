import { type DroppedItem, type Image, type PixelFormat, UsageError } from "@slomo/core";
import { layoutOf } from "../pixel_formats.ts";
import type { EncoderFacts } from "./encoder_facts.ts";
import { isForPlayback } from "./encoder_options.ts";

/** A pixel format for the encoder, and the properties of frames that it loses. */
export interface PixelChoice {
  /** ffmpeg's name. */
  readonly name: string;
  /** Its layout; `undefined` for hardware formats. */
  readonly layout: PixelFormat | undefined;
  /** Lost properties. */
  readonly dropped: readonly DroppedItem[];
  /** Range and matrix with which the output is decoded if it cannot store the tags of the frames, which are converted. */
  readonly readAs?: { readonly range: "limited" | "full"; readonly matrix?: string | undefined };
}

/** Returns the horizontal and vertical chroma subsampling. */
const steps = ({ model, chroma }: PixelFormat): readonly [number, number] => model === "yuv" ? chroma : [1, 1];

const area = (format: PixelFormat) => steps(format)[0] * steps(format)[1];

/** Returns the ratios of chroma subsampling of `have` to `wanted`: above 1 loses detail, below 1 wastes space. */
function coarser(wanted: PixelFormat, have: PixelFormat): readonly [number, number] {
  const [[x, y], [u, v]] = [steps(wanted), steps(have)];
  return [u / x, v / y];
}

/** Returns the distance of a layout to the wanted one. Losses have larger weights than waste. */
function distance(wanted: PixelFormat, have: PixelFormat): number {
  const model = wanted.model === have.model
    ? 0
    : wanted.model === "gray"
    ? 1
    : have.model === "gray"
    ? 5000
    : wanted.model === "rgb"
    ? 100
    : 400;
  const depth = have.depth - wanted.depth;
  const detail = coarser(wanted, have).map((ratio) => ratio > 1 ? ratio * 50 : 5 / ratio - 5);
  return model + (wanted.alpha && !have.alpha ? 1000 : 0) + (have.alpha && !wanted.alpha ? 30 : 0) +
    (depth < 0 ? -depth * 40 : depth * 2) + detail[0]! + detail[1]!;
}

/** Returns the nearest layout that players support: RGB and gray become 4:2:0. */
function playable(format: PixelFormat): PixelFormat {
  return format.model === "yuv" ? format : { ...format, model: "yuv", chroma: [2, 2] };
}

function droppedBetween(source: PixelFormat, target: PixelFormat, why: string): DroppedItem[] {
  const dropped: DroppedItem[] = [];
  const isFiner = source.model !== "gray" && coarser(source, target).some((ratio) => ratio > 1);
  if (source.alpha && !target.alpha) dropped.push({ what: "alpha", why });
  if (target.depth < source.depth) dropped.push({ what: `${source.depth} bit`, why: `${why}: ${target.depth} bit` });
  if (source.model !== "gray" && target.model === "gray") dropped.push({ what: "color", why });
  else if (isFiner) {
    const sampling = { "2,2": "4:2:0", "2,1": "4:2:2", "1,2": "4:4:0", "4,1": "4:1:1" }[`${target.chroma}`] ?? "4:1:0";
    const what = source.model === "rgb" ? "full-size RGB color" : "full color resolution";
    dropped.push({ what, why: `${why}: ${sampling}` });
  }
  return dropped;
}

/**
 * Returns the pixel format to encode in: the given one, or the supported one that is nearest to the frames'.
 *
 * @param wide Whether chroma must have full resolution, which some encoders need for odd sizes.
 * @throws {UsageError} If the encoder does not support the given one.
 */
export function choosePixelFormat(
  { format }: Omit<Image, "planes">,
  encoder: EncoderFacts,
  { pixelFormat, wide = false }: { readonly pixelFormat?: string | undefined; readonly wide?: boolean },
): PixelChoice | undefined {
  const offered = encoder.pixelFormats;
  if (pixelFormat !== undefined) {
    if (offered.length > 0 && !offered.includes(pixelFormat)) {
      throw new UsageError(
        `encoder ${encoder.name}: cannot encode \`pixelFormat\` ${pixelFormat}; choose one of ${offered.join(", ")}`,
        { code: "encoder-failed", option: "pixelFormat" },
      );
    }
    const layout = layoutOf(pixelFormat);
    const why = `\`pixelFormat\` is ${pixelFormat}`;
    return { name: pixelFormat, layout, dropped: layout ? droppedBetween(format, layout, why) : [] };
  }
  const wanted = isForPlayback(encoder.name) ? playable(format) : format;
  const choices = (offered.length > 0 ? offered : ["yuv420p"]).flatMap((name) => {
    const layout = name.startsWith("bayer") || name.includes("msb") ? undefined : layoutOf(name);
    return layout && !(wide && area(layout) > 1) ? [{ name, layout, distance: distance(wanted, layout) }] : [];
  });
  if (choices.length === 0) return wide ? undefined : { name: offered[0]!, layout: undefined, dropped: [] };
  const { name, layout } = choices.reduce((best, choice) => choice.distance < best.distance ? choice : best);
  return { name, layout, dropped: droppedBetween(format, layout, `${encoder.name} encodes ${name}`) };
}
