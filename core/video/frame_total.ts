import type { Frame } from "../contracts/frame.ts";
import { multiply, round, subtract } from "../time/rational.ts";
import type { PreparedJob } from "./prepare_job.ts";
import { timeOf } from "./timeline.ts";

/**
 * Creates a function that estimates the number of output frames after each of them. If the header of the source has no number
 * of frames, the estimate follows the timestamps: a variable frame rate may differ from the rate that the header states.
 *
 * @returns A function of the number of frames so far and the last one; it returns `undefined` if nothing is known.
 */
export function frameTotal(
  { expectedFrames, info: { video }, options: { start, end }, frames: { sampling }, write }: Pick<
    PreparedJob,
    "expectedFrames" | "info" | "options" | "frames" | "write"
  >,
): (written: number, frame: Frame) => number | undefined {
  const rate = write.rate ?? write.meanRate;
  const isCounted = sampling.kind !== "factor" || video.frames !== undefined && !start && !end;
  let first: Frame | undefined;
  return (written, frame) => {
    first ??= frame;
    if (expectedFrames === undefined) return undefined;
    if (isCounted || !rate) return Math.max(expectedFrames, written);
    const due = Number(round(multiply(subtract(timeOf(frame), timeOf(first)), rate))) + 1;
    const drift = Math.abs(written - due) > 1 ? written - due : 0;
    return Math.max(expectedFrames + drift, written);
  };
}
