import { UsageError } from "@slomo/core";

/** Options for the quality of a family of encoders. */
interface Family {
  /** Names of the encoders. */
  readonly names: RegExp;
  /** Options for speed and the like. */
  readonly defaults: readonly string[];
  /** Returns options for a constant rate factor on x264's scale, 0 (best) to 51; absent if quality cannot be set. */
  readonly quality?: (crf: number) => readonly string[];
  /** Default quality. */
  readonly crf: number;
  /** Whether the output is for playback: many players support 4:2:0 only. */
  readonly forPlayback: boolean;
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, Math.round(value)));
const plainCrf = (crf: number) => ["-crf", `${crf}`];
const targetless = (crf: number) => ["-crf", `${crf}`, "-b:v", "0"];

const FAMILIES: readonly Family[] = [
  { names: /^libx264(rgb)?$/, defaults: ["-preset", "medium"], quality: plainCrf, crf: 16, forPlayback: true },
  { names: /^libx265$/, defaults: ["-preset", "medium"], quality: plainCrf, crf: 18, forPlayback: true },
  {
    names: /^libvpx-vp9$/,
    defaults: ["-deadline", "good", "-cpu-used", "3", "-row-mt", "1"],
    quality: targetless,
    crf: 24,
    forPlayback: true,
  },
  {
    // VP8 needs a bit rate, and uses -crf as a lower bound of quantizers.
    names: /^libvpx$/,
    defaults: ["-deadline", "good", "-cpu-used", "2"],
    quality: (crf) => ["-crf", `${clamp(crf, 4, 63)}`, "-b:v", "50M"],
    crf: 10,
    forPlayback: true,
  },
  {
    names: /^libaom-av1$/,
    defaults: ["-cpu-used", "6", "-row-mt", "1"],
    quality: targetless,
    crf: 22,
    forPlayback: true,
  },
  { names: /^libsvtav1$/, defaults: ["-preset", "8"], quality: plainCrf, crf: 24, forPlayback: true },
  {
    names: /^librav1e$/,
    defaults: ["-speed", "8"],
    quality: (crf) => ["-qp", `${clamp(crf * 4, 0, 255)}`],
    crf: 20,
    forPlayback: true,
  },
  {
    names: /_nvenc$/,
    defaults: [],
    quality: (crf) => ["-rc", "vbr", "-cq", `${crf}`, "-b:v", "0"],
    crf: 19,
    forPlayback: true,
  },
  {
    names: /_qsv$/,
    defaults: [],
    quality: (crf) => ["-global_quality", `${clamp(crf, 1, 51)}`],
    crf: 19,
    forPlayback: true,
  },
  {
    names: /_amf$/,
    defaults: [],
    quality: (crf) => ["-rc", "cqp", "-qp_i", `${crf}`, "-qp_p", `${crf}`],
    crf: 19,
    forPlayback: true,
  },
  // VideoToolbox's quality ranges from 1 (worst) to 100.
  {
    names: /_videotoolbox$/,
    defaults: [],
    quality: (crf) => ["-q:v", `${clamp(100 - 2 * crf, 1, 100)}`],
    crf: 18,
    forPlayback: true,
  },
  {
    names: /_mf$/,
    defaults: ["-rate_control", "quality"],
    quality: (crf) => ["-quality", `${clamp(100 - 2 * crf, 1, 100)}`],
    crf: 18,
    forPlayback: true,
  },
  { names: /^libopenh264$/, defaults: ["-b:v", "20M"], crf: 18, forPlayback: true },
  // Quantizers range from 1 or 2 (best) to 31.
  {
    names: /^(mpeg4|mpeg2video|mpeg1video|msmpeg4|libxvid|mjpeg|h263p?|flv)$/,
    defaults: [],
    quality: (crf) => ["-q:v", `${clamp(crf / 6, 1, 31)}`],
    crf: 16,
    forPlayback: true,
  },
  { names: /^prores/, defaults: [], crf: 0, forPlayback: false },
  { names: /^ffv1$/, defaults: ["-level", "3", "-g", "1", "-slicecrc", "1"], crf: 0, forPlayback: false },
];

const OTHER: Family = { names: /^/, defaults: [], crf: 18, forPlayback: false };

const familyOf = (encoder: string): Family => FAMILIES.find(({ names }) => names.test(encoder)) ?? OTHER;

/** Tests whether the output of an encoder is for playback: many players support 4:2:0 only. */
export function isForPlayback(encoder: string): boolean {
  return familyOf(encoder).forPlayback;
}

/**
 * Returns the options for the quality of an encoder.
 *
 * @param crf Constant rate factor on x264's scale, 0 to 63. @default {that of the family}
 * @param takesCrf Whether the encoder has an option `-crf`.
 * @throws {UsageError} If `crf` is invalid, or the encoder has no quality scale.
 */
export function qualityOptions(encoder: string, crf: number | undefined, takesCrf: boolean): readonly string[] {
  if (crf !== undefined && !(crf >= 0 && crf <= 63)) {
    throw new UsageError(`\`crf\` must be from 0 to 63, got ${crf}`, { option: "crf" });
  }
  const family = familyOf(encoder);
  const quality = family.quality ?? (takesCrf ? plainCrf : undefined);
  if (crf !== undefined && !quality) {
    throw new UsageError(
      `encoder ${encoder}: cannot use \`crf\` ${crf}: it has no such quality scale; leave \`crf\` out`,
      {
        option: "crf",
      },
    );
  }
  const isEncoderDefault = crf === undefined && !family.quality;
  return [...family.defaults, ...(isEncoderDefault ? [] : quality!(crf ?? family.crf))];
}
