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

/** Frames that are read once. */
export interface EarlyFrames extends AsyncIterableIterator<Frame> {
  /** Stops reading, whether it was begun or not. */
  return(): Promise<IteratorResult<Frame>>;
}

/**
 * Begins to read frames at once: requests the first pair before it is asked for. The caller reads them to the end, or calls
 * `return()`.
 *
 * @returns All frames.
 */
export function readEarly(frames: AsyncIterable<Frame>): EarlyFrames {
  const iterator = frames[Symbol.asyncIterator]();
  const pair = [iterator.next(), iterator.next()];
  pair.forEach((frame) => frame.catch(() => {}));
  return {
    next: () => pair.shift() ?? iterator.next(),
    async return() {
      pair.length = 0;
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
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
