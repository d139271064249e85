import type { SegmentedConversion } from "@slomo/slomo";

/** A video that is open, or being opened. */
interface OpenVideo {
  readonly video: Promise<SegmentedConversion>;
  /** Number of steps that use it. */
  uses: number;
  /** Whether it closes after its last use. */
  isForgotten: boolean;
}

/** Videos of a worker that stay open after a step, because opening one tests its encoder, and opens the model. */
export class OpenVideos implements AsyncDisposable {
  readonly #videos = new Map<string, OpenVideo>();
  readonly #limit: number;

  /** @param limit Number of videos that stay open. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs a step with a video, which is opened unless it is open. It is not closed during the step. */
  async use<T>(
    id: string,
    open: () => Promise<SegmentedConversion>,
    step: (video: SegmentedConversion) => Promise<T>,
  ): Promise<T> {
    const entry = this.#videos.get(id) ?? { video: open(), uses: 0, isForgotten: false };
    // The last one is the one that was used last.
    this.#videos.delete(id);
    this.#videos.set(id, entry);
    entry.uses++;
    try {
      const video = await entry.video.catch((error) => {
        if (this.#videos.get(id) === entry) this.#videos.delete(id);
        throw error;
      });
      for (const other of [...this.#videos.keys()].slice(0, -this.#limit)) await this.forget(other);
      return await step(video);
    } finally {
      entry.uses--;
      if (entry.isForgotten && entry.uses === 0) await close(entry);
    }
  }

  /** Closes a video, after the steps that use it. The next step opens it again. */
  async forget(id: string): Promise<void> {
    const entry = this.#videos.get(id);
    if (!entry) return;
    this.#videos.delete(id);
    entry.isForgotten = true;
    if (entry.uses === 0) await close(entry);
  }

  /** Closes all videos, when no step runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#videos.keys()]) await this.forget(id);
  }
}

async function close({ video }: OpenVideo): Promise<void> {
  await (await video.catch(() => undefined))?.[Symbol.asyncDispose]();
}
