import { type Image, type Lost, type PixelFormat, UsageError } from "@slomo/core";
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
  readonly lost: readonly Lost[];
}

const area = ({ model, chroma }: PixelFormat) => model === "yuv" ? chroma[0] * chroma[1] : 1;

/** How far a layout is from the one wanted; what is lost weighs more than what is wasted. */
function distance(wanted: PixelFormat, have: PixelFormat): number {
  const model = wanted.model === have.model
    ? 0
    : wanted.model === "grey"
    ? 1
    : have.model === "grey"
    ? 5000
    : wanted.model === "rgb"
    ? 100
    : 400;
  const depth = have.depth - wanted.depth, detail = area(have) / area(wanted);
  return model + (wanted.alpha && !have.alpha ? 1000 : 0) + (have.alpha && !wanted.alpha ? 30 : 0) +
    (depth < 0 ? -depth * 40 : depth * 2) + (detail > 1 ? detail * 50 : 5 / detail - 5);
}

/** What players can show of a layout: RGB and grey become 4:2:0. */
function playable(format: PixelFormat): PixelFormat {
  return format.model === "yuv" ? format : { ...format, model: "yuv", chroma: [2, 2] };
}

function lostBetween(source: PixelFormat, target: PixelFormat, why: string): Lost[] {
  const lost: Lost[] = [];
  const isFiner = source.model !== "grey" && area(target) > area(source);
  if (source.alpha && !target.alpha) lost.push({ what: "alpha", why });
  if (target.depth < source.depth) lost.push({ what: `${source.depth} bit`, why: `${why}: ${target.depth} bit` });
  if (source.model !== "grey" && target.model === "grey") lost.push({ what: "colour", why });
  else if (isFiner) {
    const sampling = target.chroma[1] === 2 ? "4:2:0" : target.chroma[0] === 4 ? "4:1:1" : "4:2:2";
    const what = source.model === "rgb" ? "full-size RGB colour" : "full colour resolution";
    lost.push({ what, why: `${why}: ${sampling}` });
  }
  return lost;
}

/**
 * The pixel format to encode in: the one asked for, or the nearest to the frames' that the encoder takes.
 *
 * @param wide Whether only formats with full-size chroma will do, as odd sizes need with some encoders.
 * @throws {UsageError} If the encoder does not take the one asked for.
 */
export function choosePixelFormat(
  { format }: Omit<Image, "planes">,
  encoder: EncoderFacts,
  { asked, wide = false }: { readonly asked?: string | undefined; readonly wide?: boolean },
): PixelChoice | undefined {
  const offered = encoder.pixelFormats;
  if (asked !== undefined) {
    if (offered.length > 0 && !offered.includes(asked)) {
      throw new UsageError(`--pix-fmt ${asked}: encoder ${encoder.name} takes ${offered.join(", ")}`);
    }
    const layout = layoutOf(asked);
    return { name: asked, layout, lost: layout ? lostBetween(format, layout, `--pix-fmt ${asked}`) : [] };
  }
  const wanted = isForPlayers(encoder.name) ? playable(format) : format;
  const choices = (offered.length > 0 ? offered : ["yuv420p"]).flatMap((name) => {
    const layout = name.startsWith("bayer") || name.includes("msb") ? undefined : layoutOf(name);
    return layout && !(wide && area(layout) > 1) ? [{ name, layout, distance: distance(wanted, layout) }] : [];
  });
  if (choices.length === 0) return wide ? undefined : { name: offered[0]!, layout: undefined, lost: [] };
  const { name, layout } = choices.reduce((best, choice) => choice.distance < best.distance ? choice : best);
  return { name, layout, lost: lostBetween(format, layout, `${encoder.name} is given ${name}`) };
}
