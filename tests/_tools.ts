/** Helpers of end-to-end tests: run the command line, create clips with ffmpeg, and inspect results with ffprobe. */
import { type FfmpegTools, locateFfmpeg } from "@slomo/codecs";
import { fromFileUrl, join } from "@std/path";
import { showFirstFrame } from "../plugins/codecs/ffmpeg/showinfo.ts";
import { generate, makeRotated } from "../plugins/codecs/_testing.ts";
import { runTask, type Task } from "../scripts/_cli.ts";

const ROOT = new URL("../", import.meta.url);
const decoder = new TextDecoder();

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A path inside the repository. */
export const inRepo = (path: string): string => fromFileUrl(new URL(path, ROOT));

async function run(program: string, args: readonly string[], options: Deno.CommandOptions = {}): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null", ...options })
    .output();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

let located: Promise<FfmpegTools> | undefined;

/** Returns ffmpeg and ffprobe, located as slomo locates them. */
export const programs = (): Promise<FfmpegTools> => located ??= locateFfmpeg();

/** Runs a task in its own process, for tests of signals, the current folder and other properties of processes. */
export function taskProcess(
  name: TaskName,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<Ended> {
  return run(Deno.execPath(), ["run", "-A", inRepo(`scripts/${name}.ts`), ...args], options);
}

/** The tasks that can run within a test's process; imported when first used. */
const TASKS = {
  convert: async () => (await import("../scripts/convert.ts")).convert,
  dataset: async () => (await import("../scripts/dataset.ts")).dataset,
  evaluate: async () => (await import("../scripts/evaluate.ts")).evaluate,
  export: async () => (await import("../scripts/export.ts")).exportTask,
  interpolate: async () => (await import("../scripts/interpolate.ts")).interpolate,
  models: async () => (await import("../scripts/models.ts")).models,
  plugin: async () => (await import("../scripts/plugin.ts")).plugin,
  segments: async () => (await import("../scripts/segments.ts")).segments,
  queue: async () => (await import("../scripts/queue.ts")).queue,
  train: async () => (await import("../scripts/train.ts")).trainTask,
  web: async () => (await import("../scripts/web.ts")).web,
  worker: async () => (await import("../scripts/worker.ts")).worker,
} satisfies Readonly<Record<string, () => Promise<Task>>>;

/** Name of a task. */
export type TaskName = keyof typeof TASKS;

/** Runs a task in this process, with output and exit code as a user sees them. */
export async function task(name: TaskName, args: readonly string[], options: TaskOptions = {}): Promise<Ended> {
  const { signal = new AbortController().signal, onLine, onErrorLine } = options;
  let out = "", err = "";
  const code = await runTask(await TASKS[name](), args, {
    out(line) {
      out += `${line}\n`;
      onLine?.(line);
    },
    err(line) {
      err += `${line}\n`;
      onErrorLine?.(line);
    },
    isTerminal: false,
    signal,
  });
  return { code, out, err };
}

/** How {@linkcode task} differs from a task that runs to its end. */
export interface TaskOptions {
  /** Stops the task, as Ctrl-C does. */
  readonly signal?: AbortSignal;
  /** Called for each line of standard output. */
  readonly onLine?: (line: string) => void;
  /** Called for each line of standard error. */
  readonly onErrorLine?: (line: string) => void;
}

/** Computes in the thread of the test, because each worker loads all modules again. */
export const NO_WORKERS: readonly string[] = ["--workers", "0"];

/** A manifest whose interpolator only blends, for tests that need no network. */
export const BLEND: string = inRepo("tests/fixtures/blend.json");

/** `deno task interpolate`; frames are only blended unless `args` name another manifest. */
export function interpolate(args: readonly string[], options?: TaskOptions): Promise<Ended> {
  return task("interpolate", ["--manifest", BLEND, "--backend", "cpu", ...NO_WORKERS, ...args], options);
}

/** `deno task interpolate` with the shipped model on the wasm backend. */
export function interpolateWithModel(args: readonly string[]): Promise<Ended> {
  return task("interpolate", ["--backend", "wasm", ...NO_WORKERS, ...args]);
}

/** Runs ffmpeg, or copies the file that it generated earlier with the same arguments. Fails with its error output. */
export async function ffmpeg(...args: string[]): Promise<string> {
  const { ffmpeg: program } = await programs();
  return await generate(program, args, async (args) => {
    const { code, out, err } = await run(program, ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", ...args]);
    if (code !== 0) throw new Error(`ffmpeg ${args.join(" ")}: ${err}`);
    return out;
  });
}

/** Copies a video with a tag that rotates it clockwise. */
export async function rotate(from: string, to: string, rotation: 90 | 180 | 270): Promise<void> {
  await makeRotated(await programs(), from, to, rotation);
}

/** Returns the raw bytes of all frames of a file in a pixel format. */
export async function pixels(file: string, format: string, ...filters: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { code, stdout, stderr } = await new Deno.Command((await programs()).ffmpeg, {
    args: [
      "-v",
      "error",
      "-nostdin",
      "-i",
      `file:${file}`,
      ...filters,
      "-fps_mode",
      "passthrough",
      "-f",
      "rawvideo",
      "-pix_fmt",
      format,
      "-",
    ],
    stdin: "null",
  }).output();
  if (code !== 0) throw new Error(`${file}: ${decoder.decode(stderr)}`);
  return stdout;
}

/** A stream of a file as ffprobe describes it. */
export interface Stream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly r_frame_rate: string;
  readonly avg_frame_rate: string;
  readonly nb_read_frames: string;
  readonly start_time: string;
  readonly duration: string;
  readonly width: number;
  readonly height: number;
  readonly pix_fmt: string;
  readonly [name: string]: unknown;
}

/** Properties of a file, as ffprobe prints them. */
export interface Probed {
  readonly streams: readonly Stream[];
  readonly video: Stream;
  readonly audio: Stream | undefined;
  readonly chapters: readonly unknown[];
}

/** Reads the properties of a file, and counts its frames. */
export async function probe(file: string): Promise<Probed> {
  const entries = ["-count_frames", "-count_packets", "-show_streams", "-show_chapters"], tools = await programs();
  const { code, out, err } = await run(tools.ffprobe, [
    ...["-v", "error", ...entries, "-of", "json", `file:${file}`],
  ]);
  if (code !== 0) throw new Error(`ffprobe ${file}: ${err}`);
  const { streams: found, chapters = [] } = JSON.parse(out) as { streams: Stream[]; chapters?: unknown[] };
  const streams: Stream[] = [];
  for (const stream of found) {
    const isDecoded = stream.codec_type !== "video" || stream.nb_read_frames !== undefined;
    // Not every ffprobe decodes PNG, whose packets are its frames.
    const shown = isDecoded ? {} : await showFirstFrame(tools, file, Number(stream.index));
    streams.push(isDecoded ? stream : { ...stream, nb_read_frames: `${stream.nb_read_packets}`, ...shown });
  }
  const find = (type: string) => streams.find(({ codec_type }) => codec_type === type);
  const video = find("video");
  if (!video) throw new Error(`${file} has no video stream`);
  return { streams, video, audio: find("audio"), chapters };
}

/** Returns the timestamps of the video frames in seconds, in order. */
export async function timestamps(file: string): Promise<number[]> {
  const { out } = await run((await programs()).ffprobe, [
    ...["-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time", "-of", "csv=p=0", `file:${file}`],
  ]);
  return out.split("\n").map((line) => parseFloat(line)).filter((time) => !Number.isNaN(time));
}

/** Runs `test` with an empty folder, and removes the folder afterwards. */
export async function withFolder(test: (folder: string, at: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-test-" });
  try {
    await test(folder, (name) => join(folder, name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A separate file system in a folder, of a size such as `200k`. */
export class SmallDisk implements AsyncDisposable {
  private constructor(private readonly folder: string) {}

  /** Mounts it. Fails if that is not permitted. */
  static async mount(folder: string, size: string): Promise<SmallDisk> {
    await Deno.mkdir(folder, { recursive: true });
    const { code, err } = await run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
    if (code !== 0) throw new Error(err.trim());
    return new SmallDisk(folder);
  }

  /** Changes its size. */
  async resize(size: string): Promise<void> {
    const { code, err } = await run("mount", ["-t", "tmpfs", "-o", `remount,size=${size}`, "tmpfs", this.folder]);
    if (code !== 0) throw new Error(err.trim());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Lazily: a program that another test is just starting may still have copies of descriptors.
    const { code, err } = await run("umount", ["-l", this.folder]);
    if (code !== 0) throw new Error(err.trim());
  }
}

/** Returns the reason why a {@linkcode SmallDisk} cannot be mounted; `undefined` if it can. */
export async function whyNoSmallDisk(): Promise<string | undefined> {
  let why: string | undefined;
  await withFolder(async (_, at) => {
    try {
      await using _disk = await SmallDisk.mount(at("disk"), "200k");
    } catch (error) {
      why = `no file system can be mounted here: ${(error as Error).message.split("\n")[0]}`;
    }
  });
  return why;
}

/** Returns the names in a folder, sorted. */
export async function list(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

/** Creates a 4 s video of ffmpeg's test pattern at 24000/1001 with audio: 96 frames, 64×36. */
export async function makeBase(file: string): Promise<string> {
  await ffmpeg(
    ...["-f", "lavfi", "-i", "testsrc2=s=64x36:r=24000/1001:d=4", "-f", "lavfi", "-i", "sine=f=440:d=4"],
    ...["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", file],
  );
  return file;
}
