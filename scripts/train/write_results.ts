import type { Report, TrainEvent, ValidationSample } from "@slomo/training";
import { imageSheet } from "@slomo/training";
import { encode } from "fast-png";
import { writeFileAtomic } from "@slomo/core/files";
import { join } from "@std/path";
import type { EventLog } from "./event_log.ts";
import { BEST, CHECKPOINT, LAST, sheetName } from "./run_folder.ts";

const named = (prefix: string, values: Record<string, number>) =>
  Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value] as const);

function scalarsOf(
  { losses, sources, learningRate, gradientNorm, secondsPerStep, waiting }: Report,
): Record<string, number> {
  const gains = Object.entries(sources).flatMap(([name, { psnr, blend }]) => [
    [`psnr/${name}`, psnr],
    [`gain over blend/${name}`, psnr - blend],
  ]);
  return Object.fromEntries([
    ...named("loss", losses),
    ...gains,
    ...named("run", {
      "learning rate": learningRate,
      "gradient norm": gradientNorm,
      "seconds per step": secondsPerStep,
      "waiting for data": waiting,
    }),
  ]);
}

async function writeSheet(folder: string, log: EventLog, step: number, samples: readonly ValidationSample[]) {
  const { width, height, pixels } = imageSheet(samples);
  const png = encode({ width, height, data: pixels, channels: 3, depth: 8 });
  await writeFileAtomic(join(folder, sheetName(step)), png);
  await log.image(step, "validation/sheet", { width, height, png });
}

/** Writes the results of an event: the checkpoint, the weights (`last` and `best`), image sheets, scalars for TensorBoard. */
export async function writeResults(folder: string, log: EventLog, event: TrainEvent): Promise<void> {
  switch (event.type) {
    case "report":
      return await log.scalars(event.report.step, scalarsOf(event.report));
    case "validation": {
      const { scores: { psnr, ssim, ie }, byMotion, samples } = event.validation;
      const classes = Object.fromEntries(byMotion.map(({ name, scores }) => [`PSNR, ${name} motion`, scores.psnr]));
      await log.scalars(
        event.step,
        Object.fromEntries(named("validation", { PSNR: psnr, SSIM: ssim, IE: ie, ...classes })),
      );
      return await writeSheet(folder, log, event.step, samples);
    }
    case "weights":
      await writeFileAtomic(join(folder, LAST), event.weights);
      if (event.isBest) await writeFileAtomic(join(folder, BEST), event.weights);
      return;
    case "checkpoint":
      return await writeFileAtomic(join(folder, CHECKPOINT), event.checkpoint);
  }
}
