import type { Report, TrainEvent, Validation } from "@slomo/training";
import type { TaskIo } from "../_cli.ts";
import { clock } from "../interpolate/reporter.ts";

/** Reports the progress of a run. */
export interface TrainReporter {
  /** Reports a message. */
  note(message: string): void;
  /** Reports an event. */
  event(event: TrainEvent): void;
}

/** Formats losses, learning rate and remaining time in one line. */
export function reportLine({ step, steps, learningRate, losses, sources, secondsPerStep, waiting }: Report): string {
  const { total, ...parts } = losses;
  const shown = Object.entries(parts).map(([name, value]) => `${name} ${value.toFixed(4)}`).join(", ");
  const gains = Object.entries(sources).map(([name, { psnr, blend }]) =>
    `${name} ${psnr.toFixed(2)} dB (blend ${blend.toFixed(2)})`
  );
  return [
    `step ${step}/${steps}`,
    `loss ${total!.toFixed(4)} (${shown})`,
    ...gains,
    `learning rate ${learningRate.toExponential(1)}`,
    `${secondsPerStep.toFixed(2)} s/step`,
    `waiting for data ${(100 * waiting).toFixed(0)} %`,
    `${clock(secondsPerStep * (steps - step))} left`,
  ].join(" | ");
}

/** Formats the scores of a validation in one line. */
export function validationLine(step: number, { scores, byMotion, blend }: Validation, isBest: boolean): string {
  const { psnr, ssim, ie } = scores;
  const classes = byMotion.map(({ name, samples, scores }) => `${name} motion ${scores.psnr.toFixed(2)} (${samples})`);
  return `step ${step}: validation ${psnr.toFixed(2)} dB, SSIM ${ssim.toFixed(4)}, IE ${ie.toFixed(2)} ` +
    `(blend ${blend.psnr.toFixed(2)} dB, ${blend.ssim.toFixed(4)}, ${blend.ie.toFixed(2)}); ${classes.join(", ")}${
      isBest ? "; the best" : ""
    }`;
}

function factsOf(event: TrainEvent): Record<string, unknown> {
  switch (event.type) {
    case "report":
      return { type: event.type, ...event.report };
    case "validation": {
      const { scores, byMotion, blend } = event.validation;
      return { type: event.type, step: event.step, isBest: event.isBest, scores, byMotion, blend };
    }
    default:
      return { type: event.type, step: event.step };
  }
}

/** Creates a reporter that writes to standard error and, with `json`, JSON lines to standard output. */
export function createTrainReporter(json: boolean, { out, err }: Pick<TaskIo, "out" | "err">): TrainReporter {
  return {
    note: (message) => err(message),
    event(event) {
      if (json) out(JSON.stringify(factsOf(event)));
      if (event.type === "report") err(reportLine(event.report));
      if (event.type === "validation") err(validationLine(event.step, event.validation, event.isBest));
    },
  };
}
