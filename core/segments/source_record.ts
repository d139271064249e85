import { crc32 } from "node:zlib";
import type { Frame, FrameFacts, Image } from "../contracts/frame.ts";
import type { Rational } from "../time/rational.ts";
import { timeOf } from "../video/timeline.ts";
import type { SourceRange } from "./task.ts";

/** Returns the CRC-32 of the pixels of an image. */
export function checksumOf({ planes }: Image): number {
  return planes.reduce(
    (sum, { buffer, byteOffset, byteLength }) => crc32(new Uint8Array(buffer, byteOffset, byteLength), sum),
    0,
  );
}

/** Letter of a frame that is not used, because its timestamp is not above the previous one. */
export const UNUSED = "x";

/** Returns the letter of {@linkcode SourceRange.facts} for facts. */
export function letterOf({ cut = false, duplicate = false, pair }: FrameFacts): string {
  if (pair) return pair === "hold" ? "h" : "m";
  if (cut) return duplicate ? "b" : "c";
  return duplicate ? "d" : ".";
}

/** Returns the facts that a letter of {@linkcode SourceRange.facts} stands for. */
export function factsOf(letter: string | undefined): FrameFacts {
  if (letter === "h" || letter === "m") return { pair: letter === "h" ? "hold" : "blend" };
  return { cut: letter === "c" || letter === "b", duplicate: letter === "d" || letter === "b" };
}

/** Facts about each frame of a source, by frame number. If the source is read several times, the numbers continue. */
export class SourceRecord {
  readonly #times: Rational[] = [];
  readonly #checksums: number[] = [];
  readonly #letters: string[] = [];
  readonly #numbers = new WeakMap<Image, number>();
  /** Number of the first frame of each pass. */
  readonly #passes: number[] = [];
  readonly #checksumOf: (image: Image) => number;
  #known = 0;

  /** @param checksumOfImage Returns the CRC-32 of the pixels of an image. @default {computes it} */
  constructor(checksumOfImage: (image: Image) => number = checksumOf) {
    this.#checksumOf = checksumOfImage;
  }

  /** Yields the frames of a pass over the source, and records each. */
  async *read(frames: AsyncIterable<Frame>): AsyncGenerator<Frame> {
    this.#passes.push(this.#times.length);
    for await (const frame of frames) {
      this.#numbers.set(frame.image, this.#times.length);
      this.#times.push(timeOf(frame));
      this.#checksums.push(this.#checksumOf(frame.image));
      this.#letters.push(UNUSED);
      yield frame;
    }
  }

  /** Records the facts of a frame after the detectors. */
  annotate({ image, facts }: Pick<Frame, "image" | "facts">): void {
    const number = this.#numbers.get(image)!;
    this.#letters[number] = letterOf(facts);
    this.#known = number + 1;
  }

  /** Returns the number of a frame. */
  numberOf({ image }: Frame): number {
    return this.#numbers.get(image)!;
  }

  /** Number of frames whose facts are known: all before the last annotated one, including it. */
  get known(): number {
    return this.#known;
  }

  /** Returns whether a frame begins a shot. */
  isCut(number: number): boolean {
    return /[bc]/.test(this.#letters[number]!);
  }

  /** Returns whether a frame is used, and neither repeats the previous one nor begins a shot. */
  isStep(number: number): boolean {
    return /[.hm]/.test(this.#letters[number]!);
  }

  /** Returns whether two frames have the same pixels. */
  isSame(a: number, b: number): boolean {
    return a === b || this.#checksums[a] === this.#checksums[b];
  }

  /** Returns the numbers of scene cuts and of duplicate frames. */
  counts(): { readonly cuts: number; readonly duplicates: number } {
    const count = (letters: RegExp) => this.#letters.filter((letter) => letters.test(letter)).length;
    return { cuts: count(/[bc]/), duplicates: count(/[bd]/) };
  }

  /** Returns whether a frame is used. */
  isUsed(number: number): boolean {
    return this.#letters[number] !== UNUSED;
  }

  /** Returns the number of the first frame in the pass of a frame. */
  passOf(number: number): number {
    return this.#passes.findLast((first) => first <= number)!;
  }

  /** Returns a range of frames, at most up to the last one of the pass. */
  range(from: number, until: number): SourceRange {
    const to = Math.min(until, this.#passes.find((first) => first > from) ?? Infinity);
    return {
      from,
      time: this.#times[from]!,
      checksums: this.#checksums.slice(from, to),
      facts: this.#letters.slice(from, to).join(""),
    };
  }
}
