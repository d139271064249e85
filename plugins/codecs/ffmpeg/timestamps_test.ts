import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import { repairTimestamps, timestampReader } from "./timestamps.ts";

async function* frames(timestamps: readonly (number | undefined)[]) {
  for (const [index, pts] of timestamps.entries()) yield { index, pts: pts === undefined ? undefined : BigInt(pts) };
}

async function repaired(...timestamps: readonly (number | undefined)[]) {
  const found: number[] = [], restarts: number[] = [];
  const options = { step: 10n, threshold: 50n, onDiscontinuity: (pts: bigint) => void restarts.push(Number(pts)) };
  for await (const { index, pts } of repairTimestamps(frames(timestamps), options)) {
    equal(index, found.length, "no frame is lost or moved");
    found.push(Number(pts));
  }
  return { found, restarts };
}

Deno.test("repairTimestamps() keeps rising timestamps, even if uneven", async () => {
  equal(await repaired(), { found: [], restarts: [] });
  equal((await repaired(7)).found, [7]);
  equal(await repaired(-20, -10, 3, 400, 401, 2000), { found: [-20, -10, 3, 400, 401, 2000], restarts: [] });
});

Deno.test("repairTimestamps() replaces single wrong, duplicate and missing timestamps", async () => {
  for (const wrong of [5000, 0, 10, undefined]) {
    equal(await repaired(0, 10, wrong, 30, 40), { found: [0, 10, 20, 30, 40], restarts: [] }, `${wrong}`);
  }
  equal((await repaired(0, 10, 10)).found, [0, 10, 11]);
  equal((await repaired(0, 10, undefined, undefined, undefined, 50)).found, [0, 10, 20, 30, 40, 50]);
  equal((await repaired(undefined, 100, 110)).found, [90, 100, 110]);
  equal((await repaired(undefined, undefined)).found, [0, 10]);
});

Deno.test("repairTimestamps() continues after timestamps that restart, and reports it", async () => {
  equal(await repaired(1000, 1010, 1020, 0, 10, 20), { found: [1000, 1010, 1020, 1030, 1040, 1050], restarts: [1030] });
  equal((await repaired(1000, 1010, 0, 10, 5, 15)).found, [1000, 1010, 1020, 1022, 1025, 1035]);
});

Deno.test("repairTimestamps() raises timestamps that step back slightly", async () => {
  equal(await repaired(100, 130, 140, 120, 125, 160), { found: [100, 130, 140, 141, 150, 160], restarts: [] });
});

Deno.test("repairTimestamps() yields all frames before an error of the source", async () => {
  const found: bigint[] = [];
  async function* failing() {
    yield* frames([0, 10, 20]);
    throw new Error("cut off");
  }
  await rejects(async () => {
    for await (const { pts } of repairTimestamps(failing(), { step: 10n, threshold: 50n, onDiscontinuity() {} })) {
      found.push(pts);
    }
  }, /cut off/);
  equal(found, [0n, 10n, 20n]);
});

Deno.test("timestampReader() recovers timestamps, also after a reset of ffmpeg's filters", () => {
  // From origin 99: 100, 101 directly; 90, 95, unknown as differences; 200 directly; 201 after a reset; changed by ffmpeg.
  const encoded = [16, 32, 32 + 4 * 12 + 1, 80 + 4 * 6 + 2, 104 + 4 + 3, 1616, 1632, 1633, 1634, 1648].map(BigInt);
  const timestampOf = timestampReader(99n);
  equal(encoded.map(timestampOf), [100n, 101n, 90n, 95n, undefined, 200n, 201n, undefined, undefined, 202n]);
});
