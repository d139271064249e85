/** Version of one of ffmpeg's libraries: major, minor. */
export type LibraryVersion = readonly [major: number, minor: number];

/** Versions in the output of `ffmpeg -version`. */
export interface FfmpegVersion {
  /** As printed: `5.1.9-0+deb12u1`, `n9.0.2-17-g2a571b6068`. */
  readonly text: string;
  /** Version of libavformat, which builds from git have too. */
  readonly avformat: LibraryVersion;
  /** Version of libavutil. */
  readonly avutil: LibraryVersion;
}

/** Parses the output of `ffmpeg -version` or `ffprobe -version`; `undefined` for other output. */
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

/** Returns the option that keeps ffmpeg from dropping or duplicating frames: `-fps_mode` from 5.1 on, `-vsync` before 9.0. */
export function passthrough({ avutil }: FfmpegVersion): readonly string[] {
  return [isAtLeast(avutil, [57, 28]) ? "-fps_mode" : "-vsync", "passthrough"];
}

/** Tests whether ffmpeg can set the rotation of its output (6.0 and later). */
export function hasDisplayRotation({ avutil }: FfmpegVersion): boolean {
  return isAtLeast(avutil, [58, 2]);
}

/** Returns the option that disables cropping by the container, which ffmpeg applies from 7.1 on. */
export function uncropped({ avutil }: FfmpegVersion): readonly string[] {
  return isAtLeast(avutil, [59, 39]) ? ["-apply_cropping", "codec"] : [];
}

/**
 * Tests whether a remux from mp4 to Matroska keeps the encoder delay of audio (9.0 and later), so that players skip it.
 */
export function carriesEncoderDelay({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [63, 0]);
}

/** Tests whether the muxer of Matroska adds the encoder delay to timestamps, as demuxers subtract it (6.0 and later). */
export function writesCodecDelay({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [60, 0]);
}

/** Tests whether edit lists of mp4 can have a finer time base than a millisecond (5.0 and later). */
export function hasMovieTimescale({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [59, 16]);
}

/** Tests whether expressions can change times and durations of copied packets, and drop packets (5.0 and later). */
export function hasPacketTimes({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [59, 16]);
}

/** Tests whether the filter `acrossfade` waits for padding of its first input, as it does from 5.0 on. */
export function hasExactCrossfade({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [59, 16]);
}

/** Tests whether an option that begins with `/` is read from a file, which replaces `-filter_script`: from 7.0 on. */
export function readsOptionFiles({ avformat }: FfmpegVersion): boolean {
  return isAtLeast(avformat, [61, 0]);
}
