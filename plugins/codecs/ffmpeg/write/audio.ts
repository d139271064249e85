import { multiply, rational, round, subtract } from "@slomo/core/time";
import { decimal } from "../decimal.ts";
import type { ProbedStream } from "../ffprobe.ts";
import { MOST_CHANNELS } from "./streams.ts";
import { audioPart, trimFilter } from "./audio_part.ts";
import { asRetiming, placed, type Placement } from "./placement.ts";
import { type AudioJoins, retimedAudio } from "./retimed_audio.ts";

/** Bit rate per channel of encoded audio. */
const CHANNEL_RATE = 96_000;

/**
 * Returns the filter that trims an audio stream to the part of the video, stretches it, and sets its timestamps. Its duration
 * is exact to the sample if that of the stream is known.
 *
 * @param stretched Whether audio is stretched with the video; otherwise its speed stays.
 * @param joins How parts of different speeds are joined.
 */
export function audioFilter(
  stream: ProbedStream,
  placement: Placement,
  stretched: boolean,
  joins: AudioJoins = { onsets: [], crossfades: true },
): string {
  const own = stretched ? asRetiming(placement) : { ...placement, slowdown: rational(1) };
  if (own.retiming) return retimedAudio(stream, own, { stretched, ...joins });
  const part = audioPart(stream, own), { from, to } = part, rate = BigInt(stream.sample_rate ?? 0);
  const length = to && rate > 0n ? round(multiply(subtract(to, from), rational(rate))) : undefined;
  return [
    "aresample=async=1",
    trimFilter(part),
    "asetpts=PTS-STARTPTS",
    ...(length !== undefined && length > 0n ? [`apad=whole_len=${length}`, `atrim=end_sample=${length}`] : []),
    `asetpts=PTS+${decimal(placed(own, from))}/TB`,
  ].join(",");
}

/**
 * Channel layouts that an encoder supports and players decode. Others, such as 5.1(side) of DTS and AC-3, are converted to the
 * nearest of them.
 */
const LAYOUTS: Readonly<Record<string, string>> = {
  libopus: "mono|stereo|3.0|quad|5.0|5.1|6.1|7.1",
  libvorbis: "mono|stereo|3.0|quad|5.0|5.1|6.1|7.1",
  aac: "mono|stereo|2.1|3.0|4.0|quad|5.0|5.1|6.1|7.1|7.1(wide)",
};

/**
 * Returns the options that encode an audio stream as stream `index` of the output.
 *
 * @param filter Filter to apply before encoding.
 */
export function audioOptions(
  index: number,
  encoder: string,
  { channels = 2 }: ProbedStream,
  filter?: string,
): readonly string[] {
  const isLossless = /^(flac|pcm_)/.test(encoder), layouts = LAYOUTS[encoder];
  const isWide = channels > MOST_CHANNELS && !encoder.startsWith("pcm_"), kept = Math.min(channels, MOST_CHANNELS);
  const filters = [
    ...isWide
      ? [`pan=7.1|${Array.from({ length: MOST_CHANNELS }, (_, channel) => `c${channel}=c${channel}`).join("|")}`]
      : [],
    ...filter ? [filter] : [],
    // ffmpeg 5 converts no layout directly after `atempo`.
    ...layouts ? [...filter ? ["aresample"] : [], `aformat=channel_layouts=${layouts}`] : [],
  ];
  return [
    ...[`-c:${index}`, encoder, ...(isLossless ? [] : [`-b:${index}`, `${CHANNEL_RATE * kept}`])],
    ...(filters.length > 0 ? [`-filter:${index}`, filters.join(",")] : []),
  ];
}
