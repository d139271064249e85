import { UsageError } from "@slomo/core";

/** How encoders of one family are told what quality to aim at. */
interface Family {
  /** Names of its encoders. */
  readonly names: RegExp;
  /** Options that set speed and other habits. */
  readonly habits: readonly string[];
  /** Options for a quality on the scale of x264's constant rate factor: 0 is best, 51 worst; none if quality can't be set. */
  readonly quality?: (crf: number) => readonly string[];
  /** The quality where none is asked for. */
  readonly crf: number;
  /** Whether its output is meant for players, which want 4:2:0 rather than RGB. */
  readonly forPlayers: boolean;
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, Math.round(value)));
const plainCrf = (crf: number) => ["-crf", `${crf}`];
const targetless = (crf: number) => ["-crf", `${crf}`, "-b:v", "0"];

const FAMILIES: readonly Family[] = [
  { names: /^libx264(rgb)?$/, habits: ["-preset", "medium"], quality: plainCrf, crf: 16, forPlayers: true },
  { names: /^libx265$/, habits: ["-preset", "medium"], quality: plainCrf, crf: 18, forPlayers: true },
  {
    names: /^libvpx-vp9$/,
    habits: ["-deadline", "good", "-cpu-used", "3", "-row-mt", "1"],
    quality: targetless,
    crf: 24,
    forPlayers: true,
  },
  {
    // VP8 takes -crf as a bound below a bit rate, which it must be given.
    names: /^libvpx$/,
    habits: ["-deadline", "good", "-cpu-used", "2"],
    quality: (crf) => ["-crf", `${clamp(crf, 4, 63)}`, "-b:v", "50M"],
    crf: 10,
    forPlayers: true,
  },
  { names: /^libaom-av1$/, habits: ["-cpu-used", "6", "-row-mt", "1"], quality: targetless, crf: 22, forPlayers: true },
  { names: /^libsvtav1$/, habits: ["-preset", "8"], quality: plainCrf, crf: 24, forPlayers: true },
  {
    names: /^librav1e$/,
    habits: ["-speed", "8"],
    quality: (crf) => ["-qp", `${clamp(crf * 4, 0, 255)}`],
    crf: 20,
    forPlayers: true,
  },
  {
    names: /_nvenc$/,
    habits: [],
    quality: (crf) => ["-rc", "vbr", "-cq", `${crf}`, "-b:v", "0"],
    crf: 19,
    forPlayers: true,
  },
  {
    names: /_qsv$/,
    habits: [],
    quality: (crf) => ["-global_quality", `${clamp(crf, 1, 51)}`],
    crf: 19,
    forPlayers: true,
  },
  {
    names: /_amf$/,
    habits: [],
    quality: (crf) => ["-rc", "cqp", "-qp_i", `${crf}`, "-qp_p", `${crf}`],
    crf: 19,
    forPlayers: true,
  },
  // VideoToolbox's scale runs from 1, worst, to 100.
  {
    names: /_videotoolbox$/,
    habits: [],
    quality: (crf) => ["-q:v", `${clamp(100 - 2 * crf, 1, 100)}`],
    crf: 18,
    forPlayers: true,
  },
  {
    names: /_mf$/,
    habits: ["-rate_control", "quality"],
    quality: (crf) => ["-quality", `${clamp(100 - 2 * crf, 1, 100)}`],
    crf: 18,
    forPlayers: true,
  },
  { names: /^libopenh264$/, habits: ["-b:v", "20M"], crf: 18, forPlayers: true },
  // The scale of quantisers runs from 1 or 2, best, to 31.
  {
    names: /^(mpeg4|mpeg2video|mpeg1video|msmpeg4|libxvid|mjpeg|h263p?|flv)$/,
    habits: [],
    quality: (crf) => ["-q:v", `${clamp(crf / 6, 1, 31)}`],
    crf: 16,
    forPlayers: true,
  },
  { names: /^prores/, habits: [], crf: 0, forPlayers: false },
  { names: /^ffv1$/, habits: ["-level", "3", "-g", "1", "-slicecrc", "1"], crf: 0, forPlayers: false },
];

const OTHER: Family = { names: /^/, habits: [], crf: 18, forPlayers: false };

const familyOf = (encoder: string): Family => FAMILIES.find(({ names }) => names.test(encoder)) ?? OTHER;

/** Whether an encoder's output is meant for players, which want 4:2:0 rather than RGB. */
export function isForPlayers(encoder: string): boolean {
  return familyOf(encoder).forPlayers;
}

/**
 * The options that make an encoder aim at a quality.
 *
 * @param crf On the scale of x264's constant rate factor; the family's own default where `undefined`.
 * @param takesCrf Whether the encoder itself has an option `-crf`.
 * @throws {UsageError} If a quality is asked of an encoder that has no scale for it.
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
  const isOwnChoice = crf === undefined && !family.quality;
  return [...family.habits, ...(isOwnChoice ? [] : quality!(crf ?? family.crf))];
}
