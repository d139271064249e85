import { join } from "@std/path";
import { runProcess } from "../../plugins/codecs/ffmpeg/process.ts";

/** A kind of input: a video file, or an image sequence. */
export interface Kind {
  /** File name extension. */
  readonly ending: string;
  /** Whether it is an image sequence. */
  readonly isSequence: boolean;
  /** Output options of ffmpeg. */
  readonly make: readonly string[];
}

const video = (ending: string, ...make: string[]): Kind => ({ ending, isSequence: false, make });
const images = (ending: string, ...make: string[]): Kind => ({ ending, isSequence: true, make });
const H264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "2", "-c:a", "aac"];

/** All kinds by name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  mp4: video("mp4", ...H264),
  mov: video("mov", "-c:v", "prores_ks", "-c:a", "pcm_s16le"),
  mkv: video("mkv", "-c:v", "ffv1", "-c:a", "flac"),
  webm: video("webm", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"),
  avi: video("avi", "-c:v", "mpeg4", "-c:a", "mp2"),
  ts: video("ts", ...H264),
  gif: video("gif", "-an"),
  y4m: video("y4m", "-an", "-pix_fmt", "yuv420p"),
  png: images("png", "-pix_fmt", "rgb24"),
  "png with alpha": images("png", "-pix_fmt", "rgba"),
  "png of 16 bit": images("png", "-pix_fmt", "rgb48be"),
  "gray png": images("png", "-pix_fmt", "gray"),
  jpg: images("jpg", "-pix_fmt", "yuvj420p"),
  webp: images("webp", "-c:v", "libwebp", "-lossless", "1"),
  tiff: images("tiff", "-pix_fmt", "rgb24"),
  bmp: images("bmp"),
  exr: images("exr", "-pix_fmt", "gbrpf32le"),
  dpx: images("dpx", "-pix_fmt", "rgb24"),
};

/** Files of an undamaged input; one for a video. */
export type Whole = readonly Uint8Array<ArrayBuffer>[];

/** Creates an undamaged input of each kind: 5 frames of 64×36 with audio, or 3 images. */
export async function makeWholes(names: readonly string[], ffmpeg: string): Promise<ReadonlyMap<string, Whole>> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-fuzz-" }), wholes = new Map<string, Whole>();
  try {
    for (const name of names) {
      const { ending, isSequence, make } = KINDS[name]!;
      const path = join(folder, isSequence ? `whole%d.${ending}` : `whole.${ending}`), frames = isSequence ? "3" : "5";
      const audio = isSequence ? [] : ["-f", "lavfi", "-i", "sine=d=0.5"];
      const source = ["-f", "lavfi", "-i", "testsrc2=s=64x36:r=10", ...audio, "-frames:v", frames];
      const args = ["-nostdin", "-v", "error", "-y", ...source, ...make, ...(audio.length ? ["-shortest"] : []), path];
      const { code, errors } = await runProcess(ffmpeg, args);
      if (code !== 0) throw new Error(`fuzz: ffmpeg cannot create ${name}: ${errors.join("; ")}`);
      const paths = isSequence ? [1, 2, 3].map((number) => path.replace("%d", `${number}`)) : [path];
      wholes.set(name, await Promise.all(paths.map((file) => Deno.readFile(file))));
    }
    return wholes;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
