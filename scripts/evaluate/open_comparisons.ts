import { type MediaHandler, UsageError } from "@slomo/core";
import type { Comparison, Method } from "@slomo/training/evaluation";
import { discover } from "./discover.ts";
import { openSequence } from "./frames.ts";
import type { EvaluateCommand } from "./options.ts";

/**
 * The methods on every sequence that the data has.
 *
 * @param note Told what is left out, and why.
 * @throws {UsageError} If there is nothing.
 */
export async function openComparisons(
  command: EvaluateCommand,
  codecs: readonly MediaHandler[],
  methods: readonly Method[],
  note: (text: string) => void,
  signal: AbortSignal,
): Promise<readonly Comparison[]> {
  const { found, skipped } = await discover(command.data, { layouts: true });
  for (const { path, why } of skipped) note(`${path} is skipped: ${why}`);
  const comparisons: Comparison[] = [];
  for (const item of found) {
    try {
      const sequence = await openSequence(codecs, item, command.cut);
      const evaluated = methods.map((method) => ({
        name: method.name,
        predictions: () => method.predict(sequence, signal),
      }));
      comparisons.push({ name: sequence.name, set: sequence.set, methods: evaluated });
    } catch (error) {
      if (!(error instanceof UsageError) || found.length === 1) throw error;
      note(`${item.name} is skipped: ${error.message}`);
    }
  }
  if (comparisons.length === 0) throw new UsageError(`${command.data} holds nothing that can be measured`);
  return comparisons;
}
