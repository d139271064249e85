import type { JobEvent } from "@slomo/core/video";
import type { StoredPlan } from "./segment_plan.ts";

/** How to run a step of a {@linkcode SegmentedConversion}. */
export interface SegmentRun {
  /** Stops the step. */
  readonly signal?: AbortSignal | undefined;
  /** Called with progress, notes and warnings. */
  readonly onEvent?: ((event: JobEvent) => void) | undefined;
}

/** Options of {@linkcode SegmentedConversion.plan}. */
export interface SegmentPlanOptions extends SegmentRun {
  /** Stored with the plan for the programs that make the segments: any JSON value. */
  readonly command?: unknown;
}

/** Options of {@linkcode SegmentedConversion.split}. */
export interface SplitOptions extends SegmentPlanOptions {
  /** Number of shards. @default {`usualShards`} */
  readonly shards?: number | undefined;
}

/**
 * A conversion in segments, which any number of processes and machines make, in any order, in a folder that they share. Its
 * steps are `plan`, once; `make`, for each segment; and `join`. Each can be repeated: finished work stays as it is. The output
 * has the same bytes as that of `Slomo.convert()`. `Slomo.segments()` opens one.
 *
 * Instead of `plan`, any processes can plan a long source together: `split`, once; `scan`, for each shard, in any order; and
 * `merge`. The plan is the same.
 */
export interface SegmentedConversion extends AsyncDisposable {
  /** Folder of the plan and the segments. */
  readonly folder: string;
  /** Location of the output. */
  readonly output: string;
  /**
   * Plans the segments: reads the whole source, and interpolates nothing. A folder with the same plan stays as it is.
   *
   * @throws {UsageError} If the folder has segments of other settings or another source, and `overwrite` is not set.
   * @throws {JobError} If the source cannot be read.
   */
  plan(options?: SegmentPlanOptions): Promise<StoredPlan>;
  /** In how many shards the source should be scanned: one per 5 minutes of a source of more than 10 minutes, otherwise 1. */
  readonly usualShards: number;
  /**
   * Prepares to plan the segments in shards: parts of the source that are scanned independently. Reads no frames. A folder with
   * the same plan, or the same number of shards, stays as it is.
   *
   * @returns The numbers of the shards that are not scanned yet; none if the folder has the same plan.
   * @throws {UsageError} If the source cannot be scanned in shards, or as `plan`.
   */
  split(options?: SplitOptions): Promise<readonly number[]>;
  /**
   * Scans a shard for scene cuts and duplicate frames. Opens no model.
   *
   * @param index Number of the shard, from 0.
   * @returns `present` if it was scanned already.
   * @throws {UsageError} If there is no such shard; or if the source, a setting or the program has changed.
   * @throws {JobError} If the source cannot be read.
   */
  scan(index: number, run?: SegmentRun): Promise<"made" | "present">;
  /**
   * Plans the segments from all shards. If they may differ from one pass over the source, because it is damaged or cannot be
   * sought, it is read in one pass, with a note.
   *
   * @throws {UsageError} If there are no shards, or as `scan`.
   * @throws {JobError} If shards are missing, or the source cannot be read.
   */
  merge(run?: SegmentRun): Promise<StoredPlan>;
  /**
   * Makes one segment. If it is called before the previous call has ended, the segment is prepared meanwhile, and the model
   * computes its frames when those of the previous one are computed. So it pays to call it shortly before a segment ends.
   *
   * @param index Number of the segment, from 0.
   * @returns `present` if it was there already.
   * @throws {UsageError} If there is no plan or no such segment; or if the source, a setting, the code, the model or the
   * machine differs from those of the plan and the first segment. The message names the differences.
   * @throws {JobError} If reading, computing or writing fails.
   */
  make(index: number, run?: SegmentRun): Promise<"made" | "present">;
  /**
   * Returns the numbers of the segments that are not made yet.
   *
   * @throws {UsageError} If there is no plan.
   */
  missing(): Promise<number[]>;
  /**
   * Joins the segments to the output, and removes the folder.
   *
   * @throws {UsageError} If there is no plan, or the source or a setting has changed.
   * @throws {JobError} If segments are missing, or the output cannot be written. The segments are kept.
   */
  join(run?: SegmentRun): Promise<void>;
}
