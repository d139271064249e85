import { createEndWatch } from "@slomo/core/segments";
import type { JobEvent } from "@slomo/core/video";
import type { SegmentRun } from "@slomo/slomo";

/** A step that has begun. Its events wait until they are shown. */
class BegunStep<T> {
  readonly result: Promise<T>;
  readonly #waiting: JobEvent[] = [];
  #show: ((event: JobEvent) => void) | undefined;

  constructor(readonly index: number, run: (onEvent: (event: JobEvent) => void) => Promise<T>) {
    this.result = run((event) => this.#show ? this.#show(event) : this.#waiting.push(event));
    this.result.catch(() => {});
  }

  show(onEvent: (event: JobEvent) => void): void {
    this.#waiting.splice(0).forEach(onEvent);
    this.#show = onEvent;
  }
}

/** Reports a step. */
export interface StepReport<T> {
  /** Receives its events, which follow the result of the step before. */
  readonly onEvent: (event: JobEvent) => void;
  /** Receives its result. */
  readonly onResult: (result: T) => void;
}

/**
 * Runs a step for each number of a segment or shard. The step of a segment begins shortly before the previous segment ends, so
 * that it is prepared meanwhile.
 *
 * @param numbersUntil Returns the numbers; it should end or fail when the signal aborts.
 * @param step Runs a step.
 * @param reportOf Called when a step is shown.
 * @throws The error of the first step that fails, after the next one has been stopped.
 */
export async function runInOrder<T>(
  numbersUntil: (signal: AbortSignal) => AsyncIterable<number>,
  { signal, step, reportOf }: {
    readonly signal: AbortSignal;
    readonly step: (index: number, run: SegmentRun) => Promise<T>;
    readonly reportOf: (index: number) => StepReport<T>;
  },
): Promise<void> {
  const stop = new AbortController(), stops = AbortSignal.any([signal, stop.signal]);
  const numbers = numbersUntil(stops)[Symbol.asyncIterator]();
  const begin = async () => {
    const { done, value: index } = await numbers.next();
    return done ? undefined : new BegunStep(index, (onEvent) => step(index, { signal: stops, onEvent }));
  };
  let next = begin();
  try {
    for (let current = await next; current; current = await next) {
      const isNearEnd = createEndWatch(), { onEvent, onResult } = reportOf(current.index);
      let isAsked = false;
      const ask = () => {
        if (isAsked) return;
        isAsked = true;
        next = begin();
        next.catch(() => {});
      };
      current.show((event) => {
        onEvent(event);
        if (event.type === "frame" && event.total !== undefined && isNearEnd(event.done, event.total)) ask();
      });
      onResult(await current.result);
      ask();
    }
  } catch (error) {
    stop.abort(error);
    const begun = await next.catch(() => undefined);
    await begun?.result.catch(() => {});
    throw error;
  }
}
