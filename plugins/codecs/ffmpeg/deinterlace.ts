import { compare, rational } from "@slomo/core/time";
import type { VideoInfo } from "@slomo/core";
import { fileArgument } from "./ffprobe.ts";
import type { FfmpegTools } from "./locate.ts";
import { runProcess } from "./process.ts";

/** What the pictures themselves tell of their fields, whatever the file says. */
export interface SeenFields {
  /** Which field comes first where moving edges comb, `undefined` where they do not. */
  readonly order: "tff" | "bff" | undefined;
  /** Whether fields repeat as they do where video was laid out over the fields of video (2:3 pulldown). */
  readonly telecined: boolean;
}

/** Frames that are looked at: five seconds of video. */
const LOOKED_AT = 150;

/** Share of frames that must look combed to `idet`, which takes single frames of crisp progressive pictures for so. */
const COMBED = 0.5;

/** Share of frames that must repeat a top field, and a bottom field; of telecined film it is one in five each. */
const REPEATED = 0.1;

/** The same field of two frames differs so many times less than the other before it counts as repeated: below `idet`'s 3, which compressed video does not reach. */
const REPEAT_THRESHOLD = 2;

const countsIn = (lines: readonly string[], title: string): ReadonlyMap<string, number> => {
  const line = lines.findLast((line) => line.includes(`${title}:`))?.split(`${title}:`)[1] ?? "";
  return new Map([...line.matchAll(/(\w+): *(\d+)/g)].map(([, name, count]) => [name!, Number(count)]));
};

/** Looks at the first frames of a stream with ffmpeg's `idet`. */
export async function seeFields(tools: FfmpegTools, location: string, index: number): Promise<SeenFields> {
  const { errors } = await runProcess(tools.ffmpeg, [
    ...["-nostdin", "-v", "info", "-nostats", "-i", fileArgument(location), "-map", `0:${index}`],
    ...["-frames:v", `${LOOKED_AT}`, "-vf", `idet=rep_thres=${REPEAT_THRESHOLD}`, "-f", "null", "-"],
  ]);
  const combed = countsIn(errors, "Multi frame detection"), repeated = countsIn(errors, "Repeated Fields");
  const [top = 0, bottom = 0] = [combed.get("TFF"), combed.get("BFF")];
  const count = [...repeated.values()].reduce((sum, n) => sum + n, 0), least = REPEATED * count;
  return {
    order: top + bottom <= COMBED * count ? undefined : top >= bottom ? "tff" : "bff",
    telecined: count > 0 && (repeated.get("Top") ?? 0) >= least && (repeated.get("Bottom") ?? 0) >= least,
  };
}

/** Whether a rate is that of video into which video is laid out by fields: 30000/1001 or 30. */
function isVideoRate({ rate }: VideoInfo): boolean {
  return compare(rate, rational(2990, 100)) > 0 && compare(rate, rational(3010, 100)) < 0;
}

/**
 * An interlaced video as it is when its fields have become whole frames. Of video that was laid out over fields the frames are
 * put together again, at the video's own times, so that one in five repeats. Of any other, each field becomes a frame, since
 * each shows a moment of its own: twice the frames at twice the rate, on a clock that has a stamp for each.
 */
export function deinterlaced(video: VideoInfo, seen: SeenFields): VideoInfo {
  const order = video.fieldOrder === "progressive" ? seen.order : video.fieldOrder;
  if (order === undefined) return video;
  const whole = { ...video, fieldOrder: "progressive" as const };
  if (seen.telecined && isVideoRate(video)) return { ...whole, deinterlaced: { order, into: "film" } };
  const { timebase, rate, frames } = video;
  return {
    ...whole,
    deinterlaced: { order, into: "fields" },
    timebase: rational(timebase.num, 2n * timebase.den),
    rate: rational(2n * rate.num, rate.den),
    frames: frames === undefined ? undefined : 2 * frames,
  };
}

/**
 * The filters that make whole frames. Where each field becomes one, all frames are taken for interlaced: flags within a stream
 * are often wrong, and a frame that is left alone would leave a gap.
 */
export function deinterlaceFilter({ deinterlaced }: VideoInfo): readonly string[] {
  if (deinterlaced === undefined) return [];
  const { order, into } = deinterlaced;
  return into === "film"
    ? [`fieldmatch=order=${order}:combmatch=full`, `bwdif=mode=send_frame:parity=${order}:deint=interlaced`]
    : [`bwdif=mode=send_field:parity=${order}:deint=all`];
}
