import { JobError, UsageError } from "@slomo/core";
import { meanScores, measure, type Scores } from "../metrics/measure.ts";
import type { RgbImage } from "../metrics/rgb_image.ts";
import type { Prediction } from "./methods.ts";

/** Scores by method. */
export type ScoresByMethod = Readonly<Record<string, Scores>>;

/** Scores of each method on one held-out frame. */
export interface FrameResult {
  /** Name of the ground-truth frame within its sequence. */
  readonly name: string;
  /** Scores by method. */
  readonly scores: ScoresByMethod;
}

/** Scores of a sequence. */
export interface SequenceResult {
  /** Name of the sequence. */
  readonly name: string;
  /** The set that it belongs to. */
  readonly set: string;
  /** Measured frames. */
  readonly pairs: readonly FrameResult[];
  /** Means over `pairs`. */
  readonly mean: ScoresByMethod;
}

/** A pair with its images. */
export interface ResultWithImages extends FrameResult {
  /** Name of its sequence. */
  readonly sequence: string;
  /** Ground truth. */
  readonly groundTruth: RgbImage;
  /** Interpolated frame by method. */
  readonly interpolated: Readonly<Record<string, RgbImage>>;
  /** Source frames before and after, if known. */
  readonly between?: readonly [RgbImage, RgbImage] | undefined;
}

/** A method applied to one sequence. */
export interface EvaluatedMethod {
  /** Name of the method. */
  readonly name: string;
  /** Its interpolated frames, in the same order as those of the other methods. */
  predictions(): AsyncIterable<Prediction>;
}

/** A sequence and the methods to compare on it. */
export interface Comparison {
  /** Name of the sequence. */
  readonly name: string;
  /** The set that it belongs to. */
  readonly set: string;
  /** Methods; the worst frames are those of the first. */
  readonly methods: readonly EvaluatedMethod[];
}

/** Options of {@linkcode evaluateSequence}. */
export interface EvaluateOptions {
  /** Number of the first method's worst frames to return with images. @default {0} */
  readonly worst?: number | undefined;
  /** Called after each measured frame. */
  readonly onPair?: ((method: string, done: number) => void) | undefined;
}

/** Scores of a sequence, and images of its worst frames, the worst first. */
export interface EvaluatedSequence {
  /** Scores. */
  readonly result: SequenceResult;
  /** Worst frames of the first method. */
  readonly worst: readonly ResultWithImages[];
}

function score(sequence: string, { name, interpolated, groundTruth }: Prediction): Scores {
  try {
    return measure(interpolated, groundTruth);
  } catch (error) {
    if (error instanceof RangeError) {
      throw new UsageError(`${sequence}, frame ${name}: ${error.message}`, { code: "size-mismatch" });
    }
    throw error;
  }
}

/** Keeps the `count` items with the smallest `key`. */
class Worst<T> {
  readonly items: T[] = [];
  readonly #count: number;
  readonly #key: (item: T) => number;

  constructor(count: number, key: (item: T) => number) {
    this.#count = count;
    this.#key = key;
  }

  add(item: T): void {
    this.items.push(item);
    this.items.sort((a, b) => this.#key(a) - this.#key(b));
    this.items.length = Math.min(this.items.length, this.#count);
  }
}

/**
 * Measures the interpolated frames of each method on a sequence.
 *
 * @throws {UsageError} If the sequence has too few frames, or sizes differ.
 * @throws {JobError} If the methods return different frames.
 */
export async function evaluateSequence(
  comparison: Comparison,
  options: EvaluateOptions = {},
): Promise<EvaluatedSequence> {
  const { name: sequence, set, methods } = comparison, { worst: count = 0, onPair } = options;
  const pairs: { name: string; scores: Record<string, Scores> }[] = [];
  type Kept =
    & { index: number; interpolated: Record<string, RgbImage>; psnr: number }
    & Omit<Prediction, "interpolated">;
  const worst = new Worst<Kept>(count, ({ psnr }) => psnr);
  for (const [rank, method] of methods.entries()) {
    let index = 0;
    for await (const prediction of method.predictions()) {
      const { name, interpolated, groundTruth, between } = prediction, scores = score(sequence, prediction);
      if (rank === 0) {
        pairs.push({ name, scores: {} });
        worst.add({ index, name, interpolated: {}, groundTruth, between, psnr: scores.psnr });
      }
      const pair = pairs[index];
      if (pair?.name !== name) {
        throw new JobError(`${sequence}: ${method.name} returned frame ${name} out of order`, { code: "part-failed" });
      }
      pair.scores[method.name] = scores;
      const kept = worst.items.find((item) => item.index === index);
      if (kept) kept.interpolated[method.name] = interpolated;
      index++;
      onPair?.(method.name, index);
    }
    if (index === 0) {
      throw new UsageError(`${sequence} has too few frames: at least three are needed`, { code: "input-unreadable" });
    }
    if (index !== pairs.length) {
      throw new JobError(`${sequence}: ${method.name} returned ${index} of ${pairs.length} frames`, {
        code: "part-failed",
      });
    }
  }
  const mean = Object.fromEntries(
    methods.map(({ name }) => [name, meanScores(pairs.map(({ scores }) => scores[name]!))]),
  );
  const shown = worst.items.map(({ index, interpolated, groundTruth, between }) => ({
    ...pairs[index]!,
    sequence,
    groundTruth,
    interpolated,
    between,
  }));
  return { result: { name: sequence, set, pairs, mean }, worst: shown };
}

/** Returns the means over the sequences of each set. */
export function meansOfSets(results: readonly SequenceResult[]): ReadonlyMap<string, ScoresByMethod> {
  const meanOf = (chosen: readonly SequenceResult[]) =>
    Object.fromEntries(
      Object.keys(chosen[0]!.mean).map((method) => [method, meanScores(chosen.map(({ mean }) => mean[method]!))]),
    );
  return new Map(Map.groupBy(results, ({ set }) => set).entries().map(([set, chosen]) => [set, meanOf(chosen)]));
}
