import type { DroppedItem } from "@slomo/core";
import { type CurveSample, sampleCurve } from "@slomo/core/retime";
import { toNumber } from "@slomo/core/time";
import { partDuration, type PreparedJob, type Survey } from "@slomo/core/video";
import type { PlannedModel } from "./planned_model.ts";

/** The plan of a conversion. */
export interface ConversionPlan {
  /** The checked job: source, target, frame rates, and streams that cannot be kept. */
  readonly job: PreparedJob;
  /** Numbers of frames and scene cuts, from reading the source, and an estimate of the time on this machine. */
  readonly survey: Survey;
  /** The model. */
  readonly model: PlannedModel;
}

/** Returns a sentence about a stream or property that cannot be kept. */
export function droppedText({ what, why }: DroppedItem): string {
  return `${what} ${/^\d+ .*s$/.test(what) ? "are" : "is"} not kept: ${why}`;
}

/** The plan of a conversion as plain data, which can be sent as JSON. */
export interface ConversionEstimate {
  /** The source. */
  readonly input: {
    /** The location as given. */
    readonly location: string;
    /** Number of frames in the part to process; an estimate if only the header was read, absent if it does not say. */
    readonly frames?: number | undefined;
    /** Duration in seconds of the whole source. */
    readonly seconds?: number | undefined;
    /** Mean frame rate. */
    readonly rate: number;
  };
  /** The target. */
  readonly output: {
    /** The location as given. */
    readonly location: string;
    /** Short name of the container: `mp4`, `matroska`, `images`. */
    readonly container: string;
    /** Encoder by the media handler's name for it. */
    readonly encoder: string;
    /** Pixel format by the media handler's name for it. */
    readonly pixelFormat: string;
    /** Number of frames, like that of the input. */
    readonly frames?: number | undefined;
    /** Duration in seconds. */
    readonly seconds?: number | undefined;
    /** Frame rate. */
    readonly rate: number | "variable";
  };
  /**
   * Samples of the time curve: which time of the source, in seconds from its first frame, the output shows. Absent without `slow` and
   * `retime`.
   */
  readonly curve?: readonly CurveSample[] | undefined;
  /** Streams and properties that the target cannot hold. */
  readonly dropped: readonly DroppedItem[];
  /** Remarks for the user. They name options in backticks. */
  readonly notes: readonly string[];
  /** Assumptions about properties of the source that the file does not state. They are rarely wrong. */
  readonly assumptions: readonly string[];
}

/**
 * Returns the plan of a conversion as plain data.
 *
 * @param job The job of {@linkcode ConversionPlan}.
 * @param survey Counts from reading the source. Without it, counts are estimates from the header.
 *
 * @example
 * ```ts
 * import { openSlomo, planFacts } from "@slomo/slomo";
 *
 * async function printPlan(input: string, output: string) {
 *   await using slomo = await openSlomo();
 *   const { job, survey } = await slomo.plan(input, output);
 *   console.log(JSON.stringify(planFacts(job, survey)));
 * }
 * ```
 */
export function planFacts(
  {
    info,
    plan,
    write,
    frames: { slowdown, sampling },
    sourceFrames,
    expectedFrames,
    notes,
    options,
  }: PreparedJob,
  survey?: Survey,
): ConversionEstimate {
  const { location, video, assumptions = [] } = info;
  const rate = toNumber(video.rate), read = survey?.sourceFrames ?? sourceFrames;
  const frames = survey?.outputFrames ?? expectedFrames, outputRate = write.rate && toNumber(write.rate);
  const source = video.duration ? toNumber(video.duration) : read && read / rate;
  const isPart = options.start !== undefined || options.end !== undefined, part = partDuration(options, info);
  const ofFrames = frames && outputRate ? frames / outputRate : undefined;
  const whole = part ? toNumber(part) : source;
  const seconds = sampling.kind === "curve" || isPart && ofFrames ? ofFrames : whole && whole * toNumber(slowdown);
  const { container, encoder, pixelFormat, dropped } = plan;
  return {
    input: { location, frames: read, seconds: source, rate },
    output: {
      location: write.location,
      ...{ container, encoder, pixelFormat, frames },
      seconds,
      rate: outputRate ?? "variable",
    },
    ...sampling.kind === "curve" && { curve: sampleCurve(sampling.curve, video.duration) },
    dropped: dropped.map(({ what, why }) => ({ what, why })),
    notes,
    assumptions,
  };
}
