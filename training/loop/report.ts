import type { Report } from "./events.ts";
import type { BatchFacts } from "./step.ts";

/** Collects results of batches for the next report. */
export interface ReportBuilder {
  /** Adds the results of a batch. */
  add(source: string, facts: BatchFacts): void;
  /** Adds the gradient norm of a step. */
  step(gradientNorm: number): void;
  /** Returns the means since the previous call. */
  take(facts: Pick<Report, "step" | "steps" | "learningRate" | "waiting">): Report;
}

/** Means by name. */
class Means {
  readonly #sums = new Map<string, { sum: number; count: number }>();

  add(name: string, value: number): void {
    const { sum, count } = this.#sums.get(name) ?? { sum: 0, count: 0 };
    this.#sums.set(name, { sum: sum + value, count: count + 1 });
  }

  take(): Record<string, number> {
    const means = Object.fromEntries([...this.#sums].map(([name, { sum, count }]) => [name, sum / count]));
    this.#sums.clear();
    return means;
  }
}

/** Creates an empty report. */
export function createReport(): ReportBuilder {
  const losses = new Means(), psnr = new Means(), blend = new Means(), norms = new Means();
  let steps = 0, since = performance.now();
  return {
    add(source, facts) {
      for (const [name, value] of Object.entries(facts.losses)) losses.add(name, value);
      psnr.add(source, facts.psnr);
      blend.add(source, facts.blend);
    },
    step(gradientNorm) {
      norms.add("norm", gradientNorm);
      steps++;
    },
    take(facts) {
      const now = performance.now(), secondsPerStep = (now - since) / 1000 / Math.max(1, steps);
      since = now;
      steps = 0;
      const blends = blend.take();
      const sources = Object.fromEntries(
        Object.entries(psnr.take()).map(([source, value]) => [source, { psnr: value, blend: blends[source]! }]),
      );
      return { ...facts, losses: losses.take(), sources, gradientNorm: norms.take()["norm"] ?? 0, secondsPerStep };
    },
  };
}
