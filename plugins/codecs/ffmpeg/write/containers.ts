import { UsageError } from "@slomo/core";
import { type Rational, rational } from "@slomo/core/time";

/** Properties of a container. A trial determines the rest. */
export interface Container {
  /** ffmpeg's name of the muxer. */
  readonly name: string;
  /** Video encoders in order of preference. */
  readonly encoders: readonly string[];
  /** Audio codecs that players support in it, if its muxer accepts more. */
  readonly audioCodecs?: RegExp;
  /** Encoders for audio that cannot be copied. */
  readonly audioEncoders: readonly string[];
  /** Encoder for audio with more channels than those encode; without it, the other channels are lost. */
  readonly wideAudioEncoder?: string | undefined;
  /**
   * Codec to which text subtitles are converted; `copy` if all are copied; `dvb` if only DVB subtitles and teletext are;
   * `undefined` if there are none.
   */
  readonly subtitles?: "copy" | "mov_text" | "webvtt" | "dvb";
  /** Whether it can contain attachments, such as fonts. */
  readonly attachments: boolean;
  /** Whether it can contain an attached picture. */
  readonly cover: boolean;
  /** Whether it can contain chapters. */
  readonly chapters: boolean;
  /** Names of tags that its muxer supports; all if absent. */
  readonly tags?: RegExp;
  /** Options of the muxer. */
  readonly options: readonly string[];
  /** Whether a tag stores the rotation, or frames must be stored upright. */
  readonly rotation: "tag" | "upright";
  /** Whether its time base is a millisecond. */
  readonly milliseconds: boolean;
  /** Least distance of its timestamps in seconds, if it is the same for all files. */
  readonly step?: Rational;
}

const H264 = ["libx264", "libopenh264", "h264_videotoolbox", "mpeg4"];

const MP4: Container = {
  name: "mp4",
  encoders: H264,
  audioEncoders: ["aac"],
  subtitles: "mov_text",
  attachments: false,
  cover: true,
  chapters: true,
  options: [],
  tags:
    /^(title|artist|album_?artist|album|author|comment|composer|copyright|date|year|description|encoder|episode_(id|sort)|genre|grouping|hd_video|keywords|location|lyrics|make|media_type|model|network|performers|producer|rating|season_number|show|synopsis|track|disc|compilation|gapless_playback|tmpo)$/i,
  rotation: "tag",
  milliseconds: false,
};

const MATROSKA: Container = {
  name: "matroska",
  encoders: H264,
  audioEncoders: ["flac", "aac"],
  wideAudioEncoder: "pcm_s24le",
  subtitles: "copy",
  attachments: true,
  cover: true,
  chapters: true,
  options: [],
  rotation: "upright",
  milliseconds: true,
  step: rational(1, 1000),
};

const CONTAINERS: Readonly<Record<string, Container>> = {
  mp4: MP4,
  m4v: MP4,
  // ffmpeg stores no cover images in mov.
  mov: { ...MP4, name: "mov", wideAudioEncoder: "pcm_s24le", cover: false },
  mkv: MATROSKA,
  webm: {
    ...MATROSKA,
    name: "webm",
    encoders: ["libvpx-vp9", "libsvtav1", "libaom-av1", "libvpx"],
    audioEncoders: ["libopus", "libvorbis"],
    wideAudioEncoder: undefined,
    subtitles: "webvtt",
    attachments: false,
    cover: false,
  },
  ts: {
    name: "mpegts",
    encoders: H264,
    audioCodecs: /^(aac|aac_latm|mp[123]|ac3|eac3|dts|truehd|opus|s302m)$/,
    audioEncoders: ["aac"],
    subtitles: "dvb",
    tags: /^service_(name|provider)$/,
    attachments: false,
    cover: false,
    chapters: false,
    options: [],
    rotation: "upright",
    milliseconds: false,
    // Twice the unit of its clock, because segments and timestamps are rounded separately.
    step: rational(1, 45_000),
  },
  gif: {
    name: "gif",
    encoders: ["gif"],
    audioEncoders: [],
    attachments: false,
    cover: false,
    chapters: false,
    options: [],
    rotation: "upright",
    milliseconds: false,
  },
};

/** Returns the extension of a file name in lower case, without the dot. */
function endingOf(location: string): string {
  return /\.([^.\\/]+)$/.exec(location)?.[1]?.toLowerCase() ?? "";
}

/** Tests whether the extension is that of a supported container. */
export function isWritable(location: string): boolean {
  return Object.hasOwn(CONTAINERS, endingOf(location));
}

/**
 * Returns the container for the extension of a file name.
 *
 * @throws {UsageError} If there is none; the message lists the extensions.
 */
export function containerOf(location: string): Container {
  const container = isWritable(location) ? CONTAINERS[endingOf(location)] : undefined;
  if (container) return container;
  const known = Object.keys(CONTAINERS).map((ending) => `.${ending}`).join(", ");
  throw new UsageError(`${location}: the extension of a video file must be one of ${known}`, {
    code: "unknown-format",
  });
}
