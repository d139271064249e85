import assert from "node:assert/strict";
import type { Frame, Image } from "../contracts/frame.ts";
import { grayImage, hash, HEIGHT, scenery, sequence, shot, stream, WIDTH } from "./_testing.ts";
import { annotateStill, restoreStill } from "./still.ts";

/** A static box with coding noise, over a moving background. */
const INSIDE = (x: number, y: number) => x >= 40 && x < 120 && y >= 130 && y < 160;
const hud = (i: number, speed = 5) =>
  grayImage((x, y) =>
    INSIDE(x, y) ? 220 - 160 * ((x >> 2) % 2) + 4 * (hash(x, y, 50 + i) - 0.5) : 255 * scenery(x + speed * i, y, 1)
  );

async function masks(images: Iterable<Image>, facts: (i: number) => Frame["facts"] = () => ({})) {
  const result: (Uint8Array | undefined)[] = [];
  async function* frames() {
    for await (const frame of stream(images)) yield { ...frame, facts: facts(Number(frame.pts)) };
  }
  for await (const { facts, pts } of annotateStill(frames())) {
    assert.equal(Number(pts), result.length);
    result.push(facts.still);
  }
  return result;
}

/** Mean weight inside the box, and outside at some distance. */
function shares(mask: Uint8Array): [number, number] {
  let inside = 0, outside = 0, n = 0, m = 0;
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, i++) {
      if (INSIDE(x, y)) (inside += mask[i]!, n++);
      else if (Math.abs(x - 80) > 44 || Math.abs(y - 145) > 19) (outside += mask[i]!, m++);
    }
  }
  return [inside / n / 255, outside / m / 255];
}

Deno.test("annotateStill() finds static pixels from the first frame pair of a shot to the last", async () => {
  const result = await masks(sequence(8, (i) => hud(i)));
  assert.equal(result[0], undefined);
  for (const mask of result.slice(1)) {
    const [inside, outside] = shares(mask!);
    assert.ok(inside > 0.99, `${inside} of the box`);
    // Flat regions of the background stay the same even though they move.
    assert.ok(outside < 0.45, `${outside} of the rest`);
  }
});

Deno.test("annotateStill() restarts at a cut, skips duplicates, and handles short shots", async () => {
  const cut = await masks(sequence(8, (i) => i < 4 ? hud(i) : shot(2, 7 * i)), (i) => i === 4 ? { cut: true } : {});
  assert.equal(cut[4], undefined);
  assert.ok(shares(cut[3]!)[0] > 0.99 && shares(cut[5]!)[0] < 0.5);
  const twos = await masks(sequence(10, (i) => hud(i >> 1)), (i) => i % 2 ? { duplicate: true } : {});
  assert.deepEqual(
    twos.map((mask) => mask !== undefined),
    sequence(10, () => hud(0)).map((_, i) => i > 0 && i % 2 === 0),
  );
  assert.ok(shares(twos[2]!)[1] < 0.45, "a duplicate frame must not count");
  assert.ok(shares((await masks([hud(0), hud(1)]))[1]!)[0] > 0.99);
  assert.deepEqual(await masks([hud(0)]), [undefined]);
});

Deno.test("annotateStill() compares chroma too, and returns a soft edge on the moving side", async () => {
  const tinted = (u: number): Image => ({
    ...{ width: 16, height: 8, color: {}, format: { model: "yuv", depth: 8, chroma: [2, 2], alpha: false } },
    planes: [
      new Uint8Array(128).fill(90),
      Uint8Array.from({ length: 32 }, (_, i) => i % 8 < 4 ? 128 : u),
      new Uint8Array(32).fill(128),
    ],
  });
  const mask = (await masks([tinted(60), tinted(90), tinted(120), tinted(150)]))[2]!;
  const row = [...mask.subarray(48, 64)];
  assert.deepEqual(row.slice(0, 8), Array(8).fill(255));
  assert.ok(row[8]! > 30 && row[8]! < 130, `${row[8]}`);
  assert.deepEqual(row.slice(9), Array(7).fill(0));
});

Deno.test("restoreStill() does not freeze slow motion", async () => {
  const slow = (at: number) => grayImage((x, y) => 128 + 100 * Math.sin((x + at) / 40) * Math.cos(y / 30));
  const images = sequence(5, (i) => slow(i)), mask = (await masks(images))[2]!;
  assert.ok(mask.some((weight) => weight === 255));
  const interpolated = slow(1.5), restored = restoreStill(interpolated, images[1]!, images[2]!, 0.5, mask);
  for (const [i, value] of restored.planes[0]!.entries()) assert.ok(Math.abs(value - interpolated.planes[0]![i]!) <= 1);
});

Deno.test("restoreStill() restores static pixels in all planes and bit depths", () => {
  const deep = (level: number): Image => ({
    ...{ width: 4, height: 2, color: {}, format: { model: "yuv", depth: 10, chroma: [2, 2], alpha: true } },
    planes: [8, 2, 2, 8].map((length) => new Uint16Array(length).fill(level)),
  });
  const weights = Uint8Array.from([255, 255, 0, 0, 255, 255, 0, 0]);
  const restored = restoreStill(deep(900), deep(400), deep(402), 0.5, weights);
  assert.deepEqual(restored.planes.map((plane) => [...plane]), [
    [401, 401, 900, 900, 401, 401, 900, 900],
    [401, 900],
    [401, 900],
    [401, 401, 900, 900, 401, 401, 900, 900],
  ]);
});

Deno.test("annotateStill() reads at most six frames ahead and closes its source", async () => {
  let read = 0, closed = false;
  async function* source() {
    try {
      for await (const frame of stream(sequence(30, () => hud(0)))) {
        read++;
        yield { ...frame, facts: { duplicate: true } };
      }
    } finally {
      closed = true;
    }
  }
  for await (const { pts } of annotateStill(source())) {
    assert.ok(read - Number(pts) <= 7);
    if (pts === 20n) break;
  }
  assert.ok(closed);
});
