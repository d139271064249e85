import { BACKENDS } from "../../api/backends.ts";
import { ok } from "node:assert/strict";
import type { Image } from "../../core/contracts/frame.ts";
import { parseManifest } from "../../core/manifest/parse.ts";
import { resolveManifest } from "../../core/manifest/resolve.ts";
import { createToolkit } from "../../core/manifest/toolkit.ts";
import { openEngine } from "../open_engine.ts";
import { openSafetensors, tensorValues } from "../../weights/safetensors.ts";
import { openWeights } from "../../weights/weights_file.ts";
import type { ComputePrecision } from "../backend.ts";
import { testOnTensorflow } from "./testing/library.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string) => Deno.readFile(new URL(path, ROOT));

/** A picture [1, H, W, 3] in [0, 1] in 16 bits, so that rounding hides nothing. */
function imageOf(values: Float32Array, [, height, width]: readonly number[]): Image {
  const planes = [0, 1, 2].map((channel) =>
    Uint16Array.from({ length: width! * height! }, (_, i) => Math.round(65535 * values[3 * i + channel]!))
  );
  const format = { model: "rgb", depth: 16, chroma: [1, 1], alpha: false } as const;
  return { width: width!, height: height!, format, color: {}, planes };
}

/** What the shipped model makes in the middle of the golden pair. */
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
    weights: openWeights(await read("models/slomo-half.safetensors")),
    backend: "tensorflow",
    device: "cpu",
    precision,
  });
  const { images } = await engine.run({ first: first!, second: second!, times: [0.5], details: false });
  await engine.close();
  return images[0]!;
}

/** Peak signal over noise of two pictures of 16 bits, in decibels. */
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

testOnTensorflow(
  "the shipped model in bfloat16 makes float32's picture to over 50 dB, and not quite the same",
  async () => {
    const agreement = psnr(await middle("bfloat16"), await middle("float32"));
    ok(agreement > 50 && agreement < 120, `${agreement} dB`);
  },
);
