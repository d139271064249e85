import { rational, type VideoInfo } from "@slomo/core";

/**
 * An interlaced video as it is when each of its fields has become a whole frame: twice the frames at twice the rate, on a
 * clock that has a stamp for each. Every field shows a moment of its own; one frame of two fields would throw half of the
 * movement away.
 */
export function separateFields(video: VideoInfo): VideoInfo {
  const { fieldOrder, timebase, rate, frames } = video;
  if (fieldOrder === "progressive") return video;
  return {
    ...video,
    deinterlaced: fieldOrder,
    fieldOrder: "progressive",
    timebase: rational(timebase.num, 2n * timebase.den),
    rate: rational(2n * rate.num, rate.den),
    frames: frames === undefined ? undefined : 2 * frames,
  };
}

/**
 * The filter that makes a frame of each field. All frames are taken for interlaced: flags within a stream are often wrong,
 * and a frame that is left alone would leave a gap.
 */
export function deinterlaceFilter({ deinterlaced }: VideoInfo): readonly string[] {
  return deinterlaced ? ["-vf", `bwdif=mode=send_field:parity=${deinterlaced}:deint=all`] : [];
}
