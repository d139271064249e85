/** Version of one of ffmpeg's libraries: major, minor. */
export type LibraryVersion = readonly [major: number, minor: number];

/** What `ffmpeg -version` tells. */
export interface FfmpegVersion {
  /** As printed: `5.1.9-0+deb12u1`, `n9.0.2-17-g2a571b6068`. */
  readonly text: string;
  /** Version of libavformat, which rises evenly in builds from git too. */
  readonly avformat: LibraryVersion;
  /** Version of libavutil. */
  readonly avutil: LibraryVersion;
}

/** Reads the output of `ffmpeg -version` or `ffprobe -version`; `undefined` if it is not that. */
export function parseVersion(output: string): FfmpegVersion | undefined {
  const text = /^ff(?:mpeg|probe) version (\S+)/m.exec(output)?.[1];
  const library = (name: string): LibraryVersion | undefined => {
    const found = new RegExp(`^lib${name}\\s+(\\d+)\\.\\s*(\\d+)\\.`, "m").exec(output);
    return found ? [Number(found[1]), Number(found[2])] : undefined;
  };
  const avformat = library("avformat"), avutil = library("avutil");
  return text && avformat && avutil ? { text, avformat, avutil } : undefined;
}

function isAtLeast([major, minor]: LibraryVersion, [wantedMajor, wantedMinor]: LibraryVersion): boolean {
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** The options by which this version neither drops nor repeats frames: `-fps_mode` came with 5.1, `-vsync` left with 9.0. */
export function passthrough({ avutil }: FfmpegVersion): readonly string[] {
  return [isAtLeast(avutil, [57, 28]) ? "-fps_mode" : "-vsync", "passthrough"];
}

/** Whether the rotation of what is encoded can be given (6.0 on); before, only a remux can write it. */
export function hasDisplayRotation({ avutil }: FfmpegVersion): boolean {
  return isAtLeast(avutil, [58, 2]);
}

/** The option by which this version leaves to us what a container says of cropping: from 7.1 on it does that itself. */
export function uncropped({ avutil }: FfmpegVersion): readonly string[] {
  return isAtLeast(avutil, [59, 39]) ? ["-apply_cropping", "codec"] : [];
}

/**
 * Whether the demuxer of mp4 tells the muxer of Matroska how many samples an audio encoder has put before the first one (9.0
 * on), so that players skip them.
 */
export function carriesEncoderDelay({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [63, 0]);
}

/** Whether mp4's edit lists can have a finer unit than a millisecond (5.0 on). */
export function hasMovieTimescale({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [59, 16]);
}

/** Whether packets that are copied can be given other durations, and be left out, by an expression (5.0 on). */
export function hasPacketTimes({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [59, 16]);
}
