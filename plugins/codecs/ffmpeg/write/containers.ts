import { UsageError } from "@slomo/core";

/** What is known of a container beforehand; the rest is found out by a trial. */
export interface Container {
  /** Its muxer by ffmpeg's name. */
  readonly name: string;
  /** Encoders to take, the first that this ffmpeg has. */
  readonly encoders: readonly string[];
  /** Codecs of sound that players find in it, where its muxer takes others too. */
  readonly sound?: RegExp;
  /** Encoders for sound that the container refuses as it is. */
  readonly audioEncoders: readonly string[];
  /**
   * Subtitle codec into which text subtitles are converted; `copy` where any go as they are; `dvb` where broadcasts' pictures
   * and teletext do and no others; `undefined` where none go.
   */
  readonly subtitles?: "copy" | "mov_text" | "webvtt" | "dvb";
  /** Whether attachments such as fonts go along. */
  readonly attachments: boolean;
  /** Whether a cover picture goes along as a stream. */
  readonly cover: boolean;
  /** Whether chapters go along. */
  readonly chapters: boolean;
  /** Names of the video's tags that its muxer has a place for; all where unsaid. */
  readonly tags?: RegExp;
  /** Options of its muxer. */
  readonly options: readonly string[];
  /** How a player learns that the picture is to be turned: by a tag, or it must be stored upright. */
  readonly rotation: "tag" | "upright";
  /** Whether its clock is milliseconds. */
  readonly milliseconds: boolean;
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
  subtitles: "copy",
  attachments: true,
  cover: true,
  chapters: true,
  options: [],
  rotation: "upright",
  milliseconds: true,
};

const CONTAINERS: Readonly<Record<string, Container>> = {
  mp4: MP4,
  m4v: MP4,
  mov: { ...MP4, name: "mov" },
  mkv: MATROSKA,
  webm: {
    ...MATROSKA,
    name: "webm",
    encoders: ["libvpx-vp9", "libsvtav1", "libaom-av1", "libvpx"],
    audioEncoders: ["libopus", "libvorbis"],
    subtitles: "webvtt",
    attachments: false,
    cover: false,
  },
  ts: {
    name: "mpegts",
    encoders: H264,
    sound: /^(aac|aac_latm|mp[123]|ac3|eac3|dts|truehd|opus|s302m)$/,
    audioEncoders: ["aac"],
    subtitles: "dvb",
    tags: /^service_(name|provider)$/,
    attachments: false,
    cover: false,
    chapters: false,
    options: [],
    rotation: "upright",
    milliseconds: false,
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

/** The ending of a name in small letters, without its dot. */
function endingOf(location: string): string {
  return /\.([^.\\/]+)$/.exec(location)?.[1]?.toLowerCase() ?? "";
}

/** Whether the name's ending is that of a container that can be written. */
export function isWritable(location: string): boolean {
  return Object.hasOwn(CONTAINERS, endingOf(location));
}

/**
 * The container that a name's ending asks for.
 *
 * @throws {UsageError} If there is none; the message lists the endings.
 */
export function containerOf(location: string): Container {
  const container = isWritable(location) ? CONTAINERS[endingOf(location)] : undefined;
  if (container) return container;
  const known = Object.keys(CONTAINERS).map((ending) => `.${ending}`).join(", ");
  throw new UsageError(`${location}: the ending of a video file must be one of ${known}`);
}
