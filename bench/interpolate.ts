/**
 * Measures frames per second, peak memory and time by stage of the shipped model, for each backend and size:
 * `deno run -A bench/interpolate.ts [BACKEND ...]`. Each case runs in its own process.
 */
import { BACKENDS } from "@slomo/slomo/backends";
import type { CaseResult } from "./interpolate/case.ts";

const SIZES = ["256x256", "640x360", "1280x720"];
const asked = Deno.args.length > 0 ? Deno.args : BACKENDS.map(({ name }) => name).filter((name) => name !== "cpu");

async function measure(backend: string, size: string): Promise<CaseResult | string> {
  const args = ["run", "-A", new URL("./interpolate/case.ts", import.meta.url).href, backend, size];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return code === 0 ? JSON.parse(text(stdout)) as CaseResult : text(stderr).split("\n").at(-1) ?? "failed";
}

const COLUMNS = [
  "backend",
  "size",
  "frames/s",
  "decode",
  "UNet A",
  "UNet B",
  "warp",
  "other",
  "color",
  "encode",
  "convs",
  "peak MiB",
];
const row = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);

console.log(
  "Milliseconds for one pair and one frame between, in one thread; frames/s through the whole pipeline on all cores.\n",
);
row(COLUMNS);
row(COLUMNS.map(() => "---"));
for (const backend of asked) {
  for (const size of SIZES) {
    const result = await measure(backend, size);
    if (typeof result === "string") {
      row([backend, size, result]);
      break;
    }
    const { stages, framesPerSecond, convolutions, peak } = result;
    const stage = (name: keyof typeof stages) => stages[name].toFixed(1);
    row([
      ...[
        backend,
        size,
        framesPerSecond.toFixed(2),
        stage("decode"),
        stage("flow"),
        stage("interpolation"),
        stage("warp"),
      ],
      ...[
        stage("other"),
        stage("color"),
        stage("encode"),
        convolutions === null ? "" : `${(100 * convolutions).toFixed(0)} %`,
        (peak / 2 ** 20).toFixed(0),
      ],
    ]);
  }
}
