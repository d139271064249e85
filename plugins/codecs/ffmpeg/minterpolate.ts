import { JobError } from "@slomo/core";
import type { FfmpegTools } from "./locate.ts";
import { processError, startProcess } from "./process.ts";

/** A frame of 8-bit RGB, [H, W, 3] row by row. */
export interface RgbFrame {
  /** Pixels a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** `3 · width · height` levels. */
  readonly levels: Uint8Array<ArrayBuffer>;
}

/** Motion-compensated at the filter's best: overlapped blocks, both directions, variable block size, no scene detection. */
export const MINTERPOLATE = "mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1:scd=none";

/** Any rate will do: only its double counts. */
const RATE = 10;

/** Cuts a stream of bytes into frames of one size. */
async function* cut(bytes: AsyncIterable<Uint8Array>, width: number, height: number): AsyncGenerator<RgbFrame> {
  const size = 3 * width * height;
  let levels = new Uint8Array(size), held = 0;
  for await (const chunk of bytes) {
    for (let taken = 0; taken < chunk.length;) {
      const part = chunk.subarray(taken, taken + size - held);
      levels.set(part, held);
      held += part.length;
      taken += part.length;
      if (held < size) continue;
      yield { width, height, levels };
      levels = new Uint8Array(size);
      held = 0;
    }
  }
}

/**
 * The film that ffmpeg's filter `minterpolate` makes at twice the rate, with {@linkcode MINTERPOLATE}; it comes out while it
 * goes in. The filter works on YUV and holds some frames back at either end. Ending the iteration early kills it.
 *
 * @param frames All of one size.
 * @throws {JobError} If the filter fails or a frame has another size.
 */
export async function* minterpolate(
  tools: FfmpegTools,
  frames: AsyncIterable<RgbFrame>,
  signal?: AbortSignal,
): AsyncGenerator<RgbFrame> {
  const source = frames[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done) return;
  const { width, height } = first.value;
  const child = startProcess(tools.ffmpeg, [
    ...["-nostdin", "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", `${width}x${height}`],
    ...["-framerate", `${RATE}`, "-i", "pipe:0", "-vf", `minterpolate=fps=${2 * RATE}:${MINTERPOLATE}`],
    ...["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"],
  ], { signal, input: true });
  const feed = async () => {
    for (let next: IteratorResult<RgbFrame> = first; !next.done; next = await source.next()) {
      const { width: w, height: h, levels } = next.value;
      if (w !== width || h !== height) {
        throw new JobError(`minterpolate: frames must have one size, got ${width}×${height} and ${w}×${h}`);
      }
      await child.write(levels);
    }
    await child.closeInput();
  };
  let failure: unknown;
  const feeding = feed().catch((error) => {
    failure = error;
    return child.kill();
  });
  try {
    yield* cut(child.output(), width, height);
    await feeding;
    signal?.throwIfAborted();
    if (failure) throw failure;
    const exit = await child.exit;
    if (exit.code !== 0) throw processError(tools.ffmpeg, exit, "filtering with minterpolate");
  } finally {
    await child.kill();
    await feeding;
    await source.return?.();
  }
}
