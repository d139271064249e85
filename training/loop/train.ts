import * as tf from "@tensorflow/tfjs-core";
import { JobError } from "@slomo/core";
import { type Batch, describeBatch } from "../data/batch.ts";
import type { Loader } from "../data/loader.ts";
import { random } from "../data/random.ts";
import { writeWeights } from "@slomo/weights";
import type { WeightsFile } from "@slomo/weights";
import { type Checkpoint, packCheckpoint } from "./checkpoint.ts";
import type { TrainConfig } from "./config.ts";
import type { TrainEvent } from "./events.ts";
import type { ActiveLoss } from "./forward.ts";
import { clipGradient, createGradientSum, globalNorm } from "./gradients.ts";
import { parametersOf, resumeVariables, startVariables } from "./model.ts";
import type { TrainNetworks } from "./networks.ts";
import type { CreateOptimizer } from "@slomo/engine";
import { createReport } from "./report.ts";
import { learningRate } from "./schedule.ts";
import { addGradients } from "./step.ts";
import { trainParameters } from "./trained_parameters.ts";
import { validate } from "./validate.ts";

/** Input of a training run. The backend must be set and its gradients registered. */
export interface TrainJob {
  /** Configuration. */
  readonly config: TrainConfig;
  /** Networks to train. */
  readonly networks: TrainNetworks;
  /** Losses, whose weighted sum is minimized. */
  readonly losses: readonly ActiveLoss[];
  /** Batches from position `checkpoint.facts.batches`, or from 0. */
  readonly loader: Loader;
  /** Validation batches of one pair and one target each. */
  readonly validation: Iterable<Batch>;
  /** Name of the backend, for the checkpoint. */
  readonly backend: string;
  /** Checkpoint to resume; a new run where absent. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Weights to start from. */
  readonly from?: WeightsFile | undefined;
  /** Optimizer of the runtime, which is faster (default: Adam on tfjs). */
  readonly createOptimizer?: CreateOptimizer | undefined;
  /** Facts to record in the weights files, in addition to those of the run. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
  /** Ends the run after the step at hand, with a checkpoint. */
  readonly signal?: AbortSignal | undefined;
}

/** Samples of a validation that come along for people. */
const SHOWN = 6;

/**
 * Trains the networks. All random numbers follow from the seed and the position, so that a run that is resumed from a
 * checkpoint gives the same result as an uninterrupted one, bit for bit on the same backend.
 *
 * @returns Events in order; a checkpoint should be stored before the next event is asked for.
 * @throws {JobError} If a loss or a gradient is no longer finite: names the step and the batch, and nothing is changed
 * by it.
 */
export async function* train(job: TrainJob): AsyncGenerator<TrainEvent> {
  const { config, networks, losses, loader, checkpoint, signal } = job, { seed, steps, every } = config;
  const variables = checkpoint ? resumeVariables(networks, checkpoint) : startVariables(networks, config, job.from);
  let step = checkpoint?.facts.step ?? 0, batches = checkpoint?.facts.batches ?? 0, saved = step;
  let best = checkpoint?.facts.best ?? null;
  const trained = trainParameters(variables, config, { checkpoint, step, createOptimizer: job.createOptimizer });
  const parameters = parametersOf(variables), sum = createGradientSum(), report = createReport();

  async function pack(): Promise<Uint8Array<ArrayBuffer>> {
    saved = step;
    const { optimizerSteps, ...tensors } = await trained.fetch();
    const facts = { config, step, batches, optimizerSteps, best, backend: job.backend, weights: networks.facts };
    return packCheckpoint({ facts: { version: 1, ...facts }, ...tensors });
  }

  async function packWeights(psnr: number): Promise<Uint8Array<ArrayBuffer>> {
    const training = { ...job.training, steps: step, validation: `${psnr.toFixed(2)} dB` };
    return writeWeights({ ...networks.facts, training }, await trained.fetchEma(), "F16");
  }

  try {
    while (step < steps && !signal?.aborted) {
      const rate = learningRate(config.schedule, step, steps), { byPyramid } = networks;
      const drawn = byPyramid[random(seed, "levels", step).weighted(byPyramid.map(({ weight }) => weight))]!;
      const model = {
        networks: drawn.networks,
        variables,
        layout: trained.layout,
        parameters,
        losses,
        coarseLossWeight: config.coarseLossWeight,
      };
      const seen: Batch[] = [];
      const broken = new Set<string>();
      for (let i = 0; i < config.accumulate; i++) {
        const batch = await loader.next();
        const facts = await addGradients(model, batch, sum, 1 / config.accumulate);
        report.add(batch.source, facts);
        seen.push(batch);
        for (const [name, value] of Object.entries(facts.losses)) if (!Number.isFinite(value)) broken.add(name);
      }
      const gradient = sum.take()!, norm = await globalNorm(gradient);
      if (broken.size > 0 || !Number.isFinite(norm)) {
        gradient.dispose();
        const what = broken.size > 0
          ? `loss (${[...broken].filter((name) => name !== "total").join(", ")})`
          : "gradient";
        const last = saved > 0 ? `; the checkpoint of step ${saved} is the last good one` : "";
        throw new JobError(
          `the ${what} is not finite at step ${step}, ${seen.map(describeBatch).join(", ")}${last}. ` +
            (step === 0
              ? "Check the weights and plugins that the run starts with"
              : `Lower \`schedule.rate\` (--lr)${config.clipNorm === null ? ", or set `clipNorm`" : ""}`),
          { code: "not-finite" },
        );
      }
      const clipped = clipGradient(gradient, norm, config.clipNorm ?? Infinity);
      trained.step(clipped, rate);
      tf.dispose([gradient, clipped]);
      report.step(norm);
      step++;
      batches += config.accumulate;

      const isLast = step === steps;
      if (step % every.report === 0 || isLast) {
        yield { type: "report", report: report.take({ step, steps, learningRate: rate, waiting: loader.waiting() }) };
      }
      if (step % every.validate === 0 || isLast) {
        const ema = trained.ema();
        const validation = await validate(networks.shipped, parametersOf(ema), job.validation, SHOWN);
        tf.dispose(ema);
        const { psnr } = validation.scores, isBest = best === null || psnr > best;
        if (isBest) best = psnr;
        yield { type: "validation", step, validation, isBest };
        yield { type: "weights", step, weights: await packWeights(psnr), isBest };
      }
      if (step % every.checkpoint === 0 || isLast) yield { type: "checkpoint", step, checkpoint: await pack() };
    }
    if (saved < step) yield { type: "checkpoint", step, checkpoint: await pack() };
  } finally {
    trained.dispose();
    sum.take()?.dispose();
  }
}
