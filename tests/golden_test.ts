import { ok } from "node:assert/strict";
import { openSafetensors, tensorValues } from "../weights/safetensors.ts";
import { openWeights, writeWeights } from "../weights/weights_file.ts";
import { readModel } from "../weights/convert/mod.ts";
import * as tf from "@tensorflow/tfjs-core";
import backbones from "../plugins/flow-backbones/mod.ts";
import { wasmBackend } from "../engine/backends/wasm/mod.ts";
import { eachBackend } from "../engine/_testing.ts";
import { programs } from "./_tools.ts";
import { testUnless } from "./_unless.ts";
import { type ModelResult, runModel, shippedWeights } from "./golden/_model.ts";

/** Maximum difference relative to the range, for images and flow. */
const TOLERANCE = 1e-3;

const PAIR = new URL("./golden/pair.safetensors", import.meta.url);
const OUTSIDE = new URL("../../shared/models/", import.meta.url);

/** Returns the maximum difference of two lists of numbers, divided by `range`. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>, range: number): number {
  ok(found.length === expected.length && found.length > 0);
  let largest = 0;
  for (let i = 0; i < found.length; i++) largest = Math.max(largest, Math.abs(found[i]! - expected[i]!));
  return largest / range;
}

const magnitude = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

async function agrees({ flow, frames }: ModelResult, expectedFlow: Float32Array, expectedFrames: Float32Array) {
  ok(difference(await flow.data(), expectedFlow, magnitude(expectedFlow)) < TOLERANCE, "flow");
  ok(difference(await frames.data(), expectedFrames, 1) < TOLERANCE, "frames");
  tf.dispose([flow, frames]);
}

await eachBackend("the shipped model reproduces its reference output", async () => {
  const file = openSafetensors(await Deno.readFile(PAIR), "pair.safetensors");
  const values = (name: string) => tensorValues(file, file.tensors.get(name)!);
  const shape = file.tensors.get("first")!.shape as [number, number, number, number];
  const [first, second] = ["first", "second"].map((name) => tf.tensor4d(values(name), shape)) as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  await agrees(runModel(await shippedWeights(), first, second, [0.25, 0.5]), values("flow"), values("frames"));
  tf.dispose([first, second]);
});

const [WIDTH, HEIGHT] = [320, 192];

async function readImage(name: string, format: "rgb24" | "rgb48le"): Promise<Float32Array> {
  const args = ["-v", "error", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", format, "-"];
  const process = new Deno.Command((await programs()).ffmpeg, { args, stdin: "piped", stdout: "piped" }).spawn();
  const writer = process.stdin.getWriter();
  const written = writer.write(await Deno.readFile(new URL(name, OUTSIDE))).then(() => writer.close());
  const [{ stdout }] = await Promise.all([process.output(), written]);
  return format === "rgb24"
    ? Float32Array.from(stdout, (value) => value / 255)
    : Float32Array.from(new Uint16Array(stdout.slice().buffer), (value) => value / 65535);
}

/** Returns the values of a `.npy` file of float32. */
async function array(name: string): Promise<Float32Array> {
  const bytes = await Deno.readFile(new URL(name, OUTSIDE));
  const headerLength = new DataView(bytes.buffer).getUint16(8, true);
  return new Float32Array(bytes.slice(10 + headerLength).buffer);
}

const absent = await Deno.stat(OUTSIDE).then(() => undefined, () => "../shared/models is absent");

testUnless(absent, "a model of the PyTorch implementation computes the same as PyTorch", async () => {
  await wasmBackend.open();
  const frame = async (name: string) => tf.tensor4d(await readImage(name, "rgb24"), [1, HEIGHT, WIDTH, 3]);
  const [first, second] = [await frame("frame0.png"), await frame("frame1.png")];
  const location = "slomo-half.safetensors",
    model = await readModel(await Deno.readFile(new URL(location, OUTSIDE)), location, backbones.provides);
  const weights = openWeights(writeWeights(model.facts, model.tensors, model.precision));
  for (const [t, name] of [[0.5, "expected_t50.png"], [0.25, "expected_t25.png"]] as const) {
    const result = runModel(weights, first, second, [t], [0.25, 0.5, 1]);
    await agrees(result, await array("flow.npy"), await readImage(name, "rgb48le"));
  }
  const { flow, frames } = runModel(weights, first, second, [0.5], [1]);
  const expected = await readImage("expected_t50_one_level.png", "rgb48le");
  ok(difference(await frames.data(), expected, 1) < TOLERANCE);
  tf.dispose([first, second, flow, frames]);
}, { sanitizeOps: false, sanitizeResources: false });
