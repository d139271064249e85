import * as tf from "@tensorflow/tfjs-core";
import { ok } from "node:assert/strict";
import { wasmBackend } from "../engine/backends/wasm/mod.ts";
import backbones from "../plugins/flow-backbones/mod.ts";
import { readModel } from "../weights/convert/mod.ts";
import { openWeights, writeWeights } from "../weights/weights_file.ts";
import { agrees, difference, runModel, TOLERANCE } from "./golden/_model.ts";
import { programs } from "./_tools.ts";
import { testUnless } from "./_unless.ts";

const OUTSIDE = new URL("../../shared/models/", import.meta.url);

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
  const images = [await readImage("expected_t50.png", "rgb48le"), await readImage("expected_t25.png", "rgb48le")];
  const result = runModel(weights, first, second, [0.5, 0.25], [0.25, 0.5, 1]);
  await agrees(result, await array("flow.npy"), Float32Array.from(images.flatMap((image) => Array.from(image))));
  const { flow, frames } = runModel(weights, first, second, [0.5], [1]);
  const expected = await readImage("expected_t50_one_level.png", "rgb48le");
  ok(difference(await frames.data(), expected, 1) < TOLERANCE);
  tf.dispose([first, second, flow, frames]);
}, { sanitizeOps: false, sanitizeResources: false });
