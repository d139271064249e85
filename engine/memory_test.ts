import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { BACKENDS } from "../api/backends.ts";
import { backward, superSlomoFlow, superSlomoInterpolator } from "../plugins/flow-backbones/mod.ts";
import { DEFAULT_BYTES_PER_PIXEL, memoryFor, memoryNeed, planMemory, workersSideBySide } from "./memory.ts";

const GIB = 2 ** 30, HD = { width: 1920, height: 1080 }, UHD = { width: 3840, height: 2160 };
const need = { fixed: 0.15 * GIB, perPixel: 1000 };

Deno.test("planMemory() uses as many workers as fit into memory", () => {
  equal(planMemory(need, { ...HD, workers: 8, free: 64 * GIB }), { workers: 8, tile: undefined });
  equal(planMemory(need, { ...HD, workers: 8, free: 8 * GIB }), { workers: 2, tile: undefined });
  equal(planMemory(need, { ...HD, workers: 8, free: 4 * GIB }), { workers: 1, tile: undefined });
});

Deno.test("planMemory() cuts frames into the largest tiles with which all workers fit, or one", () => {
  equal(planMemory(need, { ...UHD, workers: 1, free: 64 * GIB }), { workers: 1, tile: 1536 });
  equal(planMemory(need, { ...UHD, workers: 4, free: 16 * GIB }), { workers: 4, tile: 1536 });
  equal(planMemory(need, { ...UHD, workers: 4, free: 8 * GIB }), { workers: 4, tile: 1024 });
  equal(planMemory(need, { ...HD, workers: 8, free: 2 * GIB }), { workers: 1, tile: 1024 });
});

Deno.test("planMemory() never plans more than the free memory if anything fits", () => {
  for (const size of [HD, UHD, { width: 7680, height: 4320 }]) {
    for (let free = 3 * GIB; free < 64 * GIB; free *= 1.3) {
      for (const workers of [1, 2, 8, 64]) {
        const plan = planMemory(need, { ...size, workers, free }), { width, height } = size;
        const pixels = plan.tile === undefined ? width * height : plan.tile ** 2;
        ok(plan.workers >= 1 && plan.workers <= workers);
        if (plan.tile === 384) continue;
        ok(plan.workers * memoryFor(need, pixels) < free, `${free / GIB} GiB: ${JSON.stringify(plan)}`);
      }
    }
  }
});

Deno.test("planMemory() cuts no frame below the smallest tile, and takes the smallest tile if nothing fits", () => {
  equal(planMemory(need, { width: 320, height: 180, workers: 4, free: 0 }), { workers: 1, tile: undefined });
  equal(planMemory(need, { ...UHD, workers: 4, free: 0 }), { workers: 1, tile: 384 });
});

Deno.test("workersSideBySide() gives each worker its threads, as far as memory suffices", () => {
  const side = (size: { readonly width: number; readonly height: number }, threads: number, free: number) => {
    const pixels = size.width * size.height;
    return workersSideBySide(need, {
      ...{ framePixels: pixels, tilePixels: pixels, threads, threadsPerWorker: 2, free: free * GIB },
    });
  };
  const small = { width: 640, height: 360 };
  equal([1, 2, 3, 4, 8, 15, 64].map((threads) => side(small, threads, 64)), [1, 1, 1, 2, 4, 7, 8]);
  equal([2, 4, 8, 16].map((threads) => side(HD, threads, 64)), [1, 1, 1, 3]);
  equal([1, 2, 4, 64].map((free) => side(small, 16, free)), [1, 3, 7, 8]);
});

const context = { warp: backward() };
const superSlomo = {
  flowEstimator: superSlomoFlow({ width: 0.5 }, context),
  interpolator: superSlomoInterpolator({ width: 0.5 }, context),
};
const memoryOf = (name: string) => BACKENDS.find((backend) => backend.name === name)!.memory!;

Deno.test("memoryNeed() of the shipped models is the memory that was measured on each backend", () => {
  const needs = ["onnx", "wasm", "tensorflow"].map((name) => memoryNeed(memoryOf(name), superSlomo));
  equal(needs, [
    { fixed: 200 * 2 ** 20, perPixel: 800 },
    { fixed: 150 * 2 ** 20, perPixel: 950 },
    { fixed: 400 * 2 ** 20, perPixel: 900 },
  ]);
  equal(memoryNeed(memoryOf("onnx"), superSlomo, 0.5), needs[0]);
});

Deno.test("planMemory() plans for the shipped models", () => {
  const plan = (name: string, size: typeof HD, workers: number, free: number) =>
    planMemory(memoryNeed(memoryOf(name), superSlomo), { ...size, workers, free: free * GIB });
  equal(plan("onnx", HD, 1, 4), { workers: 1, tile: undefined });
  equal(plan("onnx", UHD, 1, 64), { workers: 1, tile: 1536 });
  equal(plan("onnx", UHD, 1, 4), { workers: 1, tile: 1536 });
  equal(plan("wasm", HD, 8, 16), { workers: 6, tile: undefined });
  equal(plan("wasm", UHD, 8, 16), { workers: 8, tile: 1024 });
  equal(plan("tensorflow", UHD, 1, 16), { workers: 1, tile: 1536 });
});

Deno.test("memoryNeed() is that of the larger network, with a default for parts without an estimate", () => {
  const part = (bytesPerPixel?: number) => ({
    memory: bytesPerPixel === undefined ? undefined : { bytesPerPixel },
  });
  const backend = { fixed: 10, factor: 2 };
  equal(memoryNeed(backend, { interpolator: part() }), { fixed: 10, perPixel: 2 * DEFAULT_BYTES_PER_PIXEL });
  equal(memoryNeed(backend, { flowEstimator: part(400), interpolator: part(100) }), { fixed: 10, perPixel: 800 });
  equal(memoryNeed(backend, { flowEstimator: part(400), interpolator: part(150) }, 0.5).perPixel, 300);
});
