import type { Frame, MediaHandler, MediaInfo, MediaReader, WriteOptions, WritePlan, WriterOptions } from "@slomo/core";
import { multiply, type Rational, rational, round } from "@slomo/core/time";

/** How {@linkcode copyVideo} differs from copying everything. */
export interface CopyOptions extends Partial<Omit<WriteOptions, "copy" | "image">>, WriterOptions {
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

/** Returns the options that write a video unchanged. */
export function writeOptions(source: MediaReader, location: string, options: CopyOptions = {}): WriteOptions {
  const { start, end, audio = "keep", slowdown = rational(1), change: _change, resumption: _resumption, ...rest } =
      options,
    { video } = source.info;
  return {
    location,
    image: { width: video.width, height: video.height, format: video.format, color: video.color },
    timebase: video.timebase,
    rate: video.constantRate && slowdown.num === slowdown.den ? video.rate : undefined,
    sampleAspect: video.sampleAspect,
    rotation: video.rotation,
    overwrite: false,
    copy: { source, start, end, audio, slowdown },
    ...rest,
  };
}

/** Reads a video and writes its frames as they are, `slowdown` times slower. */
export async function copyVideo(
  codec: MediaHandler,
  from: string,
  to: string,
  options: CopyOptions = {},
): Promise<CopiedVideo> {
  const { start, end, slowdown = rational(1), signal, change = (frame) => frame } = options;
  const reader = await codec.source!.open(from), { info } = reader;
  const plan = await codec.sink!.plan(writeOptions(reader, to, options));
  const writer = await plan.open({ signal, resumption: options.resumption });
  const frames: Frame[] = [], warnings: string[] = [];
  try {
    for await (
      const read of reader.frames({
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
