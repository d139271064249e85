/** Workers with one thread each, beside one process with as many threads. */
import { openQueueServer, QueueClient } from "@slomo/queue";
import { fromFileUrl, join } from "@std/path";
import { measureProgram } from "../speed/processes.ts";
import { ProcessTree } from "../startup/processes.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Seconds of wall time and CPU time. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

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
async function runSingle(threads: number, args: readonly string[]): Promise<Cost> {
  const command = [Deno.execPath(), ...argsOf("interpolate", [...args, "--workers", `${threads}`])];
  const { whole: { wall, cpu } } = await measureProgram("interpolate", command, new AbortController().signal);
  return { wall: wall / 1000, cpu: cpu / 1000 };
}

/** Runs workers that are ready before the video is submitted. */
async function runWorkers(
  url: string,
  count: number,
  { input, output, folder, model }: Record<"input" | "output" | "folder", string> & {
    readonly model: readonly string[];
  },
): Promise<Cost & { readonly segments: number }> {
  let segments = 0, ready = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onLine = (line: string) => {
    if (line.includes("ready") && ++ready === count) resolve();
    if (/: segment \d+ in/.test(line)) segments++;
  };
  const args = [url, "--allow-root", folder, "--workers", "1", ...model];
  const workers = Array.from({ length: count }, () => startWorker(args, onLine));
  await promise;
  const trees = workers.map(({ pid }) => new ProcessTree(pid));
  const cpu = () => trees.reduce((sum, tree) => sum + tree.look(), 0);
  const before = cpu(), begun = performance.now();
  await using server = await openQueueServer(url);
  await using client = new QueueClient(server);
  const command = { input: input.slice(1), output: output.slice(1), options: { factor: "2/1" } };
  const id = await client.submit({ command, input, output });
  for (let phase = ""; phase !== "done";) {
    const state = await client.state(id);
    if (state.phase === "failed") throw new Error(state.error);
    phase = state.phase;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const wall = (performance.now() - begun) / 1000, after = cpu();
  for (const worker of workers) {
    worker.kill("SIGTERM");
    await worker.status;
  }
  return { wall, cpu: after - before, segments };
}

/** Measures both for each number of workers, and prints a line for each. */
export async function scale(
  url: string,
  { workers, duration }: { readonly workers: readonly number[]; readonly duration: number },
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "slomo-bench-queue-" });
  try {
    const manifest = JSON.parse(await Deno.readTextFile(join(ROOT, "slomo.json"))), input = join(folder, "in.mp4");
    manifest.plugins = ["flow-backbones", "codecs"].map((name) => join(ROOT, "plugins", name, "mod.ts"));
    manifest.use.media = [{ name: "ffmpeg", options: { segmentFrames: 24 } }];
    manifest.weights = join(ROOT, "models/slomo-quarter.safetensors");
    await Deno.writeTextFile(
      join(folder, "m.json"),
      JSON.stringify({ ...manifest, models: undefined, $schema: undefined }),
    );
    const source = ["-f", "lavfi", "-i", `testsrc2=s=160x96:r=24:d=${duration}`, "-pix_fmt", "yuv420p"];
    await new Deno.Command("ffmpeg", { args: ["-nostdin", "-v", "error", ...source, input] }).output();
    const model = ["--manifest", join(folder, "m.json"), "--backend", "wasm"];
    for (const count of workers) {
      const single = await runSingle(count, [
        input,
        join(folder, "single.mp4"),
        "--factor",
        "2",
        "--overwrite",
        ...model,
      ]);
      const output = join(folder, `queue-${count}.mp4`);
      const queue = await runWorkers(url, count, { input, output, folder, model });
      const [a, b] = [await Deno.readFile(output), await Deno.readFile(join(folder, "single.mp4"))];
      const isSame = a.length === b.length && a.every((byte, i) => byte === b[i]);
      const ratio = (a: number, b: number) => `${(100 * (a / b - 1)).toFixed(1)} %`;
      console.log(
        `${count} workers: ${queue.wall.toFixed(1)} s and ${
          queue.cpu.toFixed(1)
        } s of CPU for ${queue.segments} segments; ` +
          `one process with ${count} threads: ${single.wall.toFixed(1)} s and ${single.cpu.toFixed(1)} s of CPU; ` +
          `more: ${ratio(queue.wall, single.wall)} time, ${ratio(queue.cpu, single.cpu)} CPU, ` +
          `${(1000 * (queue.cpu - single.cpu) / queue.segments).toFixed(0)} ms of CPU per segment; ` +
          (isSame ? "the same bytes" : "OTHER BYTES"),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
