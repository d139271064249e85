import { type Image, JobError, type RateDoubler } from "@slomo/core";
import { packedRgb } from "./image_bytes.ts";
import type { FfmpegTools } from "./locate.ts";
import { processError, startProcess } from "./process.ts";

/** Best quality of the filter: overlapped blocks, bidirectional, variable block size, no scene detection. */
const MINTERPOLATE = "mi_mode=mci:mc_mode=aobmc:me_mode=bidir:vsbmc=1:scd=none";

/** Frame rate of the input. Only the ratio to the output rate matters. */
const RATE = 10;

/** Returns the image of packed RGB bytes, with size and color of `like`. */
function unpacked(levels: Uint8Array, like: Image): Image {
  const planes = like.planes.map((plane, channel) => {
    const separate = new Uint8Array(plane.length);
    for (let i = 0, from = channel; i < separate.length; i++, from += 3) separate[i] = levels[from]!;
    return separate;
  });
  return { ...like, planes };
}

/** Cuts a stream of bytes into frames in the size of `like`. */
async function* cut(bytes: AsyncIterable<Uint8Array>, like: Image): AsyncGenerator<Image> {
  const levels = new Uint8Array(3 * like.width * like.height);
  let filled = 0;
  for await (const chunk of bytes) {
    for (let taken = 0; taken < chunk.length;) {
      const part = chunk.subarray(taken, taken + levels.length - filled);
      levels.set(part, filled);
      filled += part.length;
      taken += part.length;
      if (filled < levels.length) continue;
      yield unpacked(levels, like);
      filled = 0;
    }
  }
}

/**
 * Doubles the frame rate with ffmpeg's filter `minterpolate` and the options {@linkcode MINTERPOLATE}, as a stream. The
 * filter works on YUV, and omits some frames at both ends. Ending the iteration early kills it.
 *
 * @param frames 8-bit RGB, all of one size.
 * @throws {JobError} If the filter fails or a frame has another size.
 */
export async function* minterpolate(
  tools: FfmpegTools,
  frames: AsyncIterable<Image>,
  signal?: AbortSignal,
): AsyncGenerator<Image> {
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
    for (let next: IteratorResult<Image> = first; !next.done; next = await source.next()) {
      const { width: w, height: h } = next.value;
      if (w !== width || h !== height) {
        throw new JobError(`minterpolate: frames must have one size, got ${width}×${height} and ${w}×${h}`);
      }
      await child.write(packedRgb(next.value));
    }
    await child.closeInput();
  };
  let failure: unknown;
  const feeding = feed().catch((error) => {
    failure = error;
    return child.kill();
  });
  try {
    yield* cut(child.output(), first.value);
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

/** Creates the baseline {@linkcode minterpolate} with the ffmpeg that `tools` locates. */
export function minterpolateDoubler(tools: () => Promise<FfmpegTools>): RateDoubler {
  return {
    describe: async (): Promise<string> => `ffmpeg ${(await tools()).version.text}, minterpolate=${MINTERPOLATE}`,
    async *double(frames, signal): AsyncGenerator<Image> {
      yield* minterpolate(await tools(), frames, signal);
    },
  };
}
