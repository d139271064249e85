import { JobError, UsageError, type VideoMetric } from "@slomo/core";
import { meanScores, measure, type Scores } from "../metrics/measure.ts";
import { groupByMotion, motionBetween } from "../metrics/motion.ts";
import type { RgbImage } from "../metrics/rgb_image.ts";
import type { Prediction } from "./methods.ts";
import { ScoredVideo } from "./scored_video.ts";

/** Scores by method. */
export type ScoresByMethod = Readonly<Record<string, Scores>>;

/** Scores of each method on one held-out frame. */
export interface FrameResult {
  /** Name of the ground-truth frame within its sequence. */
  readonly name: string;
  /** Scores by method. */
  readonly scores: ScoresByMethod;
  /** Motion between the source frames in pixels, if they are known. */
  readonly motion?: number | undefined;
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
  /** Scores of the measured frames as one video, by method, if a metric of videos was given. */
  readonly video?: Readonly<Record<string, number>> | undefined;
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
  /** Methods, in the order of the report. */
  readonly methods: readonly EvaluatedMethod[];
}

/** Options of {@linkcode evaluateSequence}. */
export interface EvaluateOptions {
  /** Number of worst frames to return with images, for each method of `worstOf`. @default {0} */
  readonly worst?: number | undefined;
  /** Names of methods whose worst frames are returned. @default {the first method} */
  readonly worstOf?: readonly string[] | undefined;
  /** Scores whole videos. @default {none} */
  readonly metric?: VideoMetric | undefined;
  /** Called if the metric fails; the sequence then has no such scores. */
  readonly onMetricError?: ((error: unknown) => void) | undefined;
  /** Stops the metric. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each measured frame. */
  readonly onPair?: ((method: string, done: number) => void) | undefined;
}

