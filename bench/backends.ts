/**
 * Compares backends on the same forward pass and the same training step of both U-Nets:
 * `deno run -A bench/backends.ts [--width 0.5] [--backends onnx,tensorflow,wasm,webgpu] [--sizes 256x256,640x360]`.
 * Each case runs in its own process; wasm runs in two at once, as slomo does on two cores.
 */
import { parseArgs } from "@std/cli/parse-args";
import type { CaseResult, Duration } from "./backends/case.ts";

const options = parseArgs(Deno.args, {
  string: ["width", "backends", "sizes"],
  default: { width: "0.5", backends: "onnx,tensorflow,wasm,webgpu", sizes: "256x256,640x360" },
});

async function run(...args: readonly string[]): Promise<CaseResult | string> {
  const script = new URL("./backends/case.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), { args: ["run", "-A", script, ...args] });
  const { code, stdout, stderr } = await child.output();
  if (code === 0) return JSON.parse(new TextDecoder().decode(stdout));
  return new TextDecoder().decode(stderr).split("\n").find((line) => /rror/.test(line)) ?? `it ended with ${code}`;
}

const row = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
const ratio = (a: number, b: number) => (a / b).toFixed(2);
const both = ({ wall, cpu }: Duration) => `${wall.toFixed(0)} / ${cpu.toFixed(0)}`;
const productRate = ({ product }: CaseResult, by: keyof Duration) => 2 * 2048 ** 3 / 1e6 / (product?.[by] ?? NaN);

/** Prints a row of the table; `workers` processes ran at once. */
function line(
  name: string,
  size: string,
  result: CaseResult,
  workers: number,
  peak: CaseResult,
  first: CaseResult,
): void {
  const { gflop, forward, step, warp } = result;
  const rate = (duration: Duration, by: keyof Duration) => gflop * (by === "wall" ? workers : 1) / duration[by] * 1000;
  row([
    name,
    size,
    both(forward),
    rate(forward, "wall").toFixed(0),
    ratio(rate(forward, "cpu"), productRate(peak, "cpu")),
    typeof step === "string" ? step : both(step),
    typeof step === "string" ? "" : ratio(step.cpu, forward.cpu),
    warp ? ratio(warp.cpu * 4, forward.cpu) : "",
    ratio(forward.cpu, first.forward.cpu),
  ]);
}

console.log(
  "Milliseconds: wall time / CPU time of all cores, minimum of several runs. Shares and ratios are of the",
);
console.log("cores' time, which other programs blur less; forwards in wasm's workers run at once.\n");
row([
  "backend",
  "size",
  "forward ms",
  "GFLOP/s",
  "share of product rate",
  "step ms",
  "step / forward",
  "warps / forward",
  "times tensorflow's",
]);
row(Array(9).fill("---"));
for (const size of options.sizes.split(",")) {
  const first = await run("tensorflow", "float32", options.width, size);
  for (const backend of options.backends.split(",")) {
    const precisions = backend === "tensorflow" ? ["float32", "bfloat16"] : ["float32"];
    for (const precision of precisions) {
      const workers = backend === "wasm" ? 2 : 1, name = precision === "float32" ? backend : `${backend} ${precision}`;
      const args = [backend, precision, options.width, size];
      const results = backend === "tensorflow" && precision === "float32"
        ? [first]
        : await Promise.all(Array.from({ length: workers }, () => run(...args)));
      const [result = ""] = results;
      if (typeof result === "string" || typeof first === "string") row([name, size, String(result)]);
      else line(workers > 1 ? `${name}, ${workers} workers` : name, size, result, workers, first, first);
    }
  }
}
