/** `deno task bench`: measures interpolation beside RIFE and minterpolate. `docs/speed.md` explains the tables. */
import { locateFfmpeg } from "@slomo/codecs";
import { reasonOf } from "@slomo/core";
import { runScript, type TaskIo } from "../scripts/_cli.ts";
import { installedModels } from "@slomo/slomo/install";
import { readManifest } from "../scripts/_toolkit.ts";
import { openClips } from "./speed/clips.ts";
import {
  type Conditions,
  type Method,
  minterpolateMethod,
  MORE_PAIRS,
  RIFE,
  rifeMethod,
  slomoMethod,
  type Turn,
} from "./speed/methods.ts";
import { BENCH, type BenchCommand, parseBench } from "./speed/options.ts";
import { type Duration, shortest } from "./speed/processes.ts";
import { fetchRife, findPython } from "./speed/rife.ts";
import { replaceTables, type Report, reportMarkdown, type Result, type StepResult, summarize } from "./speed/table.ts";
import { measurePytorch, measureStep } from "./train/steps.ts";

/** RIFE's Python and weights, or the reason why RIFE cannot run. */
type RifeSetup = { readonly python: string; readonly weights: string } | { readonly reason: string };

async function setUpRife({ err, signal }: TaskIo): Promise<RifeSetup> {
  const found = await findPython(["torch"], signal);
  if ("reason" in found) return found;
  try {
    return { ...found, weights: await fetchRife(err, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { reason: reasonOf(error) };
  }
}

/** Measures all methods at one size, in turn. */
async function measureSize(
  { models, runs }: BenchCommand,
  { ffmpeg, rife }: { readonly ffmpeg: string; readonly rife: RifeSetup },
  conditions: Conditions,
  io: TaskIo,
): Promise<Result[]> {
  const size = conditions.size.join("×"), turns = new Map<Method, Turn[]>();
  const rifeNetwork = "reason" in rife ? undefined : rifeMethod(rife.python, rife.weights, conditions);
  const ours = models.map((model) => slomoMethod(model, conditions));
  const methods = [...ours, ...rifeNetwork ? [rifeNetwork] : [], minterpolateMethod(ffmpeg, conditions)];
  for (const { name, warmUp } of methods) {
    if (warmUp) io.err(`${size}, warm-up: ${name}`);
    await warmUp?.();
  }
  for (let run = 1; run <= runs; run++) {
    for (const method of methods) {
      io.err(`${size}, run ${run} of ${runs}: ${method.name}`);
      turns.set(method, [...turns.get(method) ?? [], await method.measure()]);
    }
  }
  const results = methods.map((method) => summarize(size, method.name, turns.get(method)!));
  return "reason" in rife ? [...results, { size, method: RIFE, reason: rife.reason }] : results;
}

/** Measures the recipe's training step with TensorFlow, and the same step in PyTorch, in turn. */
async function measureTraining({ runs }: BenchCommand, { err, signal }: TaskIo): Promise<StepResult[]> {
  const samples = { size: "128", batch: "8", steps: "8" }, python = await findPython(["torch", "safetensors"], signal);
  const methods: readonly (readonly [method: string, measure: () => Promise<Duration>])[] = [
    ["slomo, tensorflow", async () => (await measureStep("tensorflow", samples)).step],
    ["slomo, tensorflow in bfloat16", async () => (await measureStep("tensorflow:bfloat16", samples)).step],
    ["PyTorch", async () => {
      if ("reason" in python) throw new Error(python.reason);
      return await measurePytorch(python.python, samples);
    }],
  ];
  const turns = methods.map((): Duration[] => []), reasons: string[] = [];
  for (let run = 1; run <= runs; run++) {
    for (const [i, [method, measure]] of methods.entries()) {
      signal.throwIfAborted();
      if (reasons[i] !== undefined) continue;
      err(`training step, run ${run} of ${runs}: ${method}`);
      await measure().then((turn) => turns[i]!.push(turn), (error) => reasons[i] = reasonOf(error));
    }
  }
  return methods.map(([method], i) =>
    reasons[i] === undefined ? { method, step: shortest(turns[i]!) } : { method, reason: reasons[i] }
  );
}

/** Describes the machine and the conditions. */
async function describe({ runs, threads }: BenchCommand, ffmpeg: string, rife: RifeSetup): Promise<string[]> {
  const output = async (command: string, ...args: string[]) =>
    new TextDecoder().decode((await new Deno.Command(command, { args }).output()).stdout).trim();
  const cpu = /model name\s*:\s*(.+)/.exec(await Deno.readTextFile("/proc/cpuinfo"))?.[1] ?? "unknown CPU";
  const [, version = "unknown"] = /version (\S+)/.exec(await output(ffmpeg, "-version")) ?? [];
  const torch = "reason" in rife ? [] : [
    `PyTorch ${await output(rife.python, "-c", "import torch; print(torch.__version__)")}`,
  ];
  return [
    `Machine: ${cpu}, ${navigator.hardwareConcurrency} cores; threads: ${threads}.`,
    `Programs: ${[`Deno ${Deno.version.deno}`, ...torch, `ffmpeg ${version}`].join(", ")}.`,
    `Runs: ${runs}, of which the minimum counts; a frame is the mean of ${MORE_PAIRS}.`,
  ];
}

const PAGE = new URL("../docs/speed.md", import.meta.url);

async function bench(args: readonly string[], io: TaskIo): Promise<void> {
  const installed = (await installedModels()).map(({ name }) => name);
  const command = parseBench(args, [...Object.keys((await readManifest()).models ?? {}), ...installed], io);
  if (command === undefined) return;
  const folder = await Deno.makeTempDir({ prefix: "slomo-bench-" });
  try {
    const { ffmpeg } = await locateFfmpeg(), rife = await setUpRife(io), results: Result[] = [];
    for (const size of command.sizes) {
      const clips = openClips(ffmpeg, folder, size, io.signal);
      const conditions = { size, clips, threads: command.threads, signal: io.signal };
      results.push(...await measureSize(command, { ffmpeg, rife }, conditions, io));
    }
    const steps = command.train ? await measureTraining(command, io) : [];
    const report: Report = { facts: await describe(command, ffmpeg, rife), results, steps };
    io.out(command.json ? JSON.stringify(report, undefined, 2) : reportMarkdown(report));
    if (!command.markdown) return;
    await Deno.writeTextFile(PAGE, replaceTables(await Deno.readTextFile(PAGE), reportMarkdown(report)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await runScript({ commands: [BENCH], run: bench });
