import { BACKENDS } from "../../api/backends.ts";
import { deepStrictEqual as equal, rejects } from "node:assert/strict";
import type { PairJob } from "../../core/contracts/engine.ts";
import { UsageError } from "../../core/errors.ts";
import type { ResolvedManifest } from "../../core/manifest/manifest.ts";
import { createToolkit } from "../../core/manifest/toolkit.ts";
import { openEngine } from "../open_engine.ts";
import { flat, levelOf } from "../../core/video/_testing.ts";
import { testOnTensorflow } from "./_testing.ts";

const from = (path: string) => new URL(`../../${path}`, import.meta.url).href;
const manifest: ResolvedManifest = {
  plugins: ["tests/fixtures/blend_plugin.ts", "plugins/flow-backbones/mod.ts", "plugins/codecs/mod.ts"].map(from),
  use: { interpolator: { name: "blend" }, warp: { name: "backward" }, media: { name: "ffmpeg" } },
};
const toolkit = await createToolkit(manifest);
const job = (size: number): PairJob => ({
  first: flat(10, size, size),
  second: flat(20, size, size),
  times: [0.5],
  details: false,
});

testOnTensorflow(
  "tensorflow interpolates pairs in one worker for any value of `workers`, repeatedly",
  async () => {
    for (let i = 0; i < 3; i++) {
      const { engine } = await openEngine({
        toolkit,
        backend: "tensorflow",
        device: "cpu",
        backends: BACKENDS,
        workers: 2,
      });
      const { images } = await engine.run(job(8));
      equal([engine.parallel, images.map(levelOf)], [1, [15]]);
      await engine.close();
    }
  },
);

testOnTensorflow("tensorflow's worker ends if it cannot create the networks", async () => {
  const broken = { ...manifest, use: { ...manifest.use, interpolator: { name: "blind" } } };
  const opening = openEngine({
    toolkit: { ...toolkit, manifest: broken },
    backend: "tensorflow",
    device: "cpu",
    backends: BACKENDS,
  });
  await rejects(opening, (error) => error instanceof UsageError && /blind/.test(error.message));
});

testOnTensorflow("tensorflow's worker frees its memory when it is closed during a pair", async () => {
  const { engine } = await openEngine({ toolkit, backend: "tensorflow", device: "cpu", backends: BACKENDS });
  const runs = [1, 2].map(() => engine.run(job(400)));
  const ends = runs.map((run) => rejects(run, /the engine was closed/));
  await engine.close();
  await Promise.all(ends);
});
