import { JobError, UsageError } from "@slomo/core";
import {
  type Comparison,
  evaluateSequence,
  type ResultWithImages,
  type SequenceResult,
} from "@slomo/training/evaluation";
import type { TaskIo } from "../_cli.ts";
import { shown } from "./report.ts";

/** Milliseconds between two lines on how far a sequence is. */
const LINE_EVERY = 5000;

/** What was measured of all sequences. */
export interface Measured {
  /** The sequences. */
  readonly results: readonly SequenceResult[];
  /** The worst pairs of the first method, the worst first. */
  readonly worst: readonly ResultWithImages[];
  /** Sequences that failed under way. */
  readonly failed: number;
}

/**
 * Measures one sequence after the other, and says how far it is.
 *
 * @param count Worst pairs to keep with their images.
 * @param io `note` is told what is left out and why, `err` how far the work is.
 * @throws {UsageError} If the only sequence cannot be measured.
 * @throws {JobError} If none can be.
 */
export async function measureAll(
  comparisons: readonly Comparison[],
  count: number,
  { note, err }: { readonly note: (text: string) => void } & Pick<TaskIo, "err">,
): Promise<Measured> {
  const results: SequenceResult[] = [];
  let worst: ResultWithImages[] = [], failed = 0, told = performance.now();
  for (const comparison of comparisons) {
    const first = comparison.methods[0]!.name;
    const onPair = (method: string, done: number) => {
      if (performance.now() - told < LINE_EVERY) return;
      told = performance.now();
      err(`slomo: ${comparison.name}: ${method}, ${done} frames`);
    };
    try {
      const { result, worst: own } = await evaluateSequence(comparison, { worst: count, onPair });
      results.push(result);
      worst = [...worst, ...own].sort((a, b) => a.scores[first]!.psnr - b.scores[first]!.psnr).slice(0, count);
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
