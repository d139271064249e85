/**
 * Measures a model on synthetic repeating patterns, still and moving, alone, behind and beside a moving ball: its own PSNR, that
 * of the pipeline, which restores patterns, and that of blending.
 * `deno run -A bench/patterns.ts [--model NAME] [--all]`; `--all` lists the scenes. Takes some minutes.
 */
import { BACKENDS } from "@slomo/slomo/backends";
import { openEngine } from "@slomo/engine";
import { allScenes, PLACES } from "../core/frames/patterns/_testing.ts";
import { openModel, openToolkit } from "../scripts/_toolkit.ts";
import { measureScenes, type SceneResult } from "./patterns/measure.ts";

const at = Deno.args.indexOf("--model"), model = at < 0 ? undefined : Deno.args[at + 1];
const opened = await openModel(await openToolkit({ model }));
const { engine } = await openEngine({
  ...opened,
  backend: "auto",
  workers: navigator.hardwareConcurrency,
  backends: BACKENDS,
});

const results: SceneResult[] = [];
for await (const result of measureScenes(engine, allScenes())) {
  const { scene: { pattern, period, speed, place }, model, pipeline, blending } = result;
  results.push(result);
  if (!Deno.args.includes("--all")) continue;
  const scores = [model, pipeline, blending].map((score) => score.toFixed(1)).join(" | ");
  console.log(`| ${pattern} | ${period} | ${speed} | ${place} | ${scores} |`);
}
await engine.close();

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const row = (cells: readonly (string | number)[]) => console.log(`| ${cells.join(" | ")} |`);
row([
  "scenes",
  "number",
  "model",
  "with patterns restored",
  "blending",
  "model 1 dB below blending",
  "restored 1 dB below",
]);
row(["---", "---", "---", "---", "---", "---", "---"]);
for (const place of PLACES) {
  for (const isStill of [true, false]) {
    const some = results.filter(({ scene }) => scene.place === place && (scene.speed === 0) === isStill);
    if (some.length === 0) continue;
    const below = (score: "model" | "pipeline") => some.filter((one) => one[score] < one.blending - 1).length;
    row([
      `${isStill ? "still" : "moving"}, ${place === "alone" ? "alone" : `${place} a ball`}`,
      some.length,
      ...(["model", "pipeline", "blending"] as const).map((score) => mean(some.map((one) => one[score])).toFixed(1)),
      below("model"),
      below("pipeline"),
    ]);
  }
}
Deno.exit(0);
