/** Workers with one thread each, beside one process with as many threads. */
import { openQueueServer, QueueClient } from "@slomo/queue";
import { fromFileUrl, join } from "@std/path";
import { segmentFrames } from "../../plugins/codecs/ffmpeg/write/segment.ts";
import { measureProgram } from "../speed/processes.ts";
import { ProcessTree } from "../startup/processes.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Options of a comparison. */
export interface ScaleOptions {
  /** Numbers of workers. */
  readonly workers: readonly number[];
  /** Segments per worker. */
  readonly segments: number;
  /** Size of the frames. */
  readonly width: number;
  readonly height: number;
  /** Name of a model of the manifest. */
  readonly model: string;
  /** Comparisons for each number of workers, whose minima count. */
  readonly runs: number;
}

/** Seconds of wall time and CPU time. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Cost of a video in a queue. */
interface QueueCost extends Cost {
  /** Seconds until it is planned. */
  readonly planning: number;
  /** Seconds from the last segment to the end. */
  readonly joining: number;
  readonly segments: number;
}

/** A video that is interpolated. */
interface Video {
  readonly input: string;
  readonly output: string;
  readonly model: string;
}

/** Options that choose the backend, the same for all. */
const BACKEND = ["--backend", "onnx", "--device", "cpu"];

/** Returns the arguments of Deno that run a task of slomo. */
const argsOf = (task: string, args: readonly string[]): string[] => [
  ...["run", "-A", "--no-check", join(ROOT, `scripts/${task}.ts`), ...args],
];

/** Starts a worker whose error output a function receives in lines. */
function startWorker(args: readonly string[], onLine: (line: string) => void): Deno.ChildProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: argsOf("worker", args),
    ...{ stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  void (async () => {
    let rest = "";
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      lines.forEach(onLine);
    }
  })();
  return child;
}

/** Runs one process. Its times include the start of the program; the workers are ready before. */
async function runSingle(threads: number, { input, output, model }: Video): Promise<Cost> {
  const options = ["--factor", "2", "--overwrite", "--model", model, "--workers", `${threads}`, ...BACKEND];
  const command = [Deno.execPath(), ...argsOf("interpolate", [input, output, ...options])];
  const { whole: { wall, cpu } } = await measureProgram("interpolate", command, new AbortController().signal);
  return { wall: wall / 1000, cpu: cpu / 1000 };
}

/** Runs workers that are ready before the video is submitted. */
async function runWorkers(url: string, count: number, folder: string, video: Video): Promise<QueueCost> {
  let segments = 0, ready = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onLine = (line: string) => {
    if (line.includes("ready") && ++ready === count) resolve();
    if (/: segment \d+ in/.test(line)) segments++;
  };
  const args = [url, "--allow-root", folder, "--workers", "1", ...BACKEND];
  const workers = Array.from({ length: count }, () => startWorker(args, onLine));
  await promise;
  const trees = workers.map(({ pid }) => new ProcessTree(pid));
  const cpu = () => trees.reduce((sum, tree) => sum + tree.look(), 0);
  const before = cpu(), begun = performance.now(), seconds = () => (performance.now() - begun) / 1000;
  await using server = await openQueueServer(url);
  await using client = new QueueClient(server);
  const { input, output, model } = video, options = { factor: "2/1", model };
  const command = { input: input.slice(1), output: output.slice(1), options };
  const id = await client.submit({ command, input, output });
  let planning = 0, made = 0;
  for (let phase = ""; phase !== "done";) {
    const state = await client.state(id);
    if (state.phase === "failed") throw new Error(state.error);
    phase = state.phase;
    if (phase === "waiting" || phase === "planning") planning = seconds();
    if (phase !== "joining" && phase !== "done") made = seconds();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const wall = seconds(), after = cpu();
  for (const worker of workers) {
    worker.kill("SIGTERM");
    await worker.status;
  }
  return { wall, cpu: after - before, planning, joining: wall - made, segments };
}

const least = <T extends Cost>(all: readonly T[]): T => ({
  ...all.reduce((a, b) => a.wall < b.wall ? a : b),
  cpu: Math.min(...all.map(({ cpu }) => cpu)),
});

const ratio = (a: number, b: number) => `${(100 * (a / b - 1)).toFixed(1)} %`;

/** Measures both in turns for each number of workers, and prints a line for each. */
export async function scale(url: string, given: ScaleOptions): Promise<void> {
  const { workers, segments, width, height, model, runs } = given, folder = await Deno.makeTempDir();
  try {
    for (const count of workers) {
      const input = join(folder, "in.mp4"), frames = count * segments * segmentFrames({ width, height }) / 2;
      const source = `testsrc2=s=${width}x${height}:r=24:d=${frames / 24}`;
      const args = ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p", input];
      await new Deno.Command("ffmpeg", { args }).output();
      const single: Cost[] = [], queue: QueueCost[] = [];
      let isSame = true;
      for (let run = 0; run < runs; run++) {
        const one = join(folder, "single.mp4"), other = join(folder, `queue-${count}-${run}.mp4`);
        single.push(await runSingle(count, { input, output: one, model }));
        queue.push(await runWorkers(url, count, folder, { input, output: other, model }));
        const [a, b] = [await Deno.readFile(one), await Deno.readFile(other)];
        isSame &&= a.length === b.length && a.every((byte, i) => byte === b[i]);
      }
      const a = least(queue), b = least(single);
      console.log(
        `${count} workers: ${a.wall.toFixed(1)} s and ${a.cpu.toFixed(1)} s of CPU for ${a.segments} segments, ` +
          `with ${a.planning.toFixed(1)} s to plan and ${a.joining.toFixed(1)} s to join; ` +
          `one process with ${count} threads: ${b.wall.toFixed(1)} s and ${b.cpu.toFixed(1)} s of CPU; ` +
          `more: ${ratio(a.wall, b.wall)} time, ${ratio(a.cpu, b.cpu)} CPU, ` +
          `${(1000 * (a.cpu - b.cpu) / a.segments).toFixed(0)} ms of CPU per segment; ` +
          (isSame ? "the same bytes" : "OTHER BYTES"),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
