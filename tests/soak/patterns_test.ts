/** Synthetic patterns through the shipped model. */
import { BACKENDS } from "@slomo/slomo/backends";
import { openEngine } from "@slomo/engine";
import { deepStrictEqual as equal } from "node:assert/strict";
import { measureScenes } from "../../bench/patterns/measure.ts";
import { allScenes } from "../../core/frames/patterns/_testing.ts";
import { openModel, openToolkit } from "../../scripts/_toolkit.ts";

Deno.test("no synthetic pattern is more than 1 dB below blending", async () => {
  const opened = await openModel(await openToolkit());
  const { engine } = await openEngine({ ...opened, backend: "auto", workers: 1, backends: BACKENDS });
  const below: string[] = [];
  try {
    for await (const { scene, pipeline, blending } of measureScenes(engine, allScenes())) {
      if (pipeline < blending - 1) {
        below.push(`${JSON.stringify(scene)}: ${pipeline.toFixed(1)}, ${blending.toFixed(1)}`);
      }
    }
  } finally {
    await engine.close();
  }
  equal(below, []);
});
