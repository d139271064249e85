import { type Image, JobError, type PairOfImages, UsageError, type VideoMetric } from "@slomo/core";
import { packedRgb } from "./image_bytes.ts";
import type { FfmpegTools } from "./locate.ts";
import { processError, runProcess, startProcess } from "./process.ts";

/** Frame rate of the input; scores do not depend on it. */
const RATE = 25;

/** The filter reads YUV; chroma does not count, and 4:4:4 has no requirements on the size. */
const TO_YUV = "scale=out_color_matrix=bt709:out_range=tv,format=yuv444p";

/** Seconds of the video with which the filter is tried. */
const TRIED = 0.2;

/** Returns the score in the messages of ffmpeg. */
function scoreOf(lines: readonly string[]): number | undefined {
  const text = lines.map((line) => /VMAF score[:=] *([\d.]+)/.exec(line)?.[1]).findLast((found) => found !== undefined);
  return text === undefined ? undefined : Number(text);
}

/** Tries the filter on a few generated frames. @throws {UsageError} If this ffmpeg does not have it. */
async function tryFilter({ ffmpeg, version }: FfmpegTools): Promise<void> {
  const { code, errors } = await runProcess(ffmpeg, [
    ...["-hide_banner", "-nostdin", "-nostats", "-f", "lavfi", "-i", `testsrc2=s=64x64:r=${RATE}:d=${TRIED}`],
    ...["-lavfi", "split[a][b];[a][b]libvmaf", "-f", "null", "-"],
  ]);
  if (code === 0 && scoreOf(errors) !== undefined) return;
  throw new UsageError(
    `vmaf: cannot measure: ffmpeg ${version.text} has no working filter libvmaf; set \`ffmpeg\` to a build with it`,
    { code: "program-missing", option: "ffmpeg" },
  );
}

/**
 * Measures VMAF with ffmpeg's filter `libvmaf` and its default model: the mean over the frames, 0 to 100. Both videos go
 * through one pipe, one above the other.
 *
 * @param frames Interpolated frames and ground truth, 8-bit RGB, all of one size.
 * @throws {JobError} If the filter fails, a frame has another size, or there is none.
 */
export async function measureVmaf(
  { ffmpeg }: FfmpegTools,
  frames: AsyncIterable<PairOfImages>,
  signal?: AbortSignal,
): Promise<number> {
  const source = frames[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done) throw new JobError("vmaf: cannot measure: there are no frames");
  const { width, height } = first.value[0];
  const part = (top: number, name: string) => `crop=${width}:${height}:0:${top},${TO_YUV}[${name}]`;
  const child = startProcess(ffmpeg, [
    ...["-hide_banner", "-nostdin", "-nostats", "-f", "rawvideo", "-pix_fmt", "rgb24"],
    ...["-video_size", `${width}x${2 * height}`, "-framerate", `${RATE}`, "-i", "pipe:0", "-lavfi"],
    `split[i][g];[i]${part(0, "interpolated")};[g]${part(height, "truth")};[interpolated][truth]libvmaf`,
    ...["-f", "null", "-"],
  ], { signal, input: true });
  const write = async (image: Image) => {
    if (image.width !== width || image.height !== height) {
      throw new JobError(`vmaf: frames must have one size, got ${width}×${height} and ${image.width}×${image.height}`);
    }
    await child.write(packedRgb(image));
  };
  try {
    for (let next: IteratorResult<PairOfImages> = first; !next.done; next = await source.next()) {
      for (const image of next.value) await write(image);
    }
    await child.closeInput();
    const exit = await child.exit, score = scoreOf(exit.errors);
    signal?.throwIfAborted();
    if (exit.code !== 0 || score === undefined) throw processError(ffmpeg, exit, "measuring VMAF");
    return score;
  } finally {
    await child.kill();
    await source.return?.();
  }
}

/** Creates the metric VMAF with the ffmpeg that `tools` locates. */
export function vmafMetric(tools: () => Promise<FfmpegTools>): VideoMetric {
  return {
    title: "VMAF",
    async describe(): Promise<string> {
      const located = await tools();
      await tryFilter(located);
      return `ffmpeg ${located.version.text}, libvmaf with its default model, on luma by BT.709; 0 to 100, mean over the ` +
        "measured frames of a sequence as one video";
    },
    measure: async (frames, signal) => await measureVmaf(await tools(), frames, signal),
  };
}
