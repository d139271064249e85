import { JobError, reasonOf, UsageError, type VideoMetric } from "@slomo/core";
import {
  type Comparison,
  evaluateSequence,
  type ResultWithImages,
  type SequenceResult,
} from "@slomo/training/evaluation";
import type { TaskIo } from "../_cli.ts";
import { shown } from "./report.ts";

/** Milliseconds between two progress lines. */
const PROGRESS_INTERVAL = 5000;

/** Results of all sequences. */
export interface EvaluationResult {
  /** Results by sequence. */
  readonly results: readonly SequenceResult[];
  /** Worst frames by method, worst first. */
  readonly worst: ReadonlyMap<string, readonly ResultWithImages[]>;
  /** Number of sequences that failed during evaluation. */
  readonly failed: number;
}

/** Measurements in addition to the scores of frames. */
export interface MeasureOptions {
  /** Number of worst frames to keep with their images, for each method of `worstOf`. */
  readonly worst: number;
  /** Names of the methods whose worst frames are kept. */
  readonly worstOf: readonly string[];
  /** Scores videos. */
  readonly metric: VideoMetric | undefined;
}

/**
 * Evaluates one sequence after the other and reports progress.
 *
 * @param options Worst frames and metric.
 * @param io `note` receives skipped sequences with the reason, `err` the progress.
 * @throws {UsageError} If the only sequence cannot be evaluated.
 * @throws {JobError} If no sequence can be evaluated.
 */
export async function measureAll(
  comparisons: readonly Comparison[],
  { worst: count, worstOf, metric }: MeasureOptions,
  { note, err, signal }: { readonly note: (text: string) => void } & Pick<TaskIo, "err" | "signal">,
): Promise<EvaluationResult> {
  const results: SequenceResult[] = [];
  const worst = new Map<string, ResultWithImages[]>(worstOf.map((method) => [method, []]));
  let failed = 0, lastProgress = performance.now();
  for (const comparison of comparisons) {
    const onMetricError = (error: unknown) => note(`${comparison.name} has no ${metric!.title}: ${reasonOf(error)}`);
    const onPair = (method: string, done: number) => {
      if (performance.now() - lastProgress < PROGRESS_INTERVAL) return;
      lastProgress = performance.now();
      err(`slomo: ${comparison.name}: ${method}, ${done} frames`);
    };
    try {
      const options = { worst: count, worstOf, metric, signal, onPair, onMetricError };
      const { result, worst: found } = await evaluateSequence(comparison, options);
      results.push(result);
      for (const [method, frames] of found) {
        const all = [...worst.get(method)!, ...frames];
        worst.set(method, all.sort((a, b) => a.scores[method]!.psnr - b.scores[method]!.psnr).slice(0, count));
      }
      const figures = Object.entries(result.mean).map(([method, { psnr }]) => `${method} ${shown(psnr, 2)} dB`);
      err(`slomo: ${result.name}: ${figures.join(", ")}`);
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof JobError) || comparisons.length === 1) throw error;
      if (error instanceof JobError) failed++;
      note(`${comparison.name} is skipped: ${error.message}`);
    }
  }
  if (results.length === 0) throw new JobError("no sequence could be measured, for the reasons above");
  return { results, worst, failed };
}
