import type { PairOfImages, VideoMetric } from "@slomo/core";
import { fromRgbImage, type RgbImage } from "../metrics/rgb_image.ts";

/** A video that a metric measures while its frames are added. */
export class ScoredVideo {
  readonly #writer: WritableStreamDefaultWriter<PairOfImages>;
  readonly #measured: Promise<number>;
  readonly #controller = new AbortController();

  /** Starts the metric. */
  constructor(metric: VideoMetric, signal: AbortSignal | undefined) {
    const { readable, writable } = new TransformStream<PairOfImages, PairOfImages>();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {});
    const stops = AbortSignal.any([this.#controller.signal, ...signal ? [signal] : []]);
    this.#measured = metric.measure(readable, stops);
    this.#measured.catch(() => {});
  }

  /** Adds a frame; resolves when the metric can take more, or has failed. */
  async add(interpolated: RgbImage, groundTruth: RgbImage): Promise<void> {
    const written = this.#writer.write([fromRgbImage(interpolated), fromRgbImage(groundTruth)]);
    written.catch(() => {});
    await Promise.race([written, this.#measured]).catch(() => {});
  }

  /**
   * Ends the video, and returns its score.
   *
   * @throws {JobError} If the metric has failed.
   */
  async score(): Promise<number> {
    // A metric that has failed does not read to the end.
    this.#writer.close().catch(() => {});
    return await this.#measured;
  }

  /** Stops the metric, unless it has ended. */
  async cancel(): Promise<void> {
    this.#controller.abort();
    // A frame may wait for a metric that has failed without reading.
    this.#writer.abort().catch(() => {});
    await this.#measured.catch(() => {});
  }
}
