import type { Frame } from "../contracts/frame.ts";

/** Frames of which the first was read. */
export interface PeekedFrames {
  /** The first frame. */
  readonly first: Frame;
  /** All frames, which can be read once. */
  readonly all: AsyncGenerator<Frame>;
  /** Stops reading, whether `all` was begun or not. */
  readonly close: () => Promise<void>;
}

/** Reads the first of the frames; returns `undefined` if there is none. */
export async function peek(frames: AsyncIterable<Frame>): Promise<PeekedFrames | undefined> {
  const iterator = frames[Symbol.asyncIterator](), next = await iterator.next();
  if (next.done) return undefined;
  const first = next.value, close = async () => void await iterator.return?.();
  const all = (async function* () {
    try {
      yield first;
      yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await close();
    }
  })();
  return { first, all, close };
}
