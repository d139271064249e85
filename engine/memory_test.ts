import { deepStrictEqual as equal, ok } from "node:assert/strict";
import { memoryFor, planMemory } from "./memory.ts";

const GIB = 2 ** 30, HD = { width: 1920, height: 1080 }, UHD = { width: 3840, height: 2160 };
const need = { fixed: 0.15 * GIB, perPixel: 1000 };

Deno.test("planMemory() takes as many threads as there is memory for", () => {
  equal(planMemory(need, { ...HD, workers: 8, free: 64 * GIB }), { workers: 8, tile: undefined });
  equal(planMemory(need, { ...HD, workers: 8, free: 8 * GIB }), { workers: 2, tile: undefined });
  equal(planMemory(need, { ...HD, workers: 8, free: 4 * GIB }), { workers: 1, tile: undefined });
});

Deno.test("planMemory() cuts frames into the largest tiles with which all threads fit, or one does", () => {
  equal(planMemory(need, { ...UHD, workers: 1, free: 64 * GIB }), { workers: 1, tile: 1536 });
  equal(planMemory(need, { ...UHD, workers: 4, free: 16 * GIB }), { workers: 4, tile: 1536 });
  equal(planMemory(need, { ...UHD, workers: 4, free: 8 * GIB }), { workers: 4, tile: 1024 });
  equal(planMemory(need, { ...HD, workers: 8, free: 2 * GIB }), { workers: 1, tile: 1024 });
});

Deno.test("planMemory() never plans for more than there is while anything fits", () => {
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

Deno.test("planMemory() cuts nothing smaller than the smallest tile, and has the smallest where nothing fits", () => {
  equal(planMemory(need, { width: 320, height: 180, workers: 4, free: 0 }), { workers: 1, tile: undefined });
  equal(planMemory(need, { ...UHD, workers: 4, free: 0 }), { workers: 1, tile: 384 });
});