/** Scores of a sequence, and its worst frames. */
export interface EvaluatedSequence {
  /** Scores. */
  readonly result: SequenceResult;
  /** Worst frames by method, the worst first, with the images of all methods. */
  readonly worst: ReadonlyMap<string, readonly ResultWithImages[]>;
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

/** Returns the next frame of each method. @throws {JobError} If they return different frames, or different numbers of them. */
async function nextFrames(
  sequence: string,
  methods: readonly EvaluatedMethod[],
  iterators: readonly AsyncIterator<Prediction>[],
  onFrame: (rank: number) => void,
): Promise<Prediction[] | undefined> {
  const frames: Prediction[] = [];
  for (const [rank, iterator] of iterators.entries()) {
    const { done, value } = await iterator.next(), { name } = methods[rank]!;
    if (done && rank === 0) return await checkEnds(sequence, methods, iterators);
    if (done) throw new JobError(`${sequence}: ${name} returned too few frames`, { code: "part-failed" });
    if (value.name !== (frames[0] ?? value).name) {
      throw new JobError(`${sequence}: ${name} returned frame ${value.name} out of order`, { code: "part-failed" });
    }
    frames.push(value);
    onFrame(rank);
  }
  return frames;
}

/** @throws {JobError} If a method has more frames than the first one. */
async function checkEnds(
  sequence: string,
  methods: readonly EvaluatedMethod[],
  iterators: readonly AsyncIterator<Prediction>[],
): Promise<undefined> {
  for (const [rank, iterator] of iterators.entries()) {
    if (rank === 0 || (await iterator.next()).done) continue;
    throw new JobError(`${sequence}: ${methods[rank]!.name} returned too many frames`, { code: "part-failed" });
  }
}

/**
 * Measures the interpolated frames of each method on a sequence. The methods take turns, frame by frame, so that the images
 * of the worst frames of all of them are at hand, and memory use does not depend on the length of the sequence.
 *
 * @throws {UsageError} If the sequence has too few frames, or sizes differ.
 * @throws {JobError} If the methods return different frames.
 */
export async function evaluateSequence(
  comparison: Comparison,
  options: EvaluateOptions = {},
): Promise<EvaluatedSequence> {
  const { name: sequence, set, methods } = comparison, { worst: count = 0, worstOf, onPair } = options;
  const ranked = worstOf ?? methods.slice(0, 1).map(({ name }) => name), pairs: FrameResult[] = [];
  const kept = new Map(ranked.map((method) => {
    return [method, new Worst<ResultWithImages>(count, ({ scores }) => scores[method]!.psnr)] as const;
  }));
  const videos = methods.map(() => options.metric && new ScoredVideo(options.metric, options.signal));
  const iterators = methods.map((method) => method.predictions()[Symbol.asyncIterator]());
  try {
    const next = () =>
      nextFrames(sequence, methods, iterators, (rank) => onPair?.(methods[rank]!.name, pairs.length + 1));
    for (let frames; (frames = await next()) !== undefined;) {
      const [{ name, groundTruth, between }] = frames as [Prediction, ...Prediction[]];
      const byMethod = <T>(of: (frame: Prediction) => T): Record<string, T> =>
        Object.fromEntries(frames!.map((frame, rank) => [methods[rank]!.name, of(frame)]));
      const motion = between && motionBetween(...between);
      const pair = { name, scores: byMethod((frame) => score(sequence, frame)), ...motion !== undefined && { motion } };
      pairs.push(pair);
      const interpolated = byMethod((frame) => frame.interpolated);
      kept.forEach((worst) => worst.add({ ...pair, sequence, groundTruth, interpolated, between }));
      for (const [rank, video] of videos.entries()) {
        await video?.add(frames[rank]!.interpolated, frames[rank]!.groundTruth);
      }
    }
    if (pairs.length === 0) {
      throw new UsageError(`${sequence} has too few frames: at least three are needed`, { code: "input-unreadable" });
    }
    const mean = Object.fromEntries(
      methods.map(({ name }) => [name, meanScores(pairs.map(({ scores }) => scores[name]!))]),
    );
    const video = options.metric && await scoresOf(methods, videos as ScoredVideo[]).catch((error) => {
      options.signal?.throwIfAborted();
      options.onMetricError?.(error);
    });
    const result = { name: sequence, set, pairs, mean, ...video && { video } };
    return { result, worst: new Map([...kept].map(([method, { items }]) => [method, items])) };
  } finally {
    for (const video of videos) await video?.cancel();
    for (const iterator of iterators) await iterator.return?.();
  }
}

/** Returns the scores of the videos by method. */
async function scoresOf(
  methods: readonly EvaluatedMethod[],
  videos: readonly ScoredVideo[],
): Promise<Readonly<Record<string, number>>> {
  const scores: Record<string, number> = {};
  for (const [rank, { name }] of methods.entries()) scores[name] = await videos[rank]!.score();
  return scores;
}

/** Returns the means over the sequences of each set. */
export function meansOfSets(results: readonly SequenceResult[]): ReadonlyMap<string, ScoresByMethod> {
  const meanOf = (chosen: readonly SequenceResult[]) =>
    Object.fromEntries(
      Object.keys(chosen[0]!.mean).map((method) => [method, meanScores(chosen.map(({ mean }) => mean[method]!))]),
    );
  return new Map(Map.groupBy(results, ({ set }) => set).entries().map(([set, chosen]) => [set, meanOf(chosen)]));
}

/** Returns the means of the scores of videos over the sequences of each set; empty without such scores. */
export function videoMeansOfSets(
  results: readonly SequenceResult[],
): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const scored = results.filter(({ video }) => video !== undefined);
  const meanOf = (chosen: readonly SequenceResult[]) =>
    Object.fromEntries(
      Object.keys(chosen[0]!.video!).map((method) => [
        method,
        chosen.reduce((sum, { video }) => sum + video![method]!, 0) / chosen.length,
      ]),
    );
  return new Map(Map.groupBy(scored, ({ set }) => set).entries().map(([set, chosen]) => [set, meanOf(chosen)]));
}

/** Scores of the frames of a class of motion. */
export interface MotionResult {
  /** Name of the class. */
  readonly name: string;
  /** Number of frames. */
  readonly frames: number;
  /** Means over the frames. */
  readonly mean: ScoresByMethod;
}

/** Returns the means over the frames of each class of motion that has any. */
export function meansOfMotion(results: readonly SequenceResult[]): readonly MotionResult[] {
  const frames = results.flatMap(({ pairs }) => pairs).filter(({ motion }) => motion !== undefined);
  return groupByMotion(frames, ({ motion }) => motion!).map(([name, group]) => {
    const mean = Object.fromEntries(
      Object.keys(group[0]!.scores).map((method) => [method, meanScores(group.map(({ scores }) => scores[method]!))]),
    );
    return { name, frames: group.length, mean };
  });
}
