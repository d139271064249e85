/** Number of measured moments that an estimate covers: enough to smooth pairs that are done together. */
const WINDOW = 32;

/** Number of moments from which there is an estimate. */
const LEAST = 4;

/** Number of frames after which a moment is measured even if all of them are interpolated. */
const MOST_FRAMES = 16;

/** Speed and remaining time of a job. */
export interface PaceEstimate {
  /** Frames per second. */
  readonly rate: number;
  /** Remaining seconds, if the number of frames is known. */
  readonly left: number | undefined;
}

/** Progress of a job after a frame. */
export interface Progress {
  /** Number of frames so far. */
  readonly done: number;
  /** Number of interpolated ones among them. */
  readonly interpolated: number;
  /** Number of all frames, if it is known. */
  readonly total: number | undefined;
}

/**
 * Estimates the remaining time of a job from its last frame pairs. All frames of a pair are done at once, so that the time is
 * measured where a source frame begins the next pair. Loading a model and the first pairs are not counted.
 */
export class Pace {
  #moments: { readonly done: number; readonly time: number }[] = [];
  #before = 0;

  /**
   * Returns the estimate after a frame; `undefined` before the first pairs are done.
   *
   * @param time Seconds from any fixed time.
   */
  after({ done, interpolated, total }: Progress, time: number): PaceEstimate | undefined {
    const last = this.#moments.at(-1);
    if (interpolated === this.#before || last === undefined || done - last.done >= MOST_FRAMES) {
      this.#moments = [...this.#moments, { done, time }].slice(-WINDOW);
    }
    this.#before = interpolated;
    const [first] = this.#moments, now = this.#moments.at(-1)!;
    if (this.#moments.length < LEAST || !first || now.time <= first.time) return undefined;
    const rate = (now.done - first.done) / (now.time - first.time);
    return { rate, left: total === undefined ? undefined : Math.max(0, total - done) / rate };
  }
}
