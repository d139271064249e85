/** Learning-rate schedule: warm-up, then decay. */
export type Schedule =
  & {
    /** Highest learning rate. */
    readonly rate: number;
    /** Warm-up: steps over which the rate rises linearly from 0. */
    readonly warmup: number;
  }
  & ({
    /** Cosine decay to `floor` times the rate. */
    readonly kind: "cosine";
    /** Final rate relative to the highest. */
    readonly floor: number;
  } | {
    /** Step decay: the rate is multiplied by `factor` at each position in `at`. */
    readonly kind: "steps";
    /** Positions relative to the length of the run, ascending, in (0, 1). */
    readonly at: readonly number[];
    /** Factor at each position. */
    readonly factor: number;
  });

/** Returns the learning rate of step `step` (from 0) of `steps`. */
export function learningRate(schedule: Schedule, step: number, steps: number): number {
  const warmup = schedule.warmup === 0 ? 1 : Math.min(1, (step + 1) / schedule.warmup);
  const share = step / steps;
  if (schedule.kind === "steps") {
    return schedule.rate * warmup * schedule.factor ** schedule.at.filter((at) => share >= at).length;
  }
  const fallen = (1 + Math.cos(Math.PI * share)) / 2;
  return schedule.rate * warmup * (schedule.floor + (1 - schedule.floor) * fallen);
}
