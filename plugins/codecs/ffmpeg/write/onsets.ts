import { JobError } from "@slomo/core";
import { add, type Rational, rational } from "@slomo/core/time";
import { decimal } from "../decimal.ts";
import { fileArgument, type ProbedStream } from "../ffprobe.ts";
import { timestampOption } from "../discontinuity.ts";
import { processError, startProcess } from "../process.ts";
import { audioPart } from "./audio_part.ts";
import type { Placement } from "./placement.ts";
import type { StreamCopy } from "./streams.ts";
import type { WriteJob } from "./write_job.ts";

/** Samples per second of the audio in which onsets are sought. */
const RATE = 8000;

/** Samples per step, whose energies are compared: 2.5 ms. */
const STEP = 20;

/** Steps before an onset that are its background. */
const BACKGROUND = 16;

/** How many times the energy of the background an onset has. */
const RISE = 10;

/** Energy of a sample below which nothing is heard. */
const FLOOR = 1e-6;

/** Steps from one onset to the next. */
const DISTANCE = 40;

/** Most onsets of a stream; the strongest are kept. */
const MOST = 150;

/** Finds sudden sounds in samples as they arrive. */
export class OnsetDetector {
  readonly #found: { step: number; strength: number }[] = [];
  readonly #past: number[] = [];
  #step = 0;
  #energy = 0;
  #count = 0;

  /** Adds samples, in [−1, 1]. */
  add(samples: Float32Array): void {
    for (const sample of samples) {
      this.#energy += sample * sample;
      if (++this.#count === STEP) this.#end();
    }
  }

  #end(): void {
    const energy = this.#energy / STEP, background = this.#past.reduce((sum, value) => sum + value, 0) / BACKGROUND;
    const last = this.#found.at(-1), isFar = !last || this.#step - last.step >= DISTANCE;
    if (this.#past.length === BACKGROUND && isFar && energy > FLOOR && energy > RISE * background) {
      this.#found.push({ step: this.#step, strength: energy / (background + FLOOR) });
    }
    this.#past.push(energy);
    if (this.#past.length > BACKGROUND) this.#past.shift();
    this.#step++;
    this.#energy = this.#count = 0;
  }

  /** Returns the times of the onsets in seconds from the first sample, in order. */
  times(): Rational[] {
    const strongest = this.#found.toSorted((a, b) => b.strength - a.strength).slice(0, MOST);
    return strongest.map(({ step }) => step).sort((a, b) => a - b).map((step) => rational(step * STEP, RATE));
  }
}

/**
 * Finds the sudden sounds of an audio stream, in seconds of the source. They are played at their own speed, because stretching would
 * blur or repeat them.
 *
 * @throws {JobError} If ffmpeg fails.
 */
export async function findOnsets(
  { tools, source, options: { signal } }: WriteJob,
  stream: ProbedStream,
  placement: Placement,
): Promise<Rational[]> {
  const { from, to } = audioPart(stream, placement), detector = new OnsetDetector();
  const cut = to ? `atrim=start=${decimal(from)}:end=${decimal(to)}` : `atrim=start=${decimal(from)}`;
  const child = startProcess(tools.ffmpeg, [
    ...["-nostdin", "-v", "error", ...timestampOption(source!.details.joined)],
    ...["-i", fileArgument(source!.info.location), "-map", `0:${stream.index}`, "-vn", "-ac", "1"],
    ...["-af", `aresample=async=1,${cut},aresample=${RATE}`, "-f", "f32le", "pipe:1"],
  ], { signal });
  try {
    let rest = new Uint8Array();
    for await (const chunk of child.output()) {
      const bytes = new Uint8Array(rest.length + chunk.length), whole = bytes.length - bytes.length % 4;
      bytes.set(rest);
      bytes.set(chunk, rest.length);
      detector.add(new Float32Array(bytes.buffer, 0, whole / 4));
      rest = bytes.slice(whole);
    }
    const exit = await child.exit;
    signal?.throwIfAborted();
    if (exit.code !== 0 || exit.signal) {
      throw processError(tools.ffmpeg, exit, `reading audio of ${source!.info.location}`);
    }
  } catch (error) {
    // Damaged audio is stretched without onsets.
    if (!(error instanceof JobError)) throw error;
  } finally {
    await child.kill();
  }
  return detector.times().map((time) => add(from, time));
}

/** Finds the onsets of all audio streams that are stretched by varying factors. */
export async function findAllOnsets(
  job: WriteJob,
  placement: Placement,
): Promise<ReadonlyMap<StreamCopy, readonly Rational[]>> {
  const { streams: { copies }, source, options: { copy } } = job, found = new Map<StreamCopy, readonly Rational[]>();
  if (!source || !placement.retiming || copy?.audio !== "stretch") return found;
  for (const copy of copies) {
    if (copy.stream.codec_type === "audio") found.set(copy, await findOnsets(job, copy.stream, placement));
  }
  return found;
}
