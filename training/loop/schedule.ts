/** How the learning rate goes over a run. */
export type Schedule =
  & {
    /** The highest rate. */
    readonly rate: number;
    /** Steps over which it rises from nothing. */
    readonly warmup: number;
  }
  & ({
    /** Falls by half a cosine to `floor` times the rate. */
    readonly kind: "cosine";
    /** Share of the rate that is left at the end. */
    readonly floor: number;
  } | {
    /** Is multiplied by `factor` at each of the shares `at` of the run. */
    readonly kind: "steps";
    /** Shares of the run, rising, in (0, 1). */
    readonly at: readonly number[];
    /** Factor at each of them. */
    readonly factor: number;
  });

/** The learning rate of step `step` (from 0) of `steps`. */
export function learningRate(schedule: Schedule, step: number, steps: number): number {
  const rising = schedule.warmup === 0 ? 1 : Math.min(1, (step + 1) / schedule.warmup);
  const share = step / steps;
  if (schedule.kind === "steps") {
    return schedule.rate * rising * schedule.factor ** schedule.at.filter((at) => share >= at).length;
  }
  const fallen = (1 + Math.cos(Math.PI * share)) / 2;
  return schedule.rate * rising * (schedule.floor + (1 - schedule.floor) * fallen);
}
