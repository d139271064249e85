import { BACKENDS } from "../../../api/backends.ts";
import { deepStrictEqual as equal, ok, rejects } from "node:assert/strict";
import type { PairJob, PairResult } from "../../../core/contracts/engine.ts";
import type { Image, PixelFormat } from "../../../core/contracts/frame.ts";
import type { WeightsFacts } from "../../../core/contracts/weights.ts";
import { planeSizes } from "../../../core/frames/image.ts";
import { parseManifest } from "../../../core/manifest/parse.ts";
import { type ResolvedManifest, resolveManifest } from "../../../core/manifest/resolve.ts";
import type { PairSetup } from "../../backend.ts";
import { openWeights, type WeightsFile } from "../../../weights/weights_file.ts";
import { chooseBackend } from "../../choose.ts";
import { createComputer } from "../../create_computer.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Largest difference from another backend over the range: a code of 12 bits and more. */
const TOLERANCE = 1e-3;

async function shippedManifest(): Promise<ResolvedManifest> {
  const url = new URL("slomo.json", ROOT);
  return resolveManifest(parseManifest(await Deno.readTextFile(url), "slomo.json"), url);
}

async function shippedWeights(facts: Partial<WeightsFacts> = {}): Promise<WeightsFile> {
  const file = openWeights(await Deno.readFile(new URL("models/slomo-half.safetensors", ROOT)));
  return { ...file, facts: { ...file.facts, ...facts } };
}

const RGB: PixelFormat = { model: "rgb", depth: 16, chroma: [1, 1], alpha: false };

/** A soft pattern that moves by 3 pixels a frame. */
function image(frame: number, width: number, height: number, format = RGB): Image {
  const planes = planeSizes(width, height, format).map(([w, h], plane) =>
    Uint16Array.from({ length: w * h }, (_, i) => {
      const x = i % w - 3 * frame, y = Math.floor(i / w);
      return 32768 * (1 + 0.9 * Math.sin(0.3 * x + plane) * Math.cos(0.2 * y + x / 40));
    })
  );
  return { width, height, format, color: {}, planes };
}

const job = (width: number, height: number, more: Partial<PairJob> = {}, format = RGB): PairJob => ({
  first: image(0, width, height, format),
  second: image(1, width, height, format),
  times: [0.25, 0.5],
  details: false,
  ...more,
});

const base = { device: undefined, threads: 1 };

async function fill(backend: string, setup: Omit<PairSetup, "backend" | "device">, jobs: PairJob[]) {
  const { backend: open } = await chooseBackend(backend, "interpolate", {}, BACKENDS);
  const computer = await createComputer(open, { ...base, ...setup, backend });
  const results: PairResult[] = [];
  for (const job of jobs) results.push(await computer.run(job));
  computer.dispose();
  await open.close();
  return results;
}

/** Largest difference between samples of 16 bits, over their range. */
function difference(found: readonly Image[], expected: readonly Image[]): number {
  let largest = 0;
  equal(found.length, expected.length);
  found.forEach(({ planes }, i) =>
    planes.forEach((plane, p) => {
      const other = expected[i]!.planes[p]!;
      equal(plane.length, other.length);
      plane.forEach((value, j) => largest = Math.max(largest, Math.abs(value - other[j]!)));
    })
  );
  return largest / 65535;
}

async function agree(setup: Omit<PairSetup, "backend" | "device">, jobs: PairJob[]): Promise<void> {
  const [found, expected] = [await fill("onnx", setup, jobs), await fill("wasm", setup, jobs)];
  found.forEach((result, i) => {
    const far = difference(result.images, expected[i]!.images);
    ok(far < TOLERANCE, `job ${i} differs by ${far} of the range`);
  });
}

Deno.test("createOnnxComputer() makes the pictures that wasm makes, also of sizes that must be padded", async () => {
  const setup = { manifest: await shippedManifest(), weights: await shippedWeights(), flowScale: 1 };
  await agree(setup, [job(64, 64), job(45, 30), job(45, 30, { times: [0.9] })]);
});

Deno.test("createOnnxComputer() finds flow at another scale, in another pixel range, as wasm does", async () => {
  const weights = await shippedWeights({ pixelRange: [-0.2, 0.9], mean: [0.01, 0.02, 0.03] });
  await agree({ manifest: await shippedManifest(), weights, flowScale: 0.5 }, [job(70, 50)]);
});

Deno.test("createOnnxComputer() fills alpha as wasm does", async () => {
  const setup = { manifest: await shippedManifest(), weights: await shippedWeights(), flowScale: 1 };
  await agree(setup, [job(40, 33, {}, { ...RGB, alpha: true })]);
});

Deno.test("createOnnxComputer() gives flow and visibility that later runs leave alone", async () => {
  const setup = { manifest: await shippedManifest(), weights: await shippedWeights(), flowScale: 1 };
  const jobs = [job(40, 33, { details: true, times: [0.25, 0.75] })];
  const [[found], [expected]] = [await fill("onnx", setup, jobs), await fill("wasm", setup, jobs)];
  equal(found!.details!.length, 2);
  found!.details!.forEach((details, i) => {
    const other = expected!.details![i]!;
    for (const key of ["flowToFirst", "flowToSecond", "visibility"] as const) {
      equal(details[key].length, other[key].length);
      details[key].forEach((value, j) => ok(Math.abs(value - other[key][j]!) < 2e-3, `${key} of frame ${i}`));
    }
  });
});

Deno.test("createOnnxComputer() names the op that it cannot record", async () => {
  const manifest: ResolvedManifest = {
    plugins: [new URL("../testing/odd_plugin.ts", import.meta.url).href],
    use: { interpolator: { name: "sorted" }, warp: { name: "still" }, codec: { name: "nothing" } },
  };
  const { backend } = await chooseBackend("onnx", "interpolate", {}, BACKENDS);
  const setup = { ...base, manifest, weights: undefined, backend: "onnx", flowScale: 1 };
  await rejects(createComputer(backend, setup), { name: "UsageError", message: /TopK has no mapping/ });
});
