import { JobError, UsageError } from "@slomo/core";
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
  /** Worst frames of the first method, worst first. */
  readonly worst: readonly ResultWithImages[];
  /** Number of sequences that failed during evaluation. */
  readonly failed: number;
}

/**
 * Evaluates one sequence after the other and reports progress.
 *
 * @param count Number of worst frames to keep with their images.
 * @param io `note` receives skipped sequences with the reason, `err` the progress.
 * @throws {UsageError} If the only sequence cannot be evaluated.
 * @throws {JobError} If no sequence can be evaluated.
 */
export async function measureAll(
  comparisons: readonly Comparison[],
  count: number,
  { note, err }: { readonly note: (text: string) => void } & Pick<TaskIo, "err">,
): Promise<EvaluationResult> {
  const results: SequenceResult[] = [];
  let worst: ResultWithImages[] = [], failed = 0, lastProgress = performance.now();
  for (const comparison of comparisons) {
    const first = comparison.methods[0]!.name;
    const onPair = (method: string, done: number) => {
      if (performance.now() - lastProgress < PROGRESS_INTERVAL) return;
      lastProgress = performance.now();
      err(`slomo: ${comparison.name}: ${method}, ${done} frames`);
    };
    try {
      const { result, worst: worstOfSequence } = await evaluateSequence(comparison, { worst: count, onPair });
      results.push(result);
      worst = [...worst, ...worstOfSequence].sort((a, b) => a.scores[first]!.psnr - b.scores[first]!.psnr).slice(
        0,
        count,
      );
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
