import { conformsAs } from "@slomo/testing";
import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import plugin, { createTemplatePart } from "./mod.ts";

const sample = () => Promise.resolve("template-part:16x8");

conformsAs("media", plugin, { media: { sample } });

Deno.test("createTemplatePart() reads a video of the size in the location", async () => {
  const source = createTemplatePart({ frames: 3 }).source!;
  const location = "template-part:16x2";
  equal([await source.accepts(location), await source.accepts("video.mp4")], [true, false]);
  const frames = await Array.fromAsync((await source.open(location)).frames());
  equal(frames.map(({ pts }) => pts), [0n, 1n, 2n]);
  equal([...frames[1]!.image.planes[0]!.subarray(0, 16)], [0, 0, ...Array(8).fill(255), 0, 0, 0, 0, 0, 0]);
});

Deno.test("createTemplatePart() describes valid locations in its error", async () => {
  const source = createTemplatePart({ frames: 1 }).source!;
  await rejects(source.open("template-part:big"), /WIDTHxHEIGHT/);
});
