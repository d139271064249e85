import { unlessAborted } from "@slomo/core/video";

/**
 * Makes several segments of one video at once, but those of another video only when they have ended: it may replace the model
 * by one for larger frames.
 */
export class Makes {
  #video = "";
  #others: Promise<unknown> = Promise.resolve();
  #all: Promise<unknown> = Promise.resolve();

  /** Runs a step that makes a segment of a video. */
  async run(video: string, signal: AbortSignal, make: () => Promise<unknown>): Promise<void> {
    if (video !== this.#video) [this.#video, this.#others] = [video, this.#all];
    const others = this.#others;
    const made = (async () => {
      await unlessAborted(others, signal);
      await make();
    })();
    this.#all = Promise.allSettled([this.#all, made]);
    await made;
  }
}
