import { type DroppedItem, type Image, type PixelFormat, UsageError } from "@slomo/core";
import { layoutOf } from "../pixel_formats.ts";
import type { EncoderFacts } from "./encoder_facts.ts";
import { isForPlayers } from "./encoder_options.ts";

/** A pixel format for the encoder and what it cannot hold of the frames. */
export interface PixelChoice {
  /** By ffmpeg's name. */
  readonly name: string;
  /** Its layout; `undefined` for a format that is not looked into, such as one of a GPU. */
  readonly layout: PixelFormat | undefined;
  /** What is lost. */
  readonly dropped: readonly DroppedItem[];
  /** How the target will be read whatever the frames are, where it has no room for their tags: they are converted. */
  readonly readAs?: { readonly range: "limited" | "full"; readonly matrix?: string | undefined };
}

/** Pixels of one chroma sample, across and down. */
const steps = ({ model, chroma }: PixelFormat): readonly [number, number] => model === "yuv" ? chroma : [1, 1];

const area = (format: PixelFormat) => steps(format)[0] * steps(format)[1];

/** How much coarser the chroma of `have` is than that of `wanted`, across and down: above 1 loses, below wastes. */
function coarser(wanted: PixelFormat, have: PixelFormat): readonly [number, number] {
  const [[x, y], [u, v]] = [steps(wanted), steps(have)];
  return [u / x, v / y];
}

/** How far a layout is from the one wanted; what is lost weighs more than what is wasted. */
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

/** What players can show of a layout: RGB and gray become 4:2:0. */
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
        { option: "pixelFormat" },
      );
    }
    const layout = layoutOf(pixelFormat);
    const why = `\`pixelFormat\` is ${pixelFormat}`;
    return { name: pixelFormat, layout, dropped: layout ? droppedBetween(format, layout, why) : [] };
  }
  const wanted = isForPlayers(encoder.name) ? playable(format) : format;
  const choices = (offered.length > 0 ? offered : ["yuv420p"]).flatMap((name) => {
    const layout = name.startsWith("bayer") || name.includes("msb") ? undefined : layoutOf(name);
    return layout && !(wide && area(layout) > 1) ? [{ name, layout, distance: distance(wanted, layout) }] : [];
  });
  if (choices.length === 0) return wide ? undefined : { name: offered[0]!, layout: undefined, dropped: [] };
  const { name, layout } = choices.reduce((best, choice) => choice.distance < best.distance ? choice : best);
  return { name, layout, dropped: droppedBetween(format, layout, `${encoder.name} is given ${name}`) };
}
