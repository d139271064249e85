/**
 * Measures the start of `deno task interpolate` up to the first interpolated frame, with warm caches:
 * `deno run -A bench/startup.ts [--size 864x480] [--runs 5] [--model fast] [--sound]`. Each run converts a new clip, so
 * that nothing is cached about it. The second pair shows the time of a pair without the start. Linux only.
 *
 * Other programs disturb the wall time, less so the CPU time; the table shows the minimum of all runs.
 */
import { locateFfmpeg } from "@slomo/codecs";
import { fromFileUrl, join } from "@std/path";
import { parseOptions } from "../scripts/_options.ts";
import { ProcessTree, type SeenProcess } from "./startup/processes.ts";

const { values: options } = parseOptions(Deno.args, {
  size: { kind: "text", value: "WxH", help: "Size of the frames" },
  runs: { kind: "number", min: 1, max: 100, value: "N", help: "Number of runs" },
  model: { kind: "text", value: "NAME", help: "Model of the manifest" },
  sound: { kind: "switch", help: "Add a sound track" },
});
const { size = "864x480", runs = 5, model, sound } = options;

/** Milliseconds between two looks at the processes: each takes 2 ms of CPU time, which the command lacks. */
const STEP = 50;

/** Seconds of wall time and of CPU time since the start. */
interface Passed {
  readonly wall: number;
  readonly cpu: number;
}

/** A run of the command. */
interface Run {
  /** Up to the first interpolated frame. */
  readonly first: Passed;
  /** From the first to the second interpolated frame. */
  readonly pair: Passed;
  /** Up to the end, from the last frame. */
  readonly end: Passed;
  readonly processes: readonly SeenProcess[];
}

const folder = await Deno.makeTempDir(), tools = await locateFfmpeg();

async function makeClip(name: string): Promise<string> {
  const clip = join(folder, name), tone = sound ? ["-f", "lavfi", "-i", "sine=d=0.12"] : [];
  const source = ["-v", "error", "-f", "lavfi", "-i", `testsrc2=s=${size}:r=25:d=0.12`, ...tone];
  const { success, stderr } = await new Deno.Command(tools.ffmpeg, { args: [...source, "-pix_fmt", "yuv420p", clip] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return clip;
}

async function measure(number: number): Promise<Run> {
  const clip = await makeClip(`clip${number}.mp4`), output = join(folder, `out${number}.mp4`);
  const config = ["--quiet", "--config", fromFileUrl(new URL("../deno.json", import.meta.url))];
  const args = ["task", ...config, "interpolate", clip, output, "--json", ...model ? ["--model", model] : []];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "piped" }).spawn();
  const errors = new Response(child.stderr).text();
  const tree = new ProcessTree(child.pid), passed = (): Passed => ({ wall: tree.seconds, cpu: tree.look() });
  const timer = setInterval(() => tree.look(), STEP);
  const marks = new Map<number, Passed>();
  let text = "", last: Passed = { wall: 0, cpu: 0 };
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (text + chunk).split("\n");
    text = lines.pop()!;
    last = passed();
    for (const line of lines) {
      const { type, done } = JSON.parse(line);
      if (type === "frame") marks.set(done, last);
    }
  }
  const { success } = await child.status;
  clearInterval(timer);
  // Frames 1, 3 and 5 are those of the source.
  const first = marks.get(2), second = marks.get(4), written = marks.get(6);
  if (!success || !first || !second || !written) throw new Error(await errors);
  const between = (a: Passed, b: Passed): Passed => ({ wall: b.wall - a.wall, cpu: b.cpu - a.cpu });
  const processes = [...tree.seen.values()].filter(({ begun }) => begun < first.wall);
  return { first, pair: between(first, second), end: between(written, last), processes };
}

const all: Run[] = [];
try {
  await measure(0);
  for (let run = 1; run <= runs; run++) all.push(await measure(run));
} finally {
  await Deno.remove(folder, { recursive: true });
}

const least = (valueOf: (run: Run) => number) => Math.min(...all.map(valueOf));
const row = (name: string, of: (run: Run) => Passed) =>
  console.log(`| ${name} | ${least((r) => of(r).wall).toFixed(2)} | ${least((r) => of(r).cpu).toFixed(2)} |`);
console.log(`${size}, ${model ?? "default"} model, ${runs} runs, ${navigator.hardwareConcurrency} cores\n`);
console.log("| | wall s | CPU s |\n| --- | --- | --- |");
row("first interpolated frame", ({ first }) => first);
row("a further pair", ({ pair }) => pair);
row("first frame without its pair", ({ first, pair }) => ({ wall: first.wall - pair.wall, cpu: first.cpu - pair.cpu }));
row("after the last frame", ({ end }) => end);

const best = all.toSorted((a, b) => a.first.cpu - b.first.cpu)[0]!;
console.log(`\nProcesses before the first interpolated frame, in the run with the least CPU time:\n`);
console.log("| begins, s | CPU s | command |\n| --- | --- | --- |");
for (const { begun, cpu, command } of best.processes) {
  const shown = command.replaceAll(/\/\S*\/(?=[^/\s]+)/g, "").slice(0, 100);
  console.log(`| ${begun.toFixed(2)} | ${cpu.toFixed(2)} | ${shown} |`);
}
