import { BACKENDS } from "../../api/backends.ts";
import { deepStrictEqual as equal, match, ok } from "node:assert/strict";
import type { Image } from "../../core/contracts/frame.ts";
import { reasonOf, UsageError } from "../../core/errors.ts";
import { parseManifest } from "../../core/manifest/parse.ts";
import { resolveManifest } from "../../core/manifest/manifest.ts";
import { createToolkit } from "../../core/manifest/toolkit.ts";
import { cpuBackend } from "../backends/mod.ts";
import { chooseBackend } from "../choose.ts";
import { openEngine } from "../open_engine.ts";
import { openSafetensors, tensorValues } from "../../weights/safetensors.ts";
import { openWeights } from "../../weights/weights_file.ts";
import type { ComputePrecision, TfjsBackend } from "../backend.ts";
import { tensorflowBackend } from "./backend.ts";
import { testOnTensorflow } from "./_testing.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readFile(new URL(path, ROOT));

/** Converts a frame [1, H, W, 3] in [0, 1] to 16 bits, so that rounding hides no difference. */
function imageOf(values: Float32Array, [, height, width]: readonly number[]): Image {
  const planes = [0, 1, 2].map((channel) =>
    Uint16Array.from({ length: width! * height! }, (_, i) => Math.round(65535 * values[3 * i + channel]!))
  );
  const format = { model: "rgb", depth: 16, chroma: [1, 1], alpha: false } as const;
  return { width: width!, height: height!, format, color: {}, planes };
}

/** Interpolates the middle of the golden pair with the shipped model. */
async function middle(precision: ComputePrecision): Promise<Image> {
  const url = new URL("slomo.json", ROOT), pair = openSafetensors(await read("tests/golden/pair.safetensors"), "pair");
  const [first, second] = ["first", "second"].map((name) => {
    const tensor = pair.tensors.get(name)!;
    return imageOf(tensorValues(pair, tensor), tensor.shape);
  });
  const { engine } = await openEngine({
    backends: BACKENDS,
    createWorker: false,
    toolkit: await createToolkit(resolveManifest(parseManifest(await Deno.readTextFile(url), "slomo.json"), url)),
    weights: openWeights(await read("models/slomo-ifnet.safetensors")),
    backend: "tensorflow",
    device: "cpu",
    precision,
  });
  const { images } = await engine.run({ first: first!, second: second!, times: [0.5], details: false });
  await engine.close();
  return images[0]!;
}

/** Returns the PSNR of two 16-bit images in decibels. */
function psnr(a: Image, b: Image): number {
  let sum = 0, count = 0;
  a.planes.forEach((plane, channel) =>
    plane.forEach((value, i) => {
      sum += ((value - b.planes[channel]![i]!) / 65535) ** 2;
      count++;
    })
  );
  return -10 * Math.log10(sum / count);
}

/** Checks that an error says that this device does not support bfloat16, and that TensorFlow is the cause. */
function checkRefusal(error: unknown): void {
  ok(error instanceof UsageError, Deno.inspect(error));
  equal([error.code, error.option], ["unsupported-precision", "precision"]);
  match(
    error.message,
    /^tensorflow: cannot compute in bfloat16 on CPU:0: .* (fails\)|%); set `precision` to float32$/,
  );
  // Other errors of an op, such as a wrong attribute, would be faults of the trial.
  if (error.cause !== undefined) match(reasonOf(error.cause), /could not create a primitive/);
}

/** Returns the result of `run` where the device supports bfloat16; elsewhere, checks that it is refused. */
async function unlessRefused<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    checkRefusal(error);
    return undefined;
  }
}

testOnTensorflow(
  "the shipped model in bfloat16 differs from float32, by over 50 dB of PSNR, or the device is refused",
  async () => {
    const exact = await middle("float32"), rough = await unlessRefused(() => middle("bfloat16"));
    if (rough === undefined) return;
    const similarity = psnr(rough, exact);
    ok(similarity > 50 && similarity < 120, `${similarity} dB`);
  },
);

testOnTensorflow(
  "bfloat16 is supported for interpolation, training and `auto` alike, and float32 after it",
  async () => {
    const supported: boolean[] = [], options = { device: "cpu", precision: "bfloat16" } as const;
    for (const job of ["interpolate", "train"] as const) {
      const chosen = await unlessRefused(() => chooseBackend("tensorflow", job, options, [tensorflowBackend]));
      supported.push(chosen !== undefined);
      await chosen?.backend.close();
    }
    const other: TfjsBackend = {
      ...cpuBackend,
      ...{ rank: { interpolate: 1, train: 1 }, devices: ["cpu"], precisions: ["bfloat16"] },
    };
    const { backend, passedOver } = await chooseBackend("auto", "train", options, [other, tensorflowBackend]);
    supported.push(backend.name === "tensorflow");
    await backend.close();
    equal(passedOver.map(({ name }) => name), backend.name === "tensorflow" ? [] : ["tensorflow"]);
    for (const { reason } of passedOver) match(reason, /^tensorflow: cannot compute in bfloat16 on CPU:0: /);
    equal(new Set(supported).size, 1, `${supported}`);
    await (await tensorflowBackend.open({ device: "cpu" })).close();
  },
);
