import { type MediaHandler, UsageError } from "@slomo/core";
import type { Comparison, Method } from "@slomo/training/evaluation";
import { discover } from "./discover.ts";
import { openSequence } from "./frames.ts";
import type { EvaluateCommand } from "./options.ts";

/**
 * Opens all sequences of the data and combines them with the methods.
 *
 * @param note Receives skipped sources with the reason.
 * @throws {UsageError} If there is no sequence.
 */
export async function openComparisons(
  command: EvaluateCommand,
  codecs: readonly MediaHandler[],
  methods: readonly Method[],
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly Comparison[]> {
  const { sources, skipped } = await discover(command.data, { layouts: true });
  for (const { path, why } of skipped) note(`${path} is skipped: ${why}`);
  const comparisons: Comparison[] = [];
  for (const source of sources) {
    try {
      const sequence = await openSequence(codecs, source, command.subset, signal);
      const evaluated = methods.map((method) => ({
        name: method.name,
        predictions: () => method.predict(sequence, signal),
      }));
      comparisons.push({ name: sequence.name, set: sequence.set, methods: evaluated });
    } catch (error) {
      if (!(error instanceof UsageError) || sources.length === 1) throw error;
      note(`${source.name} is skipped: ${error.message}`);
    }
  }
  if (comparisons.length === 0) throw new UsageError(`${command.data} has nothing to measure`);
  return comparisons;
}
