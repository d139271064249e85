import { compare, rational } from "@slomo/core/time";
import type { VideoInfo } from "@slomo/core";
import { fileArgument } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { runProcess } from "./process.ts";

/** Field structure detected in the frames, independent of the flags of the file. */
export interface DetectedFields {
  /** Field order if moving edges show combing, else `undefined`. */
  readonly order: "tff" | "bff" | undefined;
  /** Whether fields repeat as in telecined film (2:3 pulldown). */
  readonly telecined: boolean;
}

/** Number of frames to analyze: five seconds of video. */
const ANALYZED_FRAMES = 150;

/** Minimum share of frames that `idet` finds combed. It is wrong about single frames of sharp progressive video. */
const COMBED = 0.5;

/** Minimum share of frames that repeat a top field, and a bottom field. In telecined film it is one in five each. */
const REPEATED = 0.1;

/**
 * Ratio of the differences of the two fields from which `idet` counts a field as repeated. Its default of 3 is too high for
 * compressed video.
 */
const REPEAT_THRESHOLD = 2;

const countsIn = (lines: readonly string[], title: string): ReadonlyMap<string, number> => {
  const line = lines.findLast((line) => line.includes(`${title}:`))?.split(`${title}:`)[1] ?? "";
  return new Map([...line.matchAll(/(\w+): *(\d+)/g)].map(([, name, count]) => [name!, Number(count)]));
};

/** Detects the fields in the first frames of a stream with ffmpeg's filter `idet`. */
export async function detectFields(tools: FfmpegTools, location: string, index: number): Promise<DetectedFields> {
  const { errors } = await runProcess(tools.ffmpeg, [
    ...["-nostdin", "-v", "info", "-nostats", "-i", fileArgument(location), "-map", `0:${index}`],
    ...["-frames:v", `${ANALYZED_FRAMES}`, "-vf", `idet=rep_thres=${REPEAT_THRESHOLD}`, "-f", "null", "-"],
  ]);
  const combed = countsIn(errors, "Multi frame detection"), repeated = countsIn(errors, "Repeated Fields");
  const [top = 0, bottom = 0] = [combed.get("TFF"), combed.get("BFF")];
  const count = [...repeated.values()].reduce((sum, n) => sum + n, 0), least = REPEATED * count;
  return {
    order: top + bottom <= COMBED * count ? undefined : top >= bottom ? "tff" : "bff",
    telecined: count > 0 && (repeated.get("Top") ?? 0) >= least && (repeated.get("Bottom") ?? 0) >= least,
  };
}

/** Tests whether the frame rate is one that telecine produces: 30000/1001 or 30. */
function isTelecineRate({ rate }: VideoInfo): boolean {
  return compare(rate, rational(2990, 100)) > 0 && compare(rate, rational(3010, 100)) < 0;
}

/**
 * Describes an interlaced video after deinterlacing. Inverse telecine restores the frames of telecined film at the frame
 * rate of the video, so that one in five is a duplicate. In other videos each field has its own time and becomes a frame, so
 * that the number of frames, the frame rate and the denominator of the time base double.
 */
export function deinterlaced(video: VideoInfo, fields: DetectedFields): VideoInfo {
  const order = video.fieldOrder === "progressive" ? fields.order : video.fieldOrder;
  if (order === undefined) return video;
  const progressive = { ...video, fieldOrder: "progressive" as const };
  if (fields.telecined && isTelecineRate(video)) return { ...progressive, deinterlaced: { order, into: "film" } };
  const { timebase, rate, frames } = video;
  return {
    ...progressive,
    deinterlaced: { order, into: "fields" },
    timebase: rational(timebase.num, 2n * timebase.den),
    rate: rational(2n * rate.num, rate.den),
    frames: frames === undefined ? undefined : 2 * frames,
  };
}

/**
 * Returns the filters that deinterlace. If each field becomes a frame, all frames are treated as interlaced: flags within a
 * stream are often wrong, and an unchanged frame would leave a gap.
 */
export function deinterlaceFilter({ deinterlaced }: VideoInfo): readonly string[] {
  if (deinterlaced === undefined) return [];
  const { order, into } = deinterlaced;
  return into === "film"
    ? [`fieldmatch=order=${order}:combmatch=full`, `bwdif=mode=send_frame:parity=${order}:deint=interlaced`]
    : [`bwdif=mode=send_field:parity=${order}:deint=all`];
}
