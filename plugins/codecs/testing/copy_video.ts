import type { Codec, Frame, MediaInfo, WriteOptions, WritePlan } from "@slomo/core";
import { multiply, type Rational, rational, round } from "@slomo/core/time";

/** How {@linkcode copyVideo} differs from copying everything. */
export interface CopyOptions extends Partial<Omit<WriteOptions, "copy" | "image">> {
  /** Part of the source. */
  readonly start?: Rational;
  /** Part of the source. */
  readonly end?: Rational;
  /** What becomes of the sound. @default {"keep"} */
  readonly audio?: "keep" | "stretch" | "drop";
  /** How many times longer the video becomes. @default {1} */
  readonly slowdown?: Rational;
  /** Changes a frame on its way. */
  readonly change?: (frame: Frame, index: number) => Frame | Promise<Frame>;
}

/** What came of {@linkcode copyVideo}. */
export interface CopiedVideo {
  /** What the source held. */
  readonly info: MediaInfo;
  /** What the sink planned. */
  readonly plan: WritePlan;
  /** The frames that were written. */
  readonly frames: readonly Frame[];
  /** Warnings while reading. */
  readonly warnings: readonly string[];
}

/** What to write so that a video of `info` comes out as it went in. */
export function writeOptions(info: MediaInfo, location: string, options: CopyOptions = {}): WriteOptions {
  const { start, end, audio = "keep", slowdown = rational(1), change: _change, ...rest } = options, { video } = info;
  return {
    location,
    image: { width: video.width, height: video.height, format: video.format, color: video.color },
    timebase: video.timebase,
    rate: video.constantRate && slowdown.num === slowdown.den ? video.rate : undefined,
    sampleAspect: video.sampleAspect,
    rotation: video.rotation,
    overwrite: false,
    copy: { info, start, end, audio, slowdown },
    ...rest,
  };
}

/** Reads a video and writes its frames as they are, `slowdown` times slower. */
export async function copyVideo(
  codec: Codec,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<CopiedVideo> {
  const { start, end, slowdown = rational(1), signal, change = (frame) => frame } = options;
  const info = await codec.source!.probe(from);
  const write = writeOptions(info, to, options);
  const plan = await codec.sink!.plan(write);
  const writer = await codec.sink!.open(write, plan);
  const frames: Frame[] = [], warnings: string[] = [];
  try {
    for await (
      const read of codec.source!.read(info, {
        start,
        end,
        signal,
        onWarning: (text) => warnings.push(text),
      })
    ) {
      const first = frames[0]?.pts ?? read.pts;
      const pts = first + round(multiply(rational(read.pts - first), slowdown));
      const frame = await change(
        slowdown.num === slowdown.den ? read : { ...read, pts, duration: undefined },
        frames.length,
      );
      frames.push(frame);
      await writer.write(frame);
    }
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { info, plan, frames, warnings };
}
