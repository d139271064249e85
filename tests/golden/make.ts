/**
 * Creates `pair.safetensors`: a frame pair, and the output of the shipped model for it. Run it by hand after a
 * change that is supposed to change frames: `deno run -A tests/golden/make.ts`.
 */
import type { NamedTensor } from "../../core/contracts/tensors.ts";
import { writeSafetensors } from "../../weights/write_safetensors.ts";
import { wasmBackend } from "../../engine/backends/wasm/mod.ts";
import * as tf from "@tensorflow/tfjs-core";
import { programs } from "../_tools.ts";
import { runModel, shippedWeights } from "./_model.ts";

const [WIDTH, HEIGHT] = [84, 50], FRAMES = [20, 24];

const source = `mandelbrot=s=${2 * WIDTH}x${2 * HEIGHT}:r=12:start_scale=0.2`;
const filter = `select='${FRAMES.map((n) => `eq(n,${n})`).join("+")}',scale=${WIDTH}:${HEIGHT}:flags=area,format=rgb24`;
const { stdout } = await new Deno.Command((await programs()).ffmpeg, {
  args: [
    "-v",
    "error",
    "-f",
    "lavfi",
    "-i",
    source,
    "-vf",
    filter,
    "-fps_mode",
    "passthrough",
    "-frames:v",
    "2",
    "-f",
    "rawvideo",
    "-",
  ],
}).output();

await wasmBackend.open();
const shape: [number, number, number, number] = [1, HEIGHT, WIDTH, 3], size = 3 * WIDTH * HEIGHT;
const frame = (i: number) =>
  tf.tensor4d(
    Float32Array.from(new Float16Array(stdout.subarray(i * size, (i + 1) * size)).map((v) => v / 255)),
    shape,
  );
const [first, second] = [frame(0), frame(1)];
const { flow, frames } = runModel(await shippedWeights(), first, second, [0.25, 0.5]);
const named = ([name, x]: [string, tf.Tensor]): [string, NamedTensor] => [
  name,
  { shape: x.shape, values: x.dataSync() as Float32Array },
];
const tensors = new Map(Object.entries({ first, second, flow, frames }).map(named));
await Deno.writeFile(
  new URL("./pair.safetensors", import.meta.url),
  writeSafetensors(tensors, { times: "0.25, 0.5", source }, "F16"),
);
