/**
 * Compares the backend `onnx` with PyTorch and wasm, in turns, so that other load affects all alike:
 * `deno run -A bench/onnx.ts [--size 864x480] [--threads 1] [--rounds 3] [--python PYTHON]`. PYTHON has torch, numpy and
 * safetensors; without it PyTorch is skipped. Milliseconds for one pair and one frame: medians of a process, then of rounds.
 */
import { fromFileUrl } from "@std/path";
import { parseOptions } from "../scripts/_options.ts";

const { values: options } = parseOptions(Deno.args, {
  size: { kind: "text", value: "WxH", help: "Size of the frames" },
  threads: { kind: "text", value: "N", help: "Threads of each" },
  rounds: { kind: "text", value: "N", help: "How often each has its turn" },
  python: { kind: "path", value: "PATH", help: "A Python with torch, numpy and safetensors" },
});
const { size = "864x480", threads = "1", rounds = "3", python } = options;
const PAIRS = "3";

const path = (relative: string) => fromFileUrl(new URL(relative, import.meta.url));
const backend = (name: string) => [Deno.execPath(), "run", "-A", path("onnx/engine.ts"), name, size, threads, PAIRS];
const runners: Record<string, string[]> = {
  onnx: backend("onnx"),
  ...python !== undefined && {
    pytorch: [python, path("onnx/pytorch.py"), path("../models/slomo-half.safetensors"), size, threads, PAIRS],
  },
  wasm: backend("wasm"),
};

/** Milliseconds by stage, in total if known, and CPU time. */
type Timing = Readonly<Record<string, number>>;

async function measure([command, ...args]: readonly string[]): Promise<Timing> {
  const { code, stdout, stderr } = await new Deno.Command(command!, { args: [...args] }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr).trim());
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

const results: Record<string, Timing[]> = {};
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, command] of Object.entries(runners)) (results[name] ??= []).push(await measure(command));
}
console.log(`${size}, ${threads} threads each, ${rounds} rounds\n`);
console.log("| | flow | frame | outside the engine | CPU | CPU over onnx, by round |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const [name, timings] of Object.entries(results)) {
  const of = (key: string) => median(timings.map((timing) => timing[key]!)).toFixed(0);
  const outside = name === "onnx"
    ? `${(100 * median(timings.map((t) => 1 - (t.flow! + t.frame!) / t.whole!))).toFixed(1)} %`
    : "";
  const ratios = timings.map(({ cpu }, round) => (cpu! / results.onnx![round]!.cpu!).toFixed(2)).join(", ");
  console.log(`| ${name} | ${of("flow")} | ${of("frame")} | ${outside} | ${of("cpu")} | ${ratios} |`);
}
